import type { ArgumentValue } from "../contracts/macro.ts";

type Values = Readonly<Record<string, ArgumentValue>>;

/**
 * The values that hold once a decision is answered: the present ones, over them what the chosen options set (a later
 * question over an earlier one), and over all of it what the person changed by hand.
 */
export function argumentsInForce(
  present: Values,
  setByChosen: readonly Values[],
  changed: Values,
): Record<string, ArgumentValue> {
  return Object.assign({}, present, ...setByChosen, changed);
}
