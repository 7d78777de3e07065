import type { Failure } from "../contracts/failure.ts";
import { stageOf, type StageKey } from "../contracts/stage.ts";
import { raw } from "../contracts/text.ts";
import { CoxswainError, messageOf } from "../errors.ts";
import { keyed } from "../i18n.ts";

/** A failure that people can read, from whatever was thrown. Unknown errors are ours: not retried, and said as they are. */
export function failureOf(error: unknown, stage: StageKey): Failure {
  const known = error instanceof CoxswainError;
  return {
    code: known ? error.code : "internal.error",
    retryable: known && error.retryable,
    text: keyed("failure.step", { stage: stageOf(stage).label, reason: raw(messageOf(error)) }),
    evidence: [],
  };
}
