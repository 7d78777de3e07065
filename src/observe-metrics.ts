import type { Instruments, Reading } from "../adapters/metrics/instruments.ts";
import type { MetaAgent } from "./metaagent/index.ts";

/** What the control plane tells of itself at a scrape. */
export function readingOf(metaAgent: Pick<MetaAgent, "getState" | "undelivered" | "alerts">): Reading {
  const { at, runs, metrics } = metaAgent.getState();
  const { count, since } = metaAgent.undelivered();
  const asked = runs.flatMap(({ waitingSince }) => (waitingSince === null ? [] : [waitingSince]));
  return {
    queued: sums(runs.map(({ tenant, queued }) => [tenant, queued])),
    running: metrics.running,
    runs: sums(runs.map(({ status }) => [status, 1])),
    oldestDecisionMs: asked.length === 0 ? null : at - asked.reduce((a, b) => Math.min(a, b)),
    outbox: count,
    oldestDeliveryMs: since === null ? null : Math.max(0, at - since),
    alerts: sums(metaAgent.alerts().map(({ severity }) => [severity, 1])),
  };
}

/** Counts what happens from now on; never on the way of a run. */
export function observeMetrics(metaAgent: Pick<MetaAgent, "on">, instruments: Instruments): void {
  const macroOf = ({ macroId }: { readonly macroId: string | null }): string => macroId ?? "(none yet)";
  metaAgent.on("dispatch.started", ({ tenant, waitMs }) => instruments.dispatchStarted({ tenant, waitedMs: waitMs }));
  metaAgent.on("dispatch.queued", (queued) => {
    if (queued.retry) instruments.retried({ macro: macroOf(queued) });
  });
  metaAgent.on("dispatch.ended", (ended) => {
    const { work, durationMs, outcome } = ended;
    if (work.kind !== "lane" || durationMs === null) return;
    instruments.workerEnded({ macro: macroOf(ended), outcome, tookMs: durationMs });
  });
  metaAgent.on("stage.left", ({ stage, durationMs }) => instruments.stageLeft({ stage, tookMs: durationMs }));
  metaAgent.on("dead_letter.opened", (letter) => instruments.deadLetter({ macro: macroOf(letter), code: letter.code }));
  metaAgent.on("effect.delivered", ({ surface, method, outcome, durationMs }) => {
    if (surface === null) return;
    instruments.delivered({ surface, method: method ?? "other", outcome, tookMs: durationMs });
  });
}

function sums(pairs: readonly (readonly [string, number])[]): ReadonlyMap<string, number> {
  const result = new Map<string, number>();
  for (const [key, value] of pairs) if (value > 0) result.set(key, (result.get(key) ?? 0) + value);
  return result;
}
