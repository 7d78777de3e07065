import type { Text } from "./text.ts";

/** One line of the self-check; `mend` says what to do, and is null where nothing is to be done. */
export interface Check {
  readonly id: string;
  readonly state: "ok" | "warn" | "fail";
  readonly text: Text;
  readonly mend: Text | null;
}

export const ok = (id: string, text: Text): Check => ({ id, state: "ok", text, mend: null });
export const warn = (id: string, text: Text, mend: Text): Check => ({ id, state: "warn", text, mend });
export const fail = (id: string, text: Text, mend: Text): Check => ({ id, state: "fail", text, mend });
