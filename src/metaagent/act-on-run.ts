import { actorName } from "../cards/decision-card.ts";
import type { Command, CommandReply } from "../contracts/command.ts";
import type { RunEvent } from "../contracts/event.ts";
import type { RunId } from "../contracts/id.ts";
import type { LanguageResolution } from "../contracts/language.ts";
import { isFinished, type Run } from "../contracts/run.ts";
import { GateError } from "../errors.ts";
import { SHIPPED_LANGUAGES, type MessageKey } from "../i18n.ts";
import { detectLanguage } from "../spine/language.ts";
import { redriveWith } from "../spine/redrive.ts";
import type { Control } from "./deps.ts";
import { already, notAllowed, replyOf, unknownRun, wordsOf, type Refusal } from "./replies.ts";
import type { Decided } from "./state.ts";

/** Commits the event that a command on a run means, and says in the run's words why it could not be. */
export async function actOnRun(
  control: Control,
  command: Extract<Command, { readonly runId: RunId }>,
  eventFor: (run: Run) => RunEvent,
): Promise<CommandReply> {
  const { runId } = command;
  try {
    const committed = await control.state.decide(runId, (document): Decided<Refusal> => {
      if (document === undefined) return { declined: "unknown" };
      const refusal = notAllowed(control, command, document.run, wordsOf(document.run));
      return refusal === undefined ? { event: eventFor(document.run) } : { declined: refusal };
    });
    return await replyOf(control, runId, committed);
  } catch (error) {
    const run = error instanceof GateError ? (await control.engine.read(runId))?.run : undefined;
    if (!(error instanceof GateError) || run === undefined) throw error;
    const words = wordsOf(run);
    if (error.code === "run.finished") {
      const discarded = command.kind === "dead_letter.retry" ? discardedReply(run) : undefined;
      return discarded ?? already(runId, words.t("reply.run_finished"));
    }
    const key = REFUSALS[error.code];
    if (key !== undefined) return { kind: "refused", code: error.code, message: words.t(key) };
    return { kind: "refused", code: error.code, message: error.message };
  }
}

/** Refusals of the spine that people may well run into, in their words. */
const REFUSALS: Readonly<Record<string, MessageKey>> = {
  "dead_letter.not_dead": "reply.not_dead",
  "run.too_late": "reply.too_late_to_cancel",
  "decision.undo_too_late": "reply.too_late_to_undo",
};

/** A run speaks the language of who spoke last, unless one was chosen; where the text does not tell, nothing changes. */
export async function followLanguage(
  control: Control,
  command: Extract<Command, { kind: "run.message" }>,
): Promise<CommandReply> {
  const run = (await control.engine.read(command.runId))?.run;
  if (run === undefined) return unknownRun(control, command.runId);
  const spoken = detectLanguage(command.text, SHIPPED_LANGUAGES);
  const chosen = CHOSEN_LANGUAGES.includes(run.language.source);
  if (spoken === undefined || spoken === run.language.language || chosen || isFinished(run)) {
    return { kind: "accepted", runId: run.runId, version: run.version };
  }
  return actOnRun(control, command, () => ({
    kind: "language.changed",
    id: command.id,
    at: control.clock.now(),
    language: { language: spoken, source: "latest_user_input" },
  }));
}

/** Stronger than what somebody writes: it was chosen, not guessed (G9). */
const CHOSEN_LANGUAGES: readonly LanguageResolution["source"][] = ["tool_selected", "explicit_output_choice"];

/**
 * Canceling is safe until something is being kept in the workspace. In Critical, Fetch and Thinking nothing was changed
 * anywhere; in Execution, Review, Meta-Review and Verification all work is in copies, which are removed when the workers
 * have ended; a permission that was given can be canceled until its branch is being made. Not safe: while the branch is
 * being made, and from the start of Evolution's step, which writes the report and perhaps leaves it in the workspace.
 */
export function isCancelable(run: Run): boolean {
  if (run.status.kind === "active" && run.change?.status === "keeping") return false;
  const last = run.dispatches.at(-1);
  return !(last?.status === "started" && last.work.kind === "stage" && last.work.step === "evolution");
}

export function cancelEvent(control: Control, command: Extract<Command, { kind: "run.cancel" }>, run: Run): RunEvent {
  if (!isCancelable(run)) throw new GateError("run.too_late", wordsOf(run).t("reply.too_late_to_cancel"));
  return { kind: "run.canceled", id: command.id, at: control.clock.now(), by: command.by };
}

export function retryEvent(
  control: Control,
  command: Extract<Command, { kind: "dead_letter.retry" }>,
  run: Run,
): RunEvent {
  const { id, by, args = {} } = command;
  const retried: RunEvent = { kind: "dead_letter.retried", id, at: control.clock.now(), by };
  if (run.status.kind !== "dead_letter") return retried;
  const redrive = redriveWith(run, control.catalog.macros, args);
  if (redrive.ok) return { ...retried, ...redrive.event };
  const words = wordsOf(run);
  throw new GateError(redrive.code, redrive.problems.map((problem) => words.say(problem)).join("\n"));
}

/** Given up is for good: a new run is the way, and the refusal says so (M8). */
function discardedReply(run: Run): CommandReply | undefined {
  if (run.status.kind !== "discarded") return undefined;
  const words = wordsOf(run);
  const { discardedBy, discardedAt, reason } = run.status;
  const params = { who: actorName(discardedBy), when: words.dateTime(discardedAt), reason };
  return { kind: "refused", code: "dead_letter.discarded", message: words.t("reply.discarded", params) };
}
