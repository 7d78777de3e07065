import type { Answers, OpenDecision } from "../contracts/decision.ts";
import type { ArgumentValue } from "../contracts/macro-argument.ts";
import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import { applyChoices, choicesOf, lanesNeededFor, type ChosenPlan } from "./chosen-plan.ts";
import { commandProblems } from "./declared-command.ts";
import { localized } from "./refusals.ts";
import { factsOf, laneArgument, type RunFacts } from "./run-facts.ts";
import type { StepInput } from "./step.ts";
import { titles } from "./wording.ts";

/**
 * Why answers that are allowed one by one cannot be taken together: they would leave nothing to do, or something
 * else than the person selected. For the door, so that the card stays open instead of the run failing in Thinking. Undefined where they can.
 */
export function conflictOf(
  input: Pick<StepInput, "run" | "catalog" | "policyFor">,
  decision: OpenDecision,
  answers: Answers,
  args: Readonly<Record<string, ArgumentValue>>,
): Text | undefined {
  if (decision.kind !== "execution_confirmation") return undefined;
  const facts = factsOf({ ...input, costs: {} });
  const plan = applyChoices(facts, choicesOf(decision.questions, answers), args);
  const [problem] = commandProblems(facts.macro, plan.args);
  if (problem !== undefined) return problem;
  if (plan.lanes.length === 0) return keyed("reason.answers_exclude");
  return selectionConflict(facts, plan, decision, answers, args);
}

/** A selection of lanes that the person changed has to hold: it is never kept as agreed while something else runs. */
function selectionConflict(
  facts: RunFacts,
  plan: ChosenPlan,
  { args: shown, questions }: OpenDecision,
  answers: Answers,
  args: Readonly<Record<string, ArgumentValue>>,
): Text | undefined {
  const name = laneArgument(facts.macro) ?? "";
  const [selected, argument] = [args[name], shown[name]];
  if (!Array.isArray(selected) || argument === undefined || isSameSet(selected, argument.value)) return undefined;
  const needed = lanesNeededFor(facts, selected);
  const extra = plan.lanes.filter(({ laneId }) => !needed.has(laneId)).map(({ practical }) => practical);
  const missing = facts.lanes.filter(
    ({ lane }) => selected.includes(lane.id) && !plan.lanes.some(({ laneId }) => laneId === lane.id),
  );
  if (extra.length + missing.length === 0) return undefined;
  const scope = questions.find(({ id }) => id === "scope");
  const own = scope?.options.find(({ id, rejectedBecause }) => id === "own_selection" && rejectedBecause === undefined);
  const params = {
    argument: localized(argument.definition.title),
    extraCount: extra.length,
    extra: titles(extra),
    missingCount: missing.length,
    missing: titles(missing),
  };
  return scope === undefined || own === undefined || answers["scope"] === "own_selection"
    ? keyed("reason.selection_other_answers", params)
    : keyed("reason.selection_not_scope", { ...params, scope: scope.title, own: own.label });
}

function isSameSet(one: readonly string[], other: ArgumentValue): boolean {
  return Array.isArray(other) && JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted());
}
