import type { ContentEvidencePacket, FetchRecord } from "../contracts/packets/fetch.ts";
import type { DispatchEnvelopePacket } from "../contracts/packets/thinking.ts";
import type { TaskClassification } from "../contracts/packets/critical.ts";
import type { ArbitrationPacket, VerificationPacket } from "../contracts/packets/closing.ts";

/** meta-warden: verdicts at the gates and the last word on publication (G16, G18, G33). */

export interface Verdict {
  readonly passed: boolean;
  readonly reasons: string[];
}

function verdict(reasons: (string | false)[]): Verdict {
  const wrong = reasons.filter((reason) => reason !== false);
  return { passed: wrong.length === 0, reasons: wrong };
}

/** Is the classification consistent, and one that can be worked on here? Only type C is built (G11). */
export function judgeClassification(classification: TaskClassification): Verdict {
  const { type, macroId, path, risk, taskClass } = classification;
  return verdict([
    type !== "C" && `type ${type} is not built`,
    taskClass === "query" && path !== "fast_path" && "it is a question that no query answers",
    taskClass !== "query" && path === "fast_path" && "only a query walks the fast_path",
    macroId === null && "no procedure is meant",
    risk === "high" && path !== "regulated_path" && `high risk on the ${path}`,
    classification.triggerReasons.length === 0 && "nothing says why it was classified so",
  ]);
}

/** Is the evidence enough to pass on to Thinking (G16, G28)? Prism has judged its quality before. */
export function arbitrateEvidence(sufficiency: ContentEvidencePacket["sufficiency"], record: FetchRecord): Verdict {
  return verdict([
    !sufficiency.enough && sufficiency.reason,
    !record.capabilitySearchPerformed && "the capability search was not performed",
    record.researchRequired && !record.researchValidationPerformed && "outside facts are needed and were not checked",
  ]);
}

/** PASS only where every check of a gate passed; a gate without checks passes nothing (G18). */
export function judgeGate(
  checks: DispatchEnvelopePacket["gate3"]["checks"],
): DispatchEnvelopePacket["gate3"]["verdict"] {
  return checks.length > 0 && checks.every((check) => check.passed) ? "PASS" : "FAIL";
}

/** May the result be called complete (G33)? Names the conditions that do not hold. */
export function judgePublication(publication: VerificationPacket["publication"]): Verdict {
  if (publication.length === 0) return { passed: false, reasons: ["no condition was checked"] };
  return verdict(publication.map((entry) => !entry.holds && `${entry.condition}: ${entry.detail}`));
}

/** A lane that was sent back again and again and comes back the same. */
export interface StuckLane {
  readonly laneId: string;
  readonly required: boolean;
  readonly writes: boolean;
  /** Another lane's good result was built on its own. */
  readonly builtUpon: boolean;
  /** Meta-Review found that none of the checks that fail proves much. */
  readonly doubtfulChecks: boolean;
}

/**
 * Ends a loop that brings nothing new (G15). Once only: a run that comes back after that is stopped. Where nothing
 * sound is left there is nothing to go on with; a doubtful check of work that only reads is set aside, said plainly;
 * what the rest does not need is left out; everything else is for a person.
 */
export function arbitrate(
  stuck: readonly StuckLane[],
  sound: readonly string[],
  arbitratedBefore: boolean,
): Pick<ArbitrationPacket, "outcome" | "reason" | "separable"> {
  const separable = sound.length > 0 && stuck.every((lane) => !lane.required && !lane.builtUpon);
  const names = stuck.map(({ laneId }) => laneId).join(", ");
  if (arbitratedBefore) {
    return { outcome: "stop_blocked", separable, reason: `it was arbitrated before, and ${names} is still open` };
  }
  if (sound.length === 0) {
    return { outcome: "stop_blocked", separable, reason: `nothing has passed its checks; stuck: ${names}` };
  }
  if (stuck.every((lane) => lane.doubtfulChecks && !lane.writes)) {
    const reason = `${names} only reads, and Meta-Review found that the checks that fail prove little`;
    return { outcome: "proceed_with_assumption", separable, reason };
  }
  if (separable) {
    return { outcome: "narrow_scope", separable, reason: `${names} is not required, and no sound result stands on it` };
  }
  return { outcome: "ask_user", separable, reason: `${names} is required, writes, or carries other results` };
}
