import type { Answers, OpenDecision } from "../contracts/decision.ts";
import type { ArgumentValue } from "../contracts/macro.ts";
import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import { applyChoices, choicesOf } from "./chosen-plan.ts";
import { commandProblems } from "./declared-command.ts";
import { factsOf } from "./run-facts.ts";
import type { StepInput } from "./step.ts";

/**
 * Why answers that are allowed one by one cannot be taken together: they would leave nothing to do. For the
 * door, so that the card stays open instead of the run failing in Thinking. Undefined where they can.
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
  return plan.lanes.length > 0 ? undefined : keyed("reason.answers_exclude");
}
