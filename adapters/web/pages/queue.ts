import { stateLines } from "../../../src/commands/run-lists.ts";
import { whyQueued, type Names } from "../../../src/commands/why-waiting.ts";
import type { RunId } from "../../../src/contracts/id.ts";
import { isSameTarget, type QueueTarget } from "../../../src/contracts/queue.ts";
import { stageOf } from "../../../src/contracts/stage.ts";
import type { QueueView, RunView } from "../../../src/contracts/view.ts";
import { isMessageKey, type Translator } from "../../../src/i18n.ts";
import { plainText, shorten } from "../../../src/plain-text.ts";
import { disabledFor, whyNot } from "../cards/pressing.ts";
import { hiddenFields, type Scene } from "../form.ts";
import type { PageParts } from "../layout.ts";
import { LIMITS } from "../limits.ts";
import { view, type Markup } from "../markup.ts";
import { folderMark, tableOf } from "./parts.ts";

const WHY_NOT = "queue-why-not";

/** What runs and what waits, in the order in which it will start, and why; operators act on it here. */
export function queuePage(queue: QueueView, views: ReadonlyMap<RunId, RunView>, scene: Scene): PageParts {
  const { words } = scene.viewer;
  const names = namesOf(views, scene);
  const link = (runId: RunId): Markup =>
    view`<a href="/runs/${runId}">${goalOf(views, runId, 80)}</a> ${folderMark(views.get(runId)?.summary.workspace)}`;
  // A run has a row, and each piece of its work stands in it.
  const running = [...new Map(queue.running.map((entry) => [entry.runId, entry])).values()].map(({ runId, tenant }) => [
    link(runId),
    names.tenant(tenant),
    workOf(views.get(runId), words),
  ]);
  const waiting = queue.waiting.slice(0, LIMITS.queueListed).map((place) => {
    const why = whyQueued(place, queue, words, names).slice(1);
    const lines = view`<div class="muted">${why.map((line) => view`<p>${line}</p>`)}</div>`;
    return [String(place.position), link(place.runId), lines, names.tenant(place.tenant)];
  });
  const head = (names: readonly ("position" | "run" | "why" | "tenant" | "work")[]): string[] =>
    names.map((each) => words.t(`web.queue.${each}`));
  const none = view`<p class="empty">${words.t("web.queue.none")}</p>`;
  return {
    title: words.t("web.nav.queue"),
    topics: ["runs"],
    body: view`<h1>${words.t("web.nav.queue")}</h1>
    <p class="muted">${words.t("web.queue.order", { strategy: strategyWords(queue.strategy, words) })}</p>
    <section id="running" data-live><h2>${words.t("web.queue.running", { count: queue.running.length })}</h2>${running.length === 0 ? none : tableOf(words.t("web.queue.running", { count: queue.running.length }), head(["run", "tenant", "work"]), running)}</section>
    <section id="waiting" data-live><h2>${words.t("web.queue.waiting", { count: queue.waitingTotal })}</h2>${waiting.length === 0 ? none : tableOf(words.t("web.queue.waiting", { count: queue.waitingTotal }), head(["position", "run", "why", "tenant"]), waiting, 1)}
    ${queue.waitingTotal > waiting.length ? view`<p class="muted">${words.t("web.queue.listed", { shown: waiting.length })}</p>` : ""}</section>
    ${operatorSection(queue, names, scene)}`,
  };
}

/** Goals, people and titles in the place of ids. */
function namesOf(views: ReadonlyMap<RunId, RunView>, scene: Scene): Names {
  return {
    run: (runId) => scene.viewer.words.t("web.queue.named", { goal: goalOf(views, runId, 40) }),
    tenant: (name) => scene.nameOf("tenant", name),
    macro: (id) => scene.nameOf("macro", id),
  };
}

function goalOf(views: ReadonlyMap<RunId, RunView>, runId: RunId, limit: number): string {
  return shorten(plainText(views.get(runId)?.summary.goal ?? runId), limit);
}

/** What of a run is worked on now: its workers by their names, a stage's own work by the stage. */
function workOf(run: RunView | undefined, words: Translator): string {
  const pieces = (run?.working ?? []).map(
    ({ laneId }) =>
      run?.notice.workers.find((worker) => worker.laneId === laneId)?.name ??
      stageOf(run?.summary.stage ?? "critical").label,
  );
  return words.list([...new Set(pieces)]);
}

/** The strategies that ship have words; one that somebody has added is called by its name. */
function strategyWords(name: string, words: Translator): string {
  const key = `web.strategy.${name}`;
  return isMessageKey(key) ? words.t(key) : name;
}

/** Pause, resume, raise, lower and drain; who is no operator sees them with the reason why not. */
function operatorSection(queue: QueueView, names: Names, scene: Scene): Markup {
  const { words } = scene.viewer;
  const refusal = scene.mayNot("queue.pause", undefined);
  const disabled = refusal === undefined ? "" : disabledFor(WHY_NOT);
  const button = (verb: "pause" | "resume" | "raise" | "lower", { kind, name }: QueueTarget): Markup =>
    view`<form method="post" action="/queue/act">${hiddenFields(scene)}<input type="hidden" name="${kind}" value="${name}"><button name="verb" value="${verb}" class="normal" aria-label="${words.t(`web.queue.${verb}`)}: ${scene.nameOf(kind, name)}"${disabled}>${words.t(`web.queue.${verb}`)}</button></form>`;
  const rows = targetsIn(queue).map((target) => {
    const paused = queue.paused.some((known) => isSameTarget(known.target, target));
    const value = target.kind === "tenant" ? queue.weights[target.name] : queue.steps[target.name];
    return [
      view`${scene.nameOf(target.kind, target.name)}<span class="muted">${words.t(`web.queue.kind.${target.kind}`)}</span>`,
      view`<div class="actions">${button(paused ? "resume" : "pause", target)}${button("raise", target)}${button("lower", target)}</div>`,
      value === undefined ? "" : words.number(value),
    ];
  });
  const drain = queue.drainingSince === null ? "drain" : "undrain";
  const head = [words.t("web.queue.name"), words.t("web.queue.act"), words.t("web.queue.value")];
  return view`<section id="operators" data-live><h2>${words.t("web.queue.operators")}</h2>
    ${refusal === undefined ? "" : whyNot(WHY_NOT, words.say(refusal))}
    ${stateLines(queue, words, names).map((line) => view`<p>${line}</p>`)}
    ${rows.length === 0 ? "" : tableOf(words.t("web.queue.operators"), head, rows)}
    <form method="post" action="/queue/act">${hiddenFields(scene)}<button name="verb" value="${drain}" class="normal"${disabled}>${words.t(`web.queue.${drain}`)}</button> <span class="muted">${words.t(`web.queue.${drain}_why`)}</span></form></section>`;
}

/** The tenants and macros that have something here, or about which operators have said something. */
function targetsIn({ running, waiting, paused, weights, steps }: QueueView): QueueTarget[] {
  const here = [...running, ...waiting];
  const tenants = new Set([...here.map(({ tenant }) => tenant), ...Object.keys(weights)]);
  const macros = new Set([...here.flatMap(({ macroId }) => macroId ?? []), ...Object.keys(steps)]);
  for (const { target } of paused) (target.kind === "tenant" ? tenants : macros).add(target.name);
  return [
    ...[...tenants].toSorted().map((name): QueueTarget => ({ kind: "tenant", name })),
    ...[...macros].toSorted().map((name): QueueTarget => ({ kind: "macro", name })),
  ].slice(0, LIMITS.queueListed);
}
