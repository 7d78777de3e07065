import type { Decision } from "../contracts/decision.ts";
import type { Run } from "../contracts/run.ts";
import type { Translator } from "../i18n.ts";
import { cardArguments } from "./decision-card.ts";
import { argumentWords } from "./fallback.ts";

/** The values that somebody changed by hand when a decision was answered, as people read them. */
export function changedValuesOf(run: Run, decision: Decision, words: Translator): { label: string; value: string }[] {
  if (decision.status !== "answered") return [];
  const { argsChosen } = decision;
  return cardArguments(run, decision, argsChosen, words)
    .filter(({ id }) => argsChosen[id] !== undefined)
    .map((argument) => ({ label: argument.label, value: argumentWords(argument, argument.value, words) }));
}
