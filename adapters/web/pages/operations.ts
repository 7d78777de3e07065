import type { RunView } from "../../../src/contracts/view.ts";
import type { Translator } from "../../../src/i18n.ts";
import { cardBlock } from "../cards/card.ts";
import type { LetterFilter } from "../../../src/commands/bulk-retry.ts";
import { hiddenFields, type Scene } from "../form.ts";
import type { PageParts } from "../layout.ts";
import { LIMITS } from "../limits.ts";
import { flag, view, type Markup } from "../markup.ts";
import { clock, codeWords, pager } from "./parts.ts";

export interface LettersContent {
  /** Those of this page. */
  readonly runs: readonly RunView[];
  /** How many the filter means. */
  readonly total: number;
  readonly page: number;
  readonly filter: LetterFilter;
  /** What can be filtered by: what there is. */
  readonly kinds: { readonly macros: readonly string[]; readonly codes: readonly string[] };
}

/** Runs that failed for good and wait for an operator; those of a kind can be retried together. */
export function deadLettersPage(content: LettersContent, scene: Scene): PageParts {
  const { words } = scene.viewer;
  const { runs, total, page, filter } = content;
  const params = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  const cards = runs.flatMap(({ summary, deadLetter, requestedBy }) =>
    deadLetter === null
      ? []
      : [
          view`<div class="entry" data-key="${summary.runId}"><p>${clock(summary.updatedAt, words)}</p>${cardBlock(deadLetter, `card-${summary.runId}`, scene, requestedBy)}</div>`,
        ],
  );
  return {
    title: words.t("web.nav.dead_letters"),
    topics: ["runs"],
    body: view`<h1>${words.t("web.nav.dead_letters")}</h1>
    <p class="muted" id="dead-count" data-live>${words.t("web.dead.count", { count: total })}</p>
    ${filterForm(content, scene)}
    ${handledNote(runs, scene)}
    <div id="dead" data-live>${cards}</div>
    ${pager("/dead-letters", params, page, Math.ceil(total / LIMITS.threadsListed), words)}`,
  };
}

/** Choosing a kind comes first, so that whoever retries many has seen which. */
function filterForm({ filter, kinds, total }: LettersContent, scene: Scene): Markup | string {
  const { words } = scene.viewer;
  if (kinds.codes.length === 0) return "";
  const select = (name: "macro" | "code", values: readonly string[]): Markup =>
    view`<div><label for="by-${name}">${words.t(`web.dead.by_${name}`)}</label><select id="by-${name}" name="${name}"><option value="">${words.t("web.runs.any")}</option>${values.map(
      (value) =>
        view`<option value="${value}" ${flag(filter[name] === value, "selected")}>${name === "macro" ? scene.nameOf("macro", value) : withCode(value, words)}</option>`,
    )}</select></div>`;
  const { macro = "", code = "" } = filter;
  const retry =
    macro + code === "" || total === 0 || scene.mayNot("dead_letter.retry", undefined) !== undefined
      ? ""
      : view`<details class="ask-twice"><summary>${words.t("web.dead.retry_all", { count: total })}</summary><p>${words.t("web.dead.retry_all_confirm")}</p><form method="post" action="/dead-letters/retry">${hiddenFields(scene)}<input type="hidden" name="macro" value="${macro}"><input type="hidden" name="code" value="${code}"><button class="primary">${words.t("web.dead.retry_all", { count: total })}</button></form></details>`;
  return view`<form class="filter" method="get" action="/dead-letters">${select("macro", kinds.macros)}${select("code", kinds.codes)}<button class="normal">${words.t("web.runs.show")}</button></form>${retry}`;
}

function withCode(code: string, words: Translator): string {
  const said = codeWords(code, words);
  return said === undefined ? code : `${said} · ${code}`;
}

/** A letter that was just handled is no longer listed; what came of the click must be said all the same. */
function handledNote(runs: readonly RunView[], { note, viewer }: Scene): Markup | string {
  if (note?.about === undefined || runs.some(({ summary }) => summary.runId === note.about)) return "";
  return view`<div class="note ${note.tone}" id="note" role="status" tabindex="-1" autofocus>${note.text} <a href="/runs/${note.about}">${viewer.words.t("web.card.run_page")}</a></div>`;
}
