import type { ContentEvidencePacket, FetchRecord } from "../contracts/packets/fetch.ts";
import type { DispatchEnvelopePacket } from "../contracts/packets/thinking.ts";
import type { TaskClassification } from "../contracts/packets/critical.ts";
import type { VerificationPacket } from "../contracts/packets/closing.ts";

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
