import type { AuditEntry, AuditVerdict } from "../contracts/audit.ts";
import { isMessageKey, type Translator } from "../i18n.ts";

/** What an entry of an audit trail tells of, as a sentence without its end. */
export function whatHappened({ what }: Pick<AuditEntry, "what">, words: Translator): string {
  const key = `audit.event.${what}`;
  return isMessageKey(key) ? words.t(key) : what;
}

/** Who did it, by the name that they had; undefined for what nobody in particular did. */
export function doneBy({ by }: Pick<AuditEntry, "by">): string | undefined {
  return by?.displayName ?? by?.user;
}

/** Whether the trail of `run` is as it was written. */
export function trailState(run: string, { entries, fault, mendable }: AuditVerdict, words: Translator): string {
  if (fault !== undefined) return words.t(`audit.fault.${fault.kind}`, { run, number: fault.number });
  const count = entries.length;
  if (count === 0) return words.t("audit.none", { run });
  if (mendable > 0) return words.t("audit.mendable", { run, count, missing: mendable });
  return words.t("audit.good", { run, count });
}
