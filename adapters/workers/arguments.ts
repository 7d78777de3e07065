import type { Brief } from "../../src/contracts/worker.ts";

/** An argument of the macro as a whole number. Throws where the brief holds something else. */
export function integerArgument(brief: Brief, name: string, fallback: number): number {
  const value = brief.args[name] ?? fallback;
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw new TypeError(`The argument "${name}" must be a whole number; it is ${JSON.stringify(value)}.`);
}

/** An argument of the macro that is on or off. Throws where the brief holds something else. */
export function booleanArgument(brief: Brief, name: string, fallback: boolean): boolean {
  const value = brief.args[name] ?? fallback;
  if (typeof value === "boolean") return value;
  throw new TypeError(`The argument "${name}" must be true or false; it is ${JSON.stringify(value)}.`);
}
