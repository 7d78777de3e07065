import { resolveAnswers, resolveSelection, type ResolvedAnswers } from "../commands/answers.ts";
import { actorName } from "../cards/decision-card.ts";
import type { Command, CommandReply } from "../contracts/command.ts";
import type { Answers, Decision, OpenDecision } from "../contracts/decision.ts";
import type { RunEvent } from "../contracts/event.ts";
import type { Actor } from "../contracts/id.ts";
import type { ArgumentValue } from "../contracts/macro-argument.ts";
import type { Run } from "../contracts/run.ts";
import type { Text } from "../contracts/text.ts";
import { keyed, type MessageKey } from "../i18n.ts";
import { conflictOf } from "../spine/answer-check.ts";
import { WAIVE, WAIVER_REASON } from "../spine/policy-decision.ts";
import { mayWaive } from "./authorize.ts";
import type { Control } from "./deps.ts";
import { already, notAllowed, replyOf, wordsOf, type Refusal } from "./replies.ts";
import type { Decided } from "./state.ts";

type AnswerCommand = Extract<Command, { kind: "decision.answer" }>;
type SelectCommand = Extract<Command, { kind: "decision.select" }>;

/** Answers the open question of a run. */
export function answerDecision(control: Control, command: AnswerCommand): Promise<CommandReply> {
  return onOpenDecision(control, command, (run, decision): RunEvent | CommandReply => {
    const resolved = resolveAnswers(decision, command.answers, command.args);
    if (!resolved.ok) return refusalOf(run, resolved);
    const conflict = conflictOf({ ...control, run }, decision, resolved.answers, resolved.args);
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
      ...(command.inAdvance === true ? { inAdvance: true } : {}),
      ...(decision.kind === "permission" ? { undoUntil: control.clock.now() + control.undoMs } : {}),
    };
  });
}

/** Stores what was selected on an open card; it is no answer yet. */
export function selectInDecision(control: Control, command: SelectCommand): Promise<CommandReply> {
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

function refusalOf(run: Run, { code, message }: Omit<Extract<ResolvedAnswers, { ok: false }>, "ok">): CommandReply {
  return { kind: "refused", code, message: wordsOf(run).say(message) };
}

/** Commits the event that a command on an open question means; a question that is closed says who closed it. */
async function onOpenDecision(
  control: Control,
  command: AnswerCommand | SelectCommand,
  eventFor: (run: Run, decision: OpenDecision) => RunEvent | CommandReply,
): Promise<CommandReply> {
  const { runId } = command;
  // What an answer means depends on what stands chosen on the card: a selection may be just being saved.
  const committed = await control.state.decide(runId, (document): Decided<Refusal> => {
    if (document === undefined) return { declined: "unknown" };
    const { run, inbox } = document;
    if (inbox.includes(command.id)) return { declined: already(runId, wordsOf(run).t("reply.already_done")) };
    const refusal = notAllowed(control, command, run, wordsOf(run));
    if (refusal !== undefined) return { declined: refusal };
    const decision = run.decisions.findLast((known) =>
      command.decisionId === undefined ? known.status === "open" : known.decisionId === command.decisionId,
    );
    if (decision?.status !== "open") return { declined: closedDecision(run, decision ?? run.decisions.at(-1)) };
    const event = eventFor(run, decision);
    return "at" in event ? { event } : { declined: event };
  });
  return replyOf(control, runId, committed);
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
