import { createHash } from "node:crypto";
import { resolveAnswers, resolveSelection, type ResolvedAnswers } from "../commands/answers.ts";
import type { Command, CommandReply } from "../contracts/command.ts";
import type { Answers, Decision, OpenDecision } from "../contracts/decision.ts";
import type { RunEvent } from "../contracts/event.ts";
import type { Actor, RunId } from "../contracts/id.ts";
import type { LanguageResolution } from "../contracts/language.ts";
import type { ArgumentValue } from "../contracts/macro.ts";
import { isFinished, type Run } from "../contracts/run.ts";
import type { Binding, MetaTask } from "../contracts/task.ts";
import type { Text } from "../contracts/text.ts";
import { actorName } from "../cards/decision-card.ts";
import { CoxswainError, GateError, messageOf } from "../errors.ts";
import {
  FALLBACK_LANGUAGE,
  keyed,
  SHIPPED_LANGUAGES,
  translatorFor,
  type MessageKey,
  type Translator,
} from "../i18n.ts";
import { conflictOf } from "../spine/answer-check.ts";
import { validateArguments } from "../spine/arguments.ts";
import { WAIVE, WAIVER_REASON } from "../spine/policy-decision.ts";
import { detectLanguage, resolveLanguage } from "../spine/language.ts";
import { redriveWith } from "../spine/redrive.ts";
import { actOnQueue } from "./act-on-queue.ts";
import { authorize, mayWaive } from "./authorize.ts";
import type { Control } from "./deps.ts";

/** Who acts where a program does, through the automation API or in code. */
export const AUTOMATION = { surface: "api", user: "automation" } as const satisfies Actor;

/** A run's id follows from the command that started it, so a redelivered start is the same run. */
export function runIdOf(commandId: string): RunId {
  const digest = createHash("sha256").update(commandId).digest();
  const number = digest.readBigUInt64BE(0);
  return `run_${number.toString(32).padStart(13, "0")}`;
}

/**
 * The one door (architecture: handle). Resolves when what was asked is durable. What was asked wrongly or too late
 * gets a refusal with a stable code and a sentence in the person's language.
 */
export async function handleCommand(control: Control, command: Command): Promise<CommandReply> {
  try {
    switch (command.kind) {
      case "run.start":
        return await startRun(control, command);
      case "decision.answer":
        return await answerDecision(control, command);
      case "decision.select":
        return await selectInDecision(control, command);
      case "decision.undo":
        return await apply(control, command, () => ({
          kind: "decision.undone",
          id: command.id,
          at: control.clock.now(),
          by: command.by,
        }));
      case "run.cancel":
        return await apply(control, command, (run) => cancelEvent(control, command, run));
      case "run.message":
        return await followLanguage(control, command);
      case "language.set":
        return await apply(control, command, () => {
          const language = { language: command.language, source: "explicit_output_choice" } as const;
          return { kind: "language.changed", id: command.id, at: control.clock.now(), language };
        });
      case "dead_letter.retry":
        return await apply(control, command, (run) => retryEvent(control, command, run));
      case "dead_letter.discard":
        return await apply(control, command, () => ({
          kind: "dead_letter.discarded",
          id: command.id,
          at: control.clock.now(),
          by: command.by,
          reason: command.reason,
        }));
      case "queue.pause":
      case "queue.resume":
      case "queue.raise":
      case "queue.lower":
      case "queue.weigh":
      case "queue.drain":
      case "queue.undrain":
        return await actOnQueue(control, command);
    }
  } catch (error) {
    control.log.error({ command: command.kind, err: messageOf(error) }, "a command failed");
    const code = error instanceof CoxswainError ? error.code : "internal.error";
    if (code === "engine.write_failed") {
      const words = await wordsFor(control, command);
      return { kind: "refused", code, message: words.t("reply.not_saved", { reason: messageOf(error) }) };
    }
    return { kind: "refused", code, message: messageOf(error) };
  }
}

async function startRun(control: Control, command: Extract<Command, { kind: "run.start" }>): Promise<CommandReply> {
  const { id: commandId, task } = command;
  const runId = runIdOf(commandId);
  const known = await control.engine.read(runId);
  const language = languageOf(control, task);
  const words = translatorFor(language.language);
  if (known !== undefined) return already(runId, words.t("reply.already_started"));
  const problem = notAllowed(control, command, undefined, words) ?? taskProblem(control, task, words);
  if (problem !== undefined) return problem;
  if (!control.mayUseWorkspace(command.by, task.workspace)) {
    return {
      kind: "refused",
      code: "workspace.not_allowed",
      message: words.t("reply.workspace_not_allowed", { folder: task.workspace }),
    };
  }
  if (!(await control.workspace.isFolder(task.workspace))) {
    return {
      kind: "refused",
      code: "workspace.missing",
      message: words.t("reply.no_workspace", { folder: task.workspace }),
    };
  }
  const event: RunEvent = {
    kind: "run.started",
    id: commandId,
    at: control.clock.now(),
    runId,
    task: {
      ...taskWithDeadline(task, control.clock.now()),
      bindings: [...homeOf(control, command), ...control.operatorChannels],
    },
    tenant: control.tenantOf({ ...task, bindings: homeOf(control, command) }),
    language,
  };
  const { document } = await control.state.commit(runId, event);
  return { kind: "accepted", runId, version: document.run.version };
}

/** "Within two hours" begins to count when it is asked for. */
function taskWithDeadline({ withinMs, ...task }: MetaTask, now: number): MetaTask {
  return withinMs === undefined || task.deadline !== undefined ? task : { ...task, deadline: now + withinMs };
}

/** What a program starts gets its thread in the configured channel, unless the program names another place. */
function homeOf(control: Control, { by, task }: Extract<Command, { kind: "run.start" }>): Binding[] {
  const { automationChannel } = control;
  const unplaced = by.surface === AUTOMATION.surface && task.bindings.length === 0;
  return unplaced && automationChannel !== null ? [automationChannel] : task.bindings;
}

/** Asked again here, at the time of the command: what a surface showed or hid before decides nothing. */
function notAllowed(
  control: Control,
  command: Command,
  run: Run | undefined,
  words: Translator,
): CommandReply | undefined {
  const refusal = authorize(command, run, control.rolesOf);
  if (refusal === undefined) return undefined;
  return { kind: "refused", code: refusal.code, message: words.say(refusal.message) };
}

function languageOf(control: Control, task: MetaTask): LanguageResolution {
  return resolveLanguage({
    toolSelected: control.toolLanguage,
    explicit: task.language,
    latestInput: task.goal,
    environment: task.environmentLanguage,
    shipped: SHIPPED_LANGUAGES,
  });
}

/** Stronger than what somebody writes: it was chosen, not guessed (G9). */
const CHOSEN_LANGUAGES: readonly LanguageResolution["source"][] = ["tool_selected", "explicit_output_choice"];

/** A run speaks the language of who spoke last, unless one was chosen; where the text does not tell, nothing changes. */
async function followLanguage(
  control: Control,
  command: Extract<Command, { kind: "run.message" }>,
): Promise<CommandReply> {
  const run = (await control.engine.read(command.runId))?.run;
  if (run === undefined) return unknownRun(command.runId);
  const spoken = detectLanguage(command.text, SHIPPED_LANGUAGES);
  const chosen = CHOSEN_LANGUAGES.includes(run.language.source);
  if (spoken === undefined || spoken === run.language.language || chosen || isFinished(run)) {
    return { kind: "accepted", runId: run.runId, version: run.version };
  }
  return apply(control, command, () => ({
    kind: "language.changed",
    id: command.id,
    at: control.clock.now(),
    language: { language: spoken, source: "latest_user_input" },
  }));
}

/** What can be known to be wrong with a task before a run is made of it. */
function taskProblem(control: Control, task: MetaTask, words: Translator): CommandReply | undefined {
  if (task.macro === undefined) return undefined;
  const macro = control.catalog.macros.find((known) => known.id === task.macro);
  if (macro === undefined) {
    const names = words.list(control.catalog.macros.map((known) => known.id));
    return {
      kind: "refused",
      code: "macro.unknown",
      message: words.t("reply.unknown_macro", { came: task.macro, known: names }),
    };
  }
  const verdict = validateArguments(macro, { ...task.args, ...task.presetArgs });
  if (verdict.ok) return undefined;
  return {
    kind: "refused",
    code: "macro.bad_argument",
    message: verdict.problems.map((problem) => words.say(problem)).join("\n"),
  };
}

type AnswerCommand = Extract<Command, { kind: "decision.answer" }>;
type SelectCommand = Extract<Command, { kind: "decision.select" }>;

/** A rule is set aside by operators only, and never without a reason that is kept (M6). */
function waiverProblem(
  control: Control,
  by: Actor,
  answers: Answers,
  args: Readonly<Record<string, ArgumentValue>>,
): { code: string; message: Text } | undefined {
  if (!Object.values(answers).includes(WAIVE)) return undefined;
  if (!mayWaive(by, control.rolesOf)) return { code: "auth.not_allowed", message: keyed("policy.waive_not_allowed") };
  const reason = args[WAIVER_REASON];
  if (typeof reason === "string" && reason.trim() !== "") return undefined;
  return {
    code: "policy.reason_missing",
    message: keyed("policy.reason_missing", { field: keyed("policy.reason.title") }),
  };
}

function answerDecision(control: Control, command: AnswerCommand): Promise<CommandReply> {
  return onOpenDecision(control, command, (run, decision): RunEvent | CommandReply => {
    const resolved = resolveAnswers(decision, command.answers, command.args);
    if (!resolved.ok) return refusalOf(run, resolved);
    const conflict = conflictOf({ run, catalog: control.catalog }, decision, resolved.answers, resolved.args);
    if (conflict !== undefined) return refusalOf(run, { code: "answer.conflict", message: conflict });
    const problem = waiverProblem(control, command.by, resolved.answers, resolved.args);
    if (decision.kind === "policy_violation" && problem !== undefined) return refusalOf(run, problem);
    return {
      kind: "decision.answered",
      id: command.id,
      at: control.clock.now(),
      decisionId: decision.decisionId,
      answers: resolved.answers,
      args: resolved.args,
      by: command.by,
      ...(decision.kind === "permission" ? { undoUntil: control.clock.now() + control.undoMs } : {}),
    };
  });
}

function selectInDecision(control: Control, command: SelectCommand): Promise<CommandReply> {
  return onOpenDecision(control, command, (run, decision): RunEvent | CommandReply => {
    const resolved = resolveSelection(decision, command.answers, command.args);
    if (!resolved.ok) return refusalOf(run, resolved);
    const { answers, args } = resolved;
    return {
      kind: "decision.selected",
      id: command.id,
      at: control.clock.now(),
      decisionId: decision.decisionId,
      answers,
      args,
      by: command.by,
    };
  });
}

function refusalOf(run: Run, { code, message }: Omit<Extract<ResolvedAnswers, { ok: false }>, "ok">): CommandReply {
  return { kind: "refused", code, message: wordsOf(run).say(message) };
}

/** Commits the event that a command on an open question means; a question that is closed says who closed it. */
async function onOpenDecision(
  control: Control,
  command: AnswerCommand | SelectCommand,
  eventFor: (run: Run, decision: OpenDecision) => RunEvent | CommandReply,
): Promise<CommandReply> {
  const document = await control.engine.read(command.runId);
  if (document === undefined) return unknownRun(command.runId);
  const { run } = document;
  if (document.inbox.includes(command.id)) return already(run.runId, wordsOf(run).t("reply.already_done"));
  const refusal = notAllowed(control, command, run, wordsOf(run));
  if (refusal !== undefined) return refusal;
  const decision = run.decisions.findLast((known) =>
    command.decisionId === undefined ? known.status === "open" : known.decisionId === command.decisionId,
  );
  if (decision?.status !== "open") return closedDecision(run, decision ?? run.decisions.at(-1));
  const event = eventFor(run, decision);
  if (!("at" in event)) return event;
  try {
    const { document: after } = await control.state.commit(run.runId, event);
    return { kind: "accepted", runId: run.runId, version: after.run.version };
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    // Somebody else was faster: say who, from what is saved now.
    const now = (await control.engine.read(run.runId))?.run ?? run;
    return closedDecision(
      now,
      now.decisions.find((known) => known.decisionId === decision.decisionId),
    );
  }
}

/** The friendly answer to a stale or second click. */
function closedDecision(run: Run, decision: Decision | undefined): CommandReply {
  const words = wordsOf(run);
  switch (decision?.status) {
    case "answered": {
      const key: MessageKey = decision.how === "person" ? "reply.already_decided" : "reply.decided_in_advance";
      const params = { who: actorName(decision.answeredBy), when: words.dateTime(decision.answeredAt) };
      return already(run.runId, words.t(key, params));
    }
    case "withdrawn":
      return already(run.runId, words.t("reply.withdrawn", { when: words.dateTime(decision.withdrawnAt) }));
    case "open":
    case undefined:
      return { kind: "refused", code: "decision.none_open", message: words.t("reply.no_question") };
  }
}

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

function cancelEvent(control: Control, command: Extract<Command, { kind: "run.cancel" }>, run: Run): RunEvent {
  if (!isCancelable(run)) throw new GateError("run.too_late", wordsOf(run).t("reply.too_late_to_cancel"));
  return { kind: "run.canceled", id: command.id, at: control.clock.now(), by: command.by };
}

function retryEvent(control: Control, command: Extract<Command, { kind: "dead_letter.retry" }>, run: Run): RunEvent {
  const { id, by, args = {} } = command;
  const retried: RunEvent = { kind: "dead_letter.retried", id, at: control.clock.now(), by };
  if (Object.keys(args).length === 0 || run.status.kind !== "dead_letter") return retried;
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

/** Refusals of the spine that people may well run into, in their words. */
const REFUSALS: Readonly<Record<string, MessageKey>> = {
  "dead_letter.not_dead": "reply.not_dead",
  "run.too_late": "reply.too_late_to_cancel",
  "decision.undo_too_late": "reply.too_late_to_undo",
};

async function apply(
  control: Control,
  command: Extract<Command, { readonly runId: RunId }>,
  eventFor: (run: Run) => RunEvent,
): Promise<CommandReply> {
  const document = await control.engine.read(command.runId);
  if (document === undefined) return unknownRun(command.runId);
  const words = wordsOf(document.run);
  const refusal = notAllowed(control, command, document.run, words);
  if (refusal !== undefined) return refusal;
  try {
    const committed = await control.state.commit(command.runId, eventFor(document.run));
    if (committed.kind === "duplicate") return already(command.runId, words.t("reply.already_done"));
    return { kind: "accepted", runId: command.runId, version: committed.document.run.version };
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    if (error.code === "run.finished" && command.kind === "dead_letter.retry") {
      const now = (await control.engine.read(command.runId))?.run ?? document.run;
      const reply = discardedReply(now);
      if (reply !== undefined) return reply;
    }
    if (error.code === "run.finished") return already(command.runId, words.t("reply.run_finished"));
    const key = REFUSALS[error.code];
    if (key !== undefined) return { kind: "refused", code: error.code, message: words.t(key) };
    return { kind: "refused", code: error.code, message: error.message };
  }
}

/** The language of the run that a command is about; of the task where it is to begin one. */
async function wordsFor(control: Control, command: Command): Promise<Translator> {
  if (command.kind === "run.start") return translatorFor(languageOf(control, command.task).language);
  const run = "runId" in command ? (await control.engine.read(command.runId))?.run : undefined;
  return run === undefined ? translatorFor(control.toolLanguage ?? FALLBACK_LANGUAGE) : wordsOf(run);
}

function wordsOf(run: Run): Translator {
  return translatorFor(run.language.language);
}

function already(runId: RunId, message: string): CommandReply {
  return { kind: "already", runId, message };
}

function unknownRun(runId: RunId): CommandReply {
  return { kind: "refused", code: "run.unknown", message: translatorFor("en").t("reply.unknown_run", { run: runId }) };
}
