import type { DecisionOption, OpenDecision } from "../contracts/decision.ts";
import type { ArbitrationPacket } from "../contracts/packets/closing.ts";
import type { Run } from "../contracts/run.ts";
import { keyed } from "../i18n.ts";
import { laneTitle } from "./lane-title.ts";
import { optionTexts, toOption } from "./questions/draft.ts";
import { nextDecisionId } from "./run-changes.ts";

/** Id of the one question; its answers are the ways on. */
export const ARBITRATION_QUESTION = "way_on";

/** The warden's loop breaker asks a person (G15): what is stuck, and the ways on. No time-out answers it. */
export function arbitrationDecision(
  run: Run,
  { lanes, bounces, separable }: ArbitrationPacket,
  at: number,
): OpenDecision {
  const open = run.workFindings.filter((finding) => finding.status.kind === "open").map(({ text }) => text);
  const params = { lanes: lanes.map((laneId) => laneTitle(run, laneId)), count: bounces };
  return {
    status: "open",
    decisionId: nextDecisionId(run),
    kind: "arbitration",
    openedAt: at,
    context: [{ heading: keyed("arbitration.heading"), lines: [keyed("arbitration.explanation", params), ...open] }],
    questions: [
      {
        id: ARBITRATION_QUESTION,
        title: keyed("arbitration.question", params),
        options: [
          option("narrow_scope", separable),
          option("proceed_with_assumption", false),
          option("stop", !separable),
        ].map((each) =>
          each.id === "narrow_scope" && !separable
            ? { ...each, rejectedBecause: keyed("arbitration.not_separable") }
            : each,
        ),
      },
    ],
    args: {},
  };
}

function option(id: "narrow_scope" | "proceed_with_assumption" | "stop", recommended: boolean): DecisionOption {
  const because = keyed(id === "stop" ? "arbitration.because.stop" : "arbitration.because.narrow_scope");
  return toOption({ id, ...optionTexts(`arbitration.${id}`), effect: {} }, recommended ? because : undefined);
}
