import type { ChangeState } from "../contracts/change.ts";
import { QUESTIONS_A_CARD, type DecisionOption, type OpenDecision, type Question } from "../contracts/decision.ts";
import { isViolation, type PolicyVerdict } from "../contracts/policy.ts";
import type { LaneState, Run } from "../contracts/run.ts";
import { type LocalizedText, raw, type Text } from "../contracts/text.ts";
import { keyed, SHIPPED_LANGUAGES, translatorFor, type MessageKey } from "../i18n.ts";
import { laneTitle } from "./lane-title.ts";
import { optionTexts, toOption } from "./questions/draft.ts";
import { nextDecisionId } from "./run-changes.ts";

/** The argument of the card that holds the operator's reason. */
export const WAIVER_REASON = "reason";
/** The answer that only an operator may give. */
export const WAIVE = "waive";
const LISTED = 10;

/** Rules forbid lanes that were to be dispatched: which, at which line, and the ways out. The lane's id is the question's; what finds no room is asked about on the next card. */
export function blockedLanesDecision(run: Run, lanes: readonly LaneState[], at: number): OpenDecision {
  const shown = lanes.slice(0, QUESTIONS_A_CARD);
  const context = shown.map(({ laneId }) => ({
    heading: keyed("policy.heading.lane", { lane: laneTitle(run, laneId) }),
    lines: violationLines(blockedVerdicts(run, laneId)),
  }));
  const questions = shown.map(({ laneId }): Question => {
    const obstacle = obstacleToLeavingOut(run, laneId);
    const others = withDependents(run, laneId).filter((id) => id !== laneId);
    const more =
      others.length === 0
        ? keyed("policy.alone")
        : keyed("policy.with", { lanes: others.map((id) => laneTitle(run, id)) });
    return {
      id: laneId,
      title: keyed("policy.question.lane", { lane: laneTitle(run, laneId) }),
      options: [
        option("leave_out", { more }, obstacle === undefined, obstacle),
        option(WAIVE, {}, false),
        option("cancel", {}, false),
      ],
    };
  });
  return decision(run, context, questions, at);
}

/** Rules forbid that a change leaves its copy. */
export function blockedChangeDecision(
  run: Run,
  { laneId }: Pick<ChangeState, "laneId">,
  policy: readonly PolicyVerdict[],
  at: number,
): OpenDecision {
  const context = [
    { heading: keyed("policy.heading.change", { lane: laneTitle(run, laneId) }), lines: violationLines(policy) },
  ];
  const question: Question = {
    id: laneId,
    title: keyed("policy.question.change", { lane: laneTitle(run, laneId) }),
    options: [option("keep_nothing", {}, true), option(WAIVE, {}, false), option("cancel", {}, false)],
  };
  return { ...decision(run, context, [question], at), laneId };
}

function decision(run: Run, context: OpenDecision["context"], questions: Question[], at: number): OpenDecision {
  return {
    status: "open",
    decisionId: nextDecisionId(run),
    kind: "policy_violation",
    openedAt: at,
    context,
    questions,
    args: {
      [WAIVER_REASON]: {
        definition: {
          type: "string",
          title: inAllLanguages("policy.reason.title"),
          description: inAllLanguages("policy.reason.description"),
          default: "",
          maxLength: 500,
        },
        value: "",
      },
    },
  };
}

/** What forbade a lane's last dispatch. */
export function blockedVerdicts(run: Run, laneId: string): PolicyVerdict[] {
  const lane = run.lanes[laneId];
  const dispatch =
    lane?.status === "blocked" ? run.dispatches.find((known) => known.dispatchId === lane.dispatchId) : undefined;
  return (dispatch?.policy ?? []).filter(isViolation);
}

/** A rule in a sentence: its words, its place, and what it forbids here. */
export function violationText({ rule, kind, subject }: PolicyVerdict): Text {
  const params = { rule: raw(rule.text), place: raw(`${rule.file}:${rule.line}`), subject: raw(subject) };
  switch (kind) {
    case "deny_paths":
    case "allow_paths":
      return keyed("policy.violation.deny_paths", params);
    case "deny_command":
    case "allow_command":
      return keyed("policy.violation.deny_command", params);
    case "only_commands":
    case "require_command":
    case "inside_workspace":
    case "no_secrets":
    case "worker_time":
      return keyed(`policy.violation.${kind}`, params);
  }
}

export function violationLines(verdicts: readonly PolicyVerdict[]): Text[] {
  const violations = verdicts.filter(isViolation);
  const more = violations.length - LISTED;
  const lines = violations.slice(0, LISTED).map(violationText);
  return more > 0 ? [...lines, keyed("policy.more", { count: more })] : lines;
}

/** The lane and all that wait for it, directly or through others. */
export function withDependents(run: Run, laneId: string): string[] {
  const all = [laneId];
  for (const id of all) {
    for (const packet of run.packets.workerTaskPackets ?? [])
      if (packet.dependsOn.includes(id) && !all.includes(packet.laneId)) all.push(packet.laneId);
  }
  return all;
}

/** Why the run cannot go on without the lane; undefined where the rest is still worth it. */
export function obstacleToLeavingOut(run: Run, laneId: string): Text | undefined {
  if ((run.lanes[laneId]?.revision ?? 0) > 0) return keyed("policy.obstacle.revision");
  const out = withDependents(run, laneId);
  const required = run.packets.workerTaskPackets?.find(
    (packet) => packet.required === true && out.includes(packet.laneId),
  );
  if (required !== undefined) return keyed("policy.obstacle.required", { lane: laneTitle(run, required.laneId) });
  const left = Object.values(run.lanes).filter((lane) => lane.status !== "left_out" && !out.includes(lane.laneId));
  return left.length === 0 ? keyed("policy.obstacle.nothing_left") : undefined;
}

function inAllLanguages(key: MessageKey): LocalizedText {
  const en = translatorFor("en").t(key);
  return { ...Object.fromEntries(SHIPPED_LANGUAGES.map((tag) => [tag, translatorFor(tag).t(key)])), en };
}

type OptionId = "leave_out" | "keep_nothing" | "waive" | "cancel";

function option(id: OptionId, params: Record<string, Text>, recommended: boolean, obstacle?: Text): DecisionOption {
  return toOption(
    { id, ...optionTexts(`policy.option.${id}`, params), effect: {}, rejectedBecause: obstacle },
    recommended ? keyed("policy.because_narrow") : undefined,
  );
}
