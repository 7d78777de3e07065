import type { PolicyRef, PolicyVerdict } from "../contracts/policy.ts";
import type { Run } from "../contracts/run.ts";
import { actorName } from "./decision-card.ts";
import type { MessageKey, Translator } from "../i18n.ts";

/** `AGENTS.md:12`: the form that editors and terminals make a link of. */
export function placeOf({ file, line }: Pick<PolicyRef, "file" | "line">): string {
  return `${file}:${line}`;
}

/** When and on what a rule of a kind is really checked. Nothing more is claimed. */
export function enforcedHow(kind: PolicyVerdict["kind"], words: Translator): string {
  return words.t(`policy.how.${kind}`);
}

/** What no rule can be enforced about, whatever a file says: a worker is a process with its owner's rights. */
export const NOT_ENFORCED = [
  "policy.unenforced.network",
  "policy.unenforced.nested",
  "policy.unenforced.reading",
  "policy.unenforced.outside",
  "policy.unenforced.disposable",
] as const satisfies readonly MessageKey[];

/** Which rules operators set aside in a run: who, when, why, and for what. */
export function waiverLines(run: Run, words: Translator, mark = (value: string) => value): string[] {
  return run.waivers.map(({ rule, subject, by, at, reason }) =>
    words.t("policy.waived", {
      who: actorName(by),
      when: words.dateTime(at),
      place: mark(placeOf(rule)),
      subject: mark(subject),
      rule: rule.text,
      reason,
    }),
  );
}
