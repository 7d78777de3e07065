import { stateLines } from "../../../src/commands/run-lists.ts";
import { whyQueued } from "../../../src/commands/why-waiting.ts";
import type { RunId } from "../../../src/contracts/id.ts";
import { isSameTarget, type QueueTarget } from "../../../src/contracts/queue.ts";
import type { QueueView } from "../../../src/contracts/view.ts";
import { isMessageKey, type Translator } from "../../../src/i18n.ts";
import { plainText, shorten } from "../../../src/plain-text.ts";
import { disabledFor, whyNot } from "../cards/pressing.ts";
import { hiddenFields, noteBox, type Scene } from "../form.ts";
import type { PageParts } from "../layout.ts";
import { LIMITS } from "../limits.ts";
import { view, type Markup } from "../markup.ts";
import { tableOf } from "./parts.ts";

const WHY_NOT = "queue-why-not";

/** What runs and what waits, in the order in which it will start, and why; operators act on it here. */
export function queuePage(queue: QueueView, goals: ReadonlyMap<RunId, string>, scene: Scene): PageParts {
  const { words } = scene.viewer;
  const name = (runId: RunId): Markup =>
    view`<a href="/runs/${runId}">${shorten(plainText(goals.get(runId) ?? runId), 80)}</a>`;
  const running = queue.running.map(
    ({ runId, dispatchId, tenant }) =>
      view`<tr><th scope="row">${name(runId)}</th><td>${tenant}</td><td><code class="muted">${dispatchId}</code></td></tr>`,
  );
  const waiting = queue.waiting.slice(0, LIMITS.queueListed).map((place) => {
    const why = whyQueued(place, queue, words).slice(1);
    return view`<tr><td>${place.position}</td><th scope="row">${name(place.runId)}${why.map((line) => view`<div class="muted">${line}</div>`)}</th><td>${place.tenant}</td></tr>`;
  });
  const head = (names: readonly ("position" | "run" | "tenant" | "work")[]): string[] =>
    names.map((each) => words.t(`web.queue.${each}`));
  const none = view`<p class="empty">${words.t("web.queue.none")}</p>`;
  const note = scene.note !== undefined && scene.note.about === undefined ? noteBox(scene.note, words) : "";
  return {
    title: words.t("web.nav.queue"),
    topics: ["runs"],
    body: view`<h1>${words.t("web.nav.queue")}</h1>
    ${note}
    <p class="muted">${words.t("web.queue.order", { strategy: strategyWords(queue.strategy, words) })}</p>
    <section id="running" data-live><h2>${words.t("web.queue.running", { count: running.length })}</h2>${running.length === 0 ? none : tableOf(words.t("web.queue.running", { count: running.length }), head(["run", "tenant", "work"]), running)}</section>
    <section id="waiting" data-live><h2>${words.t("web.queue.waiting", { count: queue.waitingTotal })}</h2>${waiting.length === 0 ? none : tableOf(words.t("web.queue.waiting", { count: queue.waitingTotal }), head(["position", "run", "tenant"]), waiting)}
    ${queue.waitingTotal > waiting.length ? view`<p class="muted">${words.t("web.queue.listed", { shown: waiting.length })}</p>` : ""}</section>
    ${operatorSection(queue, scene)}`,
  };
}

/** The strategies that ship have words; one that somebody has added is called by its name. */
function strategyWords(name: string, words: Translator): string {
  const key = `web.strategy.${name}`;
  return isMessageKey(key) ? words.t(key) : name;
}

/** Pause, resume, raise, lower and drain; who is no operator sees them with the reason why not. */
function operatorSection(queue: QueueView, scene: Scene): Markup {
  const { words } = scene.viewer;
  const refusal = scene.mayNot("queue.pause", undefined);
  const disabled = refusal === undefined ? "" : disabledFor(WHY_NOT);
  const button = (verb: "pause" | "resume" | "raise" | "lower", { kind, name }: QueueTarget): Markup =>
    view`<form method="post" action="/queue/act">${hiddenFields(scene)}<input type="hidden" name="${kind}" value="${name}"><button name="verb" value="${verb}" class="normal" aria-label="${words.t(`web.queue.${verb}`)}: ${name}"${disabled}>${words.t(`web.queue.${verb}`)}</button></form>`;
  const rows = targetsIn(queue).map((target) => {
    const paused = queue.paused.some((known) => isSameTarget(known.target, target));
    const value = target.kind === "tenant" ? queue.weights[target.name] : queue.steps[target.name];
    return view`<tr><th scope="row">${target.name}<div class="muted">${words.t(`web.queue.kind.${target.kind}`)}</div></th><td><div class="actions">${button(paused ? "resume" : "pause", target)}${button("raise", target)}${button("lower", target)}</div></td><td>${value === undefined ? "" : words.number(value)}</td></tr>`;
  });
  const drain = queue.drainingSince === null ? "drain" : "undrain";
  const head = [words.t("web.queue.name"), words.t("web.queue.act"), words.t("web.queue.value")];
  return view`<section id="operators" data-live><h2>${words.t("web.queue.operators")}</h2>
    ${refusal === undefined ? "" : whyNot(WHY_NOT, words.say(refusal))}
    ${stateLines(queue, words).map((line) => view`<p>${line}</p>`)}
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
