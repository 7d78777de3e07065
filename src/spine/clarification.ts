import type { DecisionOption, OpenDecision } from "../contracts/decision.ts";
import type { Macro } from "../contracts/macro.ts";
import type { Run } from "../contracts/run.ts";
import { raw } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import { goalLine, likeness, PROCEDURE_QUESTION, STOP_OPTION, type Intent } from "./classification.ts";
import { localized, possibleText } from "./refusals.ts";
import { isQuery } from "./query.ts";
import { optionTexts, toOption } from "./questions/draft.ts";
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
  const lanes = macro.lanes.map((lane) => localized(lane.title));
  const params = { title, description: localized(macro.description), count: lanes.length, lanes };
  const because = recommended ? keyed("clarification.use.because", { shared, title }) : undefined;
  return toOption({ id: macro.id, ...optionTexts("clarification.use", params), effect: {} }, because);
}

function stopOption(recommended: boolean): DecisionOption {
  const because = recommended ? keyed("clarification.stop.because") : undefined;
  return toOption({ id: STOP_OPTION, ...optionTexts("clarification.stop"), effect: {} }, because);
}
