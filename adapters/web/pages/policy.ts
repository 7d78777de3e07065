import type { PolicyVerdict } from "../../../src/contracts/policy.ts";
import type { Run } from "../../../src/contracts/run.ts";
import type { Translator } from "../../../src/i18n.ts";
import { view, type Markup } from "../markup.ts";
import { tableOf } from "./parts.ts";

/** What rules said to the work of a run, each with its place, and which of them operators set aside; empty where none. */
export function policySection(run: Run, names: ReadonlyMap<string, string>, words: Translator): Markup {
  const rows = [
    ...run.dispatches.flatMap(({ work, policy = [] }) =>
      work.kind === "stage"
        ? []
        : policy.map((verdict) => verdictRow(verdict, names.get(work.laneId) ?? work.laneId, words)),
    ),
    ...(run.change?.policy ?? []).map((verdict) =>
      verdictRow(verdict, words.t("web.policy.change", { lane: names.get(run.change?.laneId ?? "") ?? "" }), words),
    ),
  ];
  // Always there, so that a page that is open shows what comes later.
  if (rows.length === 0) return view`<section id="policy" data-live></section>`;
  const head = (["rule", "said", "subject", "work"] as const).map((name) => words.t(`web.policy.${name}`));
  const waivers = run.waivers.map(
    ({ rule, subject, by, at, reason }) =>
      view`<li>${words.t("policy.waived", {
        who: by.displayName ?? by.user,
        when: words.dateTime(at),
        place: `${rule.file}:${rule.line}`,
        subject,
        rule: rule.text,
        reason,
      })}</li>`,
  );
  return view`<section id="policy" data-live aria-labelledby="policy-title"><h2 id="policy-title">${words.t("web.policy.title")}</h2>${tableOf(words.t("web.policy.title"), head, rows)}${waivers.length === 0 ? "" : view`<ul>${waivers}</ul>`}</section>`;
}

function verdictRow({ rule, outcome, subject }: PolicyVerdict, work: string, words: Translator): (Markup | string)[] {
  const place = view`${rule.text}<span class="muted">${rule.file}:${rule.line}</span>`;
  return [place, words.t(`policy.verdict.${outcome}`), subject, work];
}
