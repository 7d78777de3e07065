import { ArgumentValue } from "../contracts/macro-argument.ts";
import type { Run } from "../contracts/run.ts";

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

/** The arguments that a run goes by: what its plan holds, over what was said before there was one. */
export function argumentsOfRun({ task, redriveArgs, packets }: Run): Record<string, ArgumentValue> {
  const planned = Object.entries(packets.runHeader?.args ?? {}).flatMap(([id, value]) => {
    const parsed = ArgumentValue.safeParse(value);
    return parsed.success ? [[id, parsed.data] as const] : [];
  });
  return { ...task.args, ...task.presetArgs, ...redriveArgs, ...Object.fromEntries(planned) };
}
