import type { RunSummary } from "../../../src/contracts/document.ts";
import type { Text } from "../../../src/contracts/text.ts";
import type { Translator } from "../../../src/i18n.ts";
import { view, type Markup } from "../markup.ts";

/** An instant, readable by people and machines. */
export function clock(instant: number, words: Translator): Markup {
  return view`<time class="muted" datetime="${new Date(instant).toISOString()}">${words.dateTime(instant)}</time>`;
}

/** Links to the other pages of a list; nothing where there is only one. */
export function pager(
  path: string,
  params: Readonly<Record<string, string>>,
  page: number,
  pages: number,
  words: Translator,
): Markup | string {
  if (pages <= 1) return "";
  const to = (number: number): string =>
    `${path}?${new URLSearchParams({ ...params, page: String(number) }).toString()}`;
  const link = (number: number, label: string, holds: boolean): Markup =>
    holds
      ? view`<a class="button quiet" href="${to(number)}">${label}</a>`
      : view`<span class="button quiet" aria-disabled="true">${label}</span>`;
  return view`<nav class="pager" aria-label="${words.t("web.pager.label")}">${link(page - 1, words.t("web.pager.newer"), page > 1)}<span class="muted">${words.t("web.pager.where", { page, pages })}</span>${link(page + 1, words.t("web.pager.older"), page < pages)}</nav>`;
}

export function statusBadge(status: RunSummary["status"], words: Translator): Markup {
  return view`<span class="badge ${status}">${words.t(`web.status.${status}`)}</span>`;
}

/** What keeps a run from moving that its cards cannot tell; empty, and so silent, while nothing does. */
export function troubleBox(trouble: Text | null, words: Translator): Markup {
  if (trouble === null) return view`<div id="trouble" data-live></div>`;
  const [title, text] = [words.t("web.trouble"), words.say(trouble)];
  return view`<div id="trouble" data-live><p class="note refused" data-key="trouble" data-announce="${title} ${text}"><strong>${title}</strong> ${text}</p></div>`;
}

/** A table that scrolls by itself where the page is narrow, reachable by keyboard. */
export function tableOf(label: string, head: readonly string[], rows: readonly Markup[]): Markup {
  return view`<div class="table" role="region" aria-label="${label}" tabindex="0"><table><thead><tr>${head.map((each) => view`<th scope="col">${each}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
