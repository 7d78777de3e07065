import { evidenceLine } from "../../../src/cards/evidence-words.ts";
import { setAsideWords } from "../../../src/commands/set-aside.ts";
import type { Card } from "../../../src/contracts/card.ts";
import type { RunDocument } from "../../../src/contracts/document.ts";
import type { Finding } from "../../../src/contracts/finding.ts";
import type { RunView, SetAside } from "../../../src/contracts/view.ts";
import type { Translator } from "../../../src/i18n.ts";
import { plainText, plainTranslator } from "../../../src/plain-text.ts";
import { markdownBlocks } from "../markdown.ts";
import { cardBlock, notedCard, waitsForClick } from "../cards/card.ts";
import { fileList } from "../file-list.ts";
import type { Scene } from "../form.ts";
import type { PageParts } from "../layout.ts";
import { view, type Markup } from "../markup.ts";
import { clock, statusBadge, troubleBox } from "./parts.ts";
import { policySection } from "./policy.ts";
import { timeline } from "./timeline.ts";

/** A run in full (`thread`: address of its thread, where it has one): its cards, the timeline, findings with evidence, artifacts; packets only where a trace is asked for. */
export function runPage(
  run: RunView,
  document: RunDocument,
  shown: { readonly trace: boolean; readonly thread: string | undefined },
  scene: Scene,
): PageParts {
  const { trace, thread } = shown;
  const { words } = scene.viewer;
  const { summary } = run;
  const names = new Map(run.notice.workers.map(({ laneId, name }) => [laneId, name]));
  const cards: (Card | null)[] = [run.deadLetter, run.result, run.decision, run.notice];
  const noted = notedCard([run.decision, run.deadLetter].filter((card) => card !== null));
  const quiet = { ...scene, note: undefined };
  const files = run.result?.files ?? run.artifacts;
  return {
    title: summary.goal,
    topics: [`run:${summary.runId}`],
    body: view`<p class="crumb"><a href="/runs">${words.t("web.nav.runs")}</a></p>
    <h1>${summary.goal}</h1>
    <dl class="facts" id="facts" data-live>
      <div><dt>${words.t("web.runs.status")}</dt><dd>${statusBadge(summary, scene)}${toQuestion(run, words)}</dd></div>
      <div><dt>${words.t("web.runs.tenant")}</dt><dd>${scene.nameOf("tenant", summary.tenant)}</dd></div>
      <div><dt>${words.t("web.runs.started")}</dt><dd>${clock(summary.startedAt, words)}</dd></div>
      <div><dt>${words.t("web.runs.updated")}</dt><dd>${clock(summary.updatedAt, words)}</dd></div>
      <div><dt>${words.t("web.run.workspace")}</dt><dd><code>${summary.workspace}</code></dd></div>
      <div><dt>${words.t("web.run.folder")}</dt><dd><code>${run.folder}</code></dd></div>
      <div><dt>${words.t("web.run.id")}</dt><dd><code>${summary.runId}</code></dd></div>
    </dl>
    <p class="links">${thread === undefined ? "" : view`<a href="${thread}">${words.t("web.run.thread")}</a>`} <a href="/runs/${summary.runId}/audit">${words.t("web.audit.link")}</a> ${trace ? view`<a href="/runs/${summary.runId}">${words.t("web.run.trace_off")}</a>` : view`<a href="/runs/${summary.runId}?trace=1">${words.t("web.run.trace_on")}</a>`}</p>
    ${troubleBox(run.trouble, words)}
    <div id="cards" data-live>${cards.flatMap((card) => (card === null ? [] : [view`<div class="entry" data-key="${card.kind}">${cardBlock(card, `card-${card.kind}`, card === noted ? scene : quiet, run.requestedBy)}</div>`]))}</div>
    <section id="timeline" data-live aria-labelledby="timeline-title"><h2 id="timeline-title">${words.t("web.run.timeline")}</h2>${timeline(document.run, names, words)}</section>
    ${policySection(document.run, names, words)}
    <section id="findings" data-live aria-labelledby="findings-title"><h2 id="findings-title">${words.t("web.run.findings")}</h2>${findingList(run.findings, scene)}</section>
    <section id="files" data-live aria-labelledby="files-title"><h2 id="files-title">${words.t("web.run.files")}</h2>${files.length === 0 ? view`<p class="empty">${words.t("web.run.no_files")}</p>` : fileList(summary.runId, files, words)}</section>
    ${trace ? traceSection(document, scene) : ""}`,
  };
}

/** The badge says that somebody is waited for; this leads to where one answers. */
function toQuestion({ decision, deadLetter }: RunView, words: Translator): Markup | string {
  const card = [deadLetter, decision].find((each) => each !== null && waitsForClick(each));
  return card === undefined || card === null
    ? ""
    : view` <a href="#card-${card.kind}">${words.t(`web.run.to.${card.kind}`)}</a>`;
}

/** Of a run whose document is damaged there is nothing to show but where it is. */
export function setAsidePage(aside: SetAside, { viewer: { words } }: Scene): PageParts {
  return {
    title: aside.name,
    body: view`<p class="crumb"><a href="/runs">${words.t("web.nav.runs")}</a></p>
    <h1>${words.t("web.run.set_aside")}</h1>
    <p class="note refused">${setAsideWords(aside, words)}</p>`,
  };
}

/** One file of a run, as text. */
export function filePage(runId: string, path: string, text: string | undefined, scene: Scene): PageParts {
  const { words } = scene.viewer;
  const download = `/runs/${runId}/file?path=${encodeURIComponent(path)}&download=1`;
  return {
    title: path,
    body: view`<p class="crumb"><a href="/runs/${runId}">${words.t("web.card.run_page")}</a></p>
    <h1><code>${plainText(path)}</code></h1>
    <p class="links"><a class="button normal" href="${download}">${words.t("web.file.download")}</a></p>
    ${text === undefined ? view`<p class="empty">${words.t("web.file.not_shown")}</p>` : isOwnReport(path) ? view`<article class="report">${markdownBlocks(text)}</article>` : view`<pre class="text" tabindex="0">${text}</pre>`}`,
  };
}

/** Our own Markdown holds nothing that its reader could miss; that of workers is shown letter by letter. */
function isOwnReport(path: string): boolean {
  return path === "artifacts/report.md";
}

function findingList(findings: readonly Finding[], { viewer }: Scene): Markup {
  const words = plainTranslator(viewer.words);
  if (findings.length === 0) return view`<p class="empty">${words.t("web.run.no_findings")}</p>`;
  return view`<ul class="findings">${findings.map(({ severity, file, line, text, evidence }) => {
    const place =
      file === undefined ? "" : view`<code>${plainText(line === undefined ? file : `${file}:${line}`)}</code> `;
    return view`<li data-severity="${severity}"><span class="badge">${words.t(`severity.${severity}`)}</span> ${place}<span>${words.say(text)}</span><details><summary>${words.t("web.run.evidence", { count: evidence.length })}</summary><ul>${evidence.map((item) => view`<li>${evidenceLine(item, words)}${excerptOf(item)}</li>`)}</ul></details></li>`;
  })}</ul>`;
}

function excerptOf(item: Finding["evidence"][number]): Markup | string {
  const excerpt = item.kind === "command" || item.kind === "file" ? (item.excerpt ?? "") : "";
  return excerpt.trim() === "" ? "" : view`<pre class="excerpt">${excerpt}</pre>`;
}

/** The record of the protocol, by its own names: shown only where it was asked for (G38). */
function traceSection({ run, history }: RunDocument, { viewer: { words } }: Scene): Markup {
  const json = (value: unknown): Markup => view`<pre class="text" tabindex="0">${JSON.stringify(value, null, 2)}</pre>`;
  const packets = Object.entries(run.packets).filter(([, packet]) => packet !== undefined);
  return view`<section aria-labelledby="trace-title"><h2 id="trace-title">${words.t("web.run.trace")}</h2><p class="muted">${words.t("web.run.trace_about")}</p>
    ${packets.map(([name, packet]) => view`<details><summary><code>${name}</code></summary>${json(packet)}</details>`)}
    <details><summary>${words.t("web.run.history", { count: history.length })}</summary>${json(history)}</details></section>`;
}
