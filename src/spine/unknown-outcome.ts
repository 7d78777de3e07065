import { QUESTIONS_A_CARD, type DecisionOption, type OpenDecision, type Question } from "../contracts/decision.ts";
import type { Run } from "../contracts/run.ts";
import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import { laneTitle } from "./lane-title.ts";
import { optionTexts, toOption } from "./questions/draft.ts";
import { nextDecisionId } from "./run-changes.ts";

/**
 * An attempt was interrupted, left no saved result, and must not simply be repeated: a person says what to do.
 * One question for each lane, with the lane's id as the question's id; what finds no room is asked about on the next card.
 */
export function unknownOutcomeDecision(run: Run, laneIds: readonly string[], at: number): OpenDecision {
  return {
    status: "open",
    decisionId: nextDecisionId(run),
    kind: "outcome_unknown",
    openedAt: at,
    context: [
      { heading: keyed("outcome_unknown.heading"), lines: explanations(run, laneIds.slice(0, QUESTIONS_A_CARD)) },
    ],
    questions: laneIds.slice(0, QUESTIONS_A_CARD).map((laneId): Question => ({
      id: laneId,
      title: keyed("outcome_unknown.question", { lane: laneTitle(run, laneId) }),
      options: [option("run_again", true), option("accept_unknown", false), option("stop", false)],
    })),
    args: {},
  };
}

/** Where somebody saw how it was cut off, that is said; else the bot itself had gone. */
function explanations(run: Run, laneIds: readonly string[]): Text[] {
  const reasons = laneIds.map((laneId) => {
    const last = run.dispatches.findLast(({ work }) => work.kind === "lane" && work.laneId === laneId);
    const failure = last?.status === "outcome_unknown" ? last.failure : undefined;
    return failure && keyed("outcome_unknown.cut_off", { lane: laneTitle(run, laneId), reason: failure.text });
  });
  const known = reasons.filter((reason) => reason !== undefined);
  const unseen = known.length < laneIds.length ? [keyed("outcome_unknown.explanation")] : [];
  return [...unseen, ...known];
}

function option(id: "run_again" | "accept_unknown" | "stop", recommended: boolean): DecisionOption {
  const because = recommended ? keyed("outcome_unknown.because") : undefined;
  return toOption({ id, ...optionTexts(`outcome_unknown.${id}`), effect: {} }, because);
}
