import { RunSummary } from "../../../src/contracts/document.ts";
import { stageOf } from "../../../src/contracts/stage.ts";
import { plainText, shorten } from "../../../src/plain-text.ts";
import type { Scene } from "../form.ts";
import type { PageParts } from "../layout.ts";
import { LIMITS } from "../limits.ts";
import { flag, view, type Markup } from "../markup.ts";
import { clock, folderMark, pager, statusBadge, tableOf } from "./parts.ts";

export interface RunsContent {
  readonly runs: readonly RunSummary[];
  readonly total: number;
  readonly page: number;
  readonly status: RunSummary["status"] | undefined;
  readonly search: string;
}

/** All runs, newest first, by status and words. */
export function runsPage({ runs, total, page, status, search }: RunsContent, scene: Scene): PageParts {
  const { words } = scene.viewer;
  const params = { ...(status === undefined ? {} : { status }), ...(search === "" ? {} : { search }) };
  const tooLong = search.length > LIMITS.searchCharacters;
  const none = tooLong
    ? words.t("web.runs.search_too_long", { limit: LIMITS.searchCharacters, length: search.length })
    : words.t("web.runs.none");
  const rows = runs.map((run) => runRow(run, scene));
  const head = (["goal", "folder", "status", "stage", "tenant", "started", "updated"] as const).map((name) =>
    words.t(`web.runs.${name}`),
  );
  return {
    title: words.t("web.nav.runs"),
    topics: ["runs"],
    body: view`<h1>${words.t("web.nav.runs")}</h1>
    <form class="filter" method="get" action="/runs" role="search">
      <div><label for="status">${words.t("web.runs.status")}</label><select id="status" name="status"><option value="">${words.t("web.runs.any")}</option>${RunSummary.shape.status.options.map(
        (each) =>
          view`<option value="${each}" ${flag(each === status, "selected")}>${words.t(`web.status.${each}`)}</option>`,
      )}</select></div>
      <div class="grow"><label for="search">${words.t("web.runs.search")}</label><input id="search" name="search" type="search" value="${search}" ></div>
      <button class="normal">${words.t("web.runs.show")}</button>
    </form>
    <div id="runs" data-live>${tooLong ? "" : view`<p class="muted">${words.t("web.runs.count", { count: total })}</p>`}
    ${rows.length === 0 ? view`<p class="empty">${none}</p>` : tableOf(words.t("web.nav.runs"), head, rows)}</div>
    ${pager("/runs", params, page, Math.ceil(total / LIMITS.runsListed), words)}`,
  };
}

function runRow(run: RunSummary, scene: Scene): (Markup | string)[] {
  const { words } = scene.viewer;
  return [
    view`<a href="/runs/${run.runId}">${shorten(plainText(run.goal), 100)}</a><code class="muted">${run.runId}</code>`,
    folderMark(run.workspace),
    statusBadge(run, scene),
    stageOf(run.stage).label,
    scene.nameOf("tenant", run.tenant),
    clock(run.startedAt, words),
    clock(run.updatedAt, words),
  ];
}
