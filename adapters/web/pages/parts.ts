import { folderName } from "../../../src/commands/folder-name.ts";
import type { RunSummary } from "../../../src/contracts/document.ts";
import type { Text } from "../../../src/contracts/text.ts";
import { isMessageKey, type Translator } from "../../../src/i18n.ts";
import type { Scene } from "../form.ts";
import { view, type Markup } from "../markup.ts";

/** An instant, readable by people and machines. */
export function clock(instant: number, words: Translator): Markup {
  return view`<time class="muted" datetime="${new Date(instant).toISOString()}">${words.dateTime(instant)}</time>`;
}

/** The folder that a run is about, by its name; the whole path for whoever points at it. */
export function folderMark(workspace: string | undefined): Markup | string {
  return workspace === undefined
    ? ""
    : view`<span class="folder-name muted" title="${workspace}">${folderName(workspace)}</span>`;
}

/** What a stable code stands for, in words; the code itself is for searching, and stands beside it. */
export function codeWords(code: string, words: Translator): string | undefined {
  const key = `web.code.${code.split(".")[0] ?? ""}`;
  return isMessageKey(key) ? words.t(key) : undefined;
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

/** How a run stands; an active one that cannot go on is not at work. */
export function statusBadge({ runId, status }: Pick<RunSummary, "runId" | "status">, scene: Scene): Markup {
  const shown = status === "active" && scene.isTroubled(runId) ? "trouble" : status;
  return view`<span class="badge ${shown}">${scene.viewer.words.t(`web.status.${shown}`)}</span>`;
}

/** What keeps a run from moving that its cards cannot tell; empty, and so silent, while nothing does. */
export function troubleBox(trouble: Text | null, words: Translator): Markup {
  if (trouble === null) return view`<div id="trouble" data-live></div>`;
  const [title, text] = [words.t("web.trouble"), words.say(trouble)];
  return view`<div id="trouble" data-live><p class="note refused" data-key="trouble" data-announce="${title} ${text}"><strong>${title}</strong> ${text}</p></div>`;
}

type Cell = Markup | string;

/**
 * A table whose rows become blocks of labelled lines where the page is narrow: nothing scrolls sideways. The cell in the
 * column `naming` names its row. The roles are written out, since browsers forget them where a table is laid out
 * otherwise.
 */
export function tableOf(
  label: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  naming = 0,
): Markup {
  const cell = (content: Cell, at: number): Markup => {
    if (at === naming) return view`<th scope="row" role="rowheader">${content}</th>`;
    const blank = content === "" ? view` class="blank"` : "";
    return view`<td role="cell" data-label="${head[at] ?? ""}"${blank}>${content}</td>`;
  };
  return view`<div class="table"><table role="table" aria-label="${label}"><thead role="rowgroup"><tr role="row">${head.map((each) => view`<th scope="col" role="columnheader">${each}</th>`)}</tr></thead><tbody role="rowgroup">${rows.map((cells) => view`<tr role="row">${cells.map(cell)}</tr>`)}</tbody></table></div>`;
}
