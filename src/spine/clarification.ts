import type { DecisionOption, OpenDecision } from "../contracts/decision.ts";
import type { Macro } from "../contracts/macro.ts";
import type { Run } from "../contracts/run.ts";
import { raw } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import { goalLine, likeness, PROCEDURE_QUESTION, STOP_OPTION, type Intent } from "./classification.ts";
import { localized, possibleText } from "./refusals.ts";
import { isQuery } from "./query.ts";
import { nextDecisionId } from "./run-changes.ts";

const PROCEDURES_A_CARD = 3;

/** The one blocking question of Critical (G18): which procedure is meant? Choosing one would be a guess. */
export function clarificationFor(
  run: Run,
  intent: Extract<Intent, { kind: "unclear" }>,
  macros: readonly Macro[],
  at: number,
): OpenDecision {
  const { goal } = run.task;
  const offered = intent.candidates
    .filter((macro) => macro.type === "C" && !isQuery(macro))
    .map((macro) => ({ macro, shared: likeness(goal, macro) }))
    .toSorted((a, b) => b.shared - a.shared)
    .slice(0, PROCEDURES_A_CARD);
  const [best, second] = offered;
  // Only where the goal itself points somewhere, and nowhere else as much, may a procedure be recommended.
  const points =
    best !== undefined &&
    intent.why !== "asks_for_change" &&
    best.shared >= 2 &&
    (second === undefined || second.shared < best.shared);
  return {
    status: "open",
    decisionId: nextDecisionId(run),
    kind: "clarification",
    openedAt: at,
    context: [
      {
        heading: keyed("clarification.heading"),
        lines: [
          keyed("clarification.goal", { goal: raw(goalLine(goal)) }),
          keyed(`clarification.why.${intent.why}`),
          possibleText(macros),
        ],
      },
    ],
    questions: [
      {
        id: PROCEDURE_QUESTION,
        title: keyed("clarification.question"),
        options: [
          ...offered.map(({ macro, shared }) => procedureOption(macro, shared, points && macro === best.macro)),
          stopOption(!points),
        ],
      },
    ],
    args: {},
  };
}

function procedureOption(macro: Macro, shared: number, recommended: boolean): DecisionOption {
  const title = localized(macro.title);
  const description = localized(macro.description);
  const count = macro.lanes.length;
  const lanes = macro.lanes.map((lane) => localized(lane.title));
  return {
    id: macro.id,
    label: keyed("clarification.use.label", { title }),
    changes: keyed("clarification.use.changes", { count, lanes }),
    solves: keyed("clarification.use.solves", { title }),
    result: keyed("clarification.use.result", { description }),
    advantages: keyed("clarification.use.advantages", { title }),
    disadvantages: keyed("clarification.use.disadvantages", { title }),
    recommended,
    ...(recommended ? { recommendedBecause: keyed("clarification.use.because", { shared, title }) } : {}),
    effect: {},
  };
}

function stopOption(recommended: boolean): DecisionOption {
  return {
    id: STOP_OPTION,
    label: keyed("clarification.stop.label"),
    changes: keyed("clarification.stop.changes"),
    solves: keyed("clarification.stop.solves"),
    result: keyed("clarification.stop.result"),
    advantages: keyed("clarification.stop.advantages"),
    disadvantages: keyed("clarification.stop.disadvantages"),
    recommended,
    ...(recommended ? { recommendedBecause: keyed("clarification.stop.because") } : {}),
    effect: {},
  };
}
