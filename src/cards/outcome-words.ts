import type { Decision } from "../contracts/decision.ts";
import type { Failure } from "../contracts/failure.ts";
import type { LaneState, Run } from "../contracts/run.ts";
import type { Text } from "../contracts/text.ts";
import { latestOutcomes, type StepOutcome, type VerifyStep } from "../contracts/verify-step.ts";
import type { Translator } from "../i18n.ts";
import { changedValuesOf } from "./changed-values.ts";
import { actorName } from "./decision-card.ts";
import { unavailableOf } from "./findings.ts";
import { laneName, lanesInOrder } from "./lane-words.ts";

/** Weak checks named one by one on a card; the report names all. */
const LISTED_WEAK = 3;

/**
 * Sentences about how the work of a run came out, for result card, dead letter and report. The translator
 * decides what they are safe for: it neutralises (cards) or escapes (Markdown) what came from outside.
 */
export function laneOutcome(run: Run, laneId: string, words: Translator): string {
  const name = laneName(run, laneId, words);
  const lane = run.lanes[laneId];
  switch (lane?.status) {
    case "succeeded":
      if (run.packets.workerTaskPackets?.some((packet) => packet.laneId === laneId && packet.command !== undefined)) {
        const code = String(lane.result.exitCode);
        return words.t("runbook.lane.ended", { lane: name, code, duration: words.duration(lane.result.durationMs) });
      }
      return words.t("result.lane.succeeded", {
        lane: name,
        duration: words.duration(lane.result.durationMs),
        findings: lane.result.findings.length,
      });
    case "failed":
      return words.t("result.lane.failed", { lane: name, reason: lane.failure.text });
    case "blocked":
      return words.t("result.lane.blocked", { lane: name });
    case "left_out":
      return words.t("result.lane.left_out", { lane: name, place: `${lane.rule.file}:${lane.rule.line}` });
    case "outcome_unknown":
    case "accepted_unknown":
      return words.t("result.lane.unknown", { lane: name });
    case "waiting":
    case "dispatched":
    case undefined:
      return words.t("result.lane.not_done", { lane: name });
  }
}

/** Everything that could not be checked, and why: never passed over in silence. */
export function uncheckedLines(run: Run, words: Translator): string[] {
  const reported = unavailableOf(run).map(({ laneId, text }) =>
    words.t("result.unchecked.part", { lane: laneName(run, laneId, words), reason: text }),
  );
  const lanes = lanesInOrder(run).filter((laneId) => !isDone(run.lanes[laneId]));
  const notDone = lanes.map((laneId) => laneOutcome(run, laneId, words));
  const work = run.workFindings
    .filter(({ status }) => status.kind !== "closed")
    .map(({ laneId, text, status }) => {
      const lane = laneName(run, laneId, words);
      return status.kind === "not_closable"
        ? words.t("result.unchecked.not_closable", { lane, text, reason: status.reason })
        : words.t("result.unchecked.open", { lane, text });
    });
  const unseen = leftOutOfCopies(run).map((gap) => words.say(gap));
  return [...reported, ...notDone, ...leftOutLines(run, words), ...work, ...unseen];
}

/** What the card had named as left out, or what was not chosen; what is done by name only is no check. */
function leftOutLines(run: Run, words: Translator): string[] {
  return (run.packets.businessFlowBlueprintPacket?.omittedLanes ?? [])
    .filter(({ laneId, keeps }) => keeps === undefined && run.lanes[laneId] === undefined)
    .map(({ laneId, reason }) => words.t("result.unchecked.left_out", { lane: laneName(run, laneId, words), reason }));
}

const LEFT_OUT = ["workspace.gap.unreadable", "workspace.gap.outside_links", "workspace.gap.special_files"];

/** What lies in the folder and was in no copy, so that no worker saw it. */
function leftOutOfCopies({ packets }: Run): Text[] {
  const gaps = packets.contentEvidencePacket?.workspace.gaps ?? [];
  return gaps.filter((gap) => gap.kind === "key" && LEFT_OUT.includes(gap.key));
}

function isDone(lane: LaneState | undefined): boolean {
  return lane?.status === "succeeded";
}

/** Checks whose pass proves little, said with what they check. */
export function weakCheckLines(run: Run, words: Translator): string[] {
  return latestOutcomes(run)
    .filter(({ weak }) => weak)
    .map((outcome) => {
      const lane = laneName(run, outcome.laneId, words);
      return words.t("result.weak", { lane, check: checkWords(run, outcome, words) });
    });
}

/** The same, short enough for a card: counted where there are many, with the parts that have no better check. */
export function weakCheckSummary(run: Run, words: Translator): string[] {
  const lines = weakCheckLines(run, words);
  if (lines.length <= LISTED_WEAK) return lines;
  const bare = run.packets.metaReviewPacket?.lanesWithoutStrongStep ?? [];
  return [
    words.t("result.weak.many", { count: lines.length, total: latestOutcomes(run).length, bare: bare.length }),
    ...bare.map((laneId) => words.t("result.weak.lane", { lane: laneName(run, laneId, words) })),
  ];
}

/** What a check looks at, in plain language. */
export function checkWords(
  run: Run,
  { laneId, stepId }: Pick<StepOutcome, "laneId" | "stepId">,
  words: Translator,
): string {
  const packet = run.packets.workerTaskPackets?.find((candidate) => candidate.laneId === laneId);
  const step: VerifyStep | undefined = packet?.verifySteps.find(({ id }) => id === stepId);
  return step === undefined ? stepId : words.t(`result.check.${step.kind}`);
}

/** What was chosen, by whom and how, question by question. */
export function choiceLines(run: Run, words: Translator): string[] {
  return run.decisions.flatMap((decision) => {
    // A permission that was taken back stands in the audit trail, and was not what was chosen.
    const undone = decision.kind === "permission" && decision.decisionId !== run.change?.decisionId;
    if (decision.status !== "answered" || undone) return [];
    return [...chosenIn(decision, words), ...changedValues(run, decision, words)];
  });
}

function changedValues(run: Run, decision: Extract<Decision, { status: "answered" }>, words: Translator): string[] {
  const how = howChosen(decision, words);
  return changedValuesOf(run, decision, words).map(({ label, value }) =>
    words.t("report.chosen.line", { question: label, option: value, how }),
  );
}

function howChosen(decision: Extract<Decision, { status: "answered" }>, words: Translator): string {
  return words.t(`report.chosen.${decision.how}`, {
    who: actorName(decision.answeredBy),
    when: words.dateTime(decision.answeredAt),
  });
}

function chosenIn(decision: Extract<Decision, { status: "answered" }>, words: Translator): string[] {
  const how = howChosen(decision, words);
  return decision.questions.flatMap((question) => {
    const option = question.options.find(({ id }) => id === decision.answers[question.id]);
    return option === undefined
      ? []
      : [words.t("report.chosen.line", { question: question.title, option: option.label, how })];
  });
}

/** Why the run came to a halt; kept by the last failed attempt once the letter was handled. */
export function failureOf(run: Run): Failure | undefined {
  if (run.status.kind === "dead_letter") return run.status.failure;
  const failed = run.dispatches.findLast(({ status }) => status === "failed");
  return failed?.status === "failed" ? failed.failure : undefined;
}
