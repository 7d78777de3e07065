import type { RunTraces } from "../adapters/tracing/run-traces.ts";
import { FINISHED_STATUSES } from "./contracts/run.ts";
import { STAGES } from "./contracts/stage.ts";
import type { OfRun } from "./metaagent/events.ts";
import type { MetaAgent } from "./metaagent/index.ts";

const ENDED: ReadonlySet<string> = new Set(FINISHED_STATUSES);

/** Makes spans of stages and workers as they end, and of the run when it has; ids and codes, no texts of people. */
export function observeTraces(metaAgent: Pick<MetaAgent, "on">, traces: RunTraces): void {
  const labels = (of: OfRun) => ({ "coxswain.tenant": of.tenant, "coxswain.macro": of.macroId ?? "" });
  metaAgent.on("stage.left", (left) =>
    traces.piece({
      runId: left.runId,
      name: STAGES.find(({ key }) => key === left.stage)?.label ?? left.stage,
      endedAt: left.at,
      durationMs: left.durationMs,
      attributes: labels(left),
      error: null,
    }),
  );
  metaAgent.on("dispatch.ended", (ended) => {
    if (ended.work.kind !== "lane" || ended.durationMs === null) return;
    traces.piece({
      runId: ended.runId,
      name: ended.work.laneId,
      endedAt: ended.at,
      durationMs: ended.durationMs,
      attributes: {
        ...labels(ended),
        "coxswain.agent": ended.agent,
        "coxswain.attempt": ended.attempt,
        "coxswain.wait_ms": ended.waitMs ?? 0,
      },
      error: ended.outcome === "succeeded" ? null : (ended.code ?? ended.outcome),
    });
  });
  metaAgent.on("run.status", (status) => {
    if (!ENDED.has(status.to)) return;
    traces.run({
      runId: status.runId,
      name: status.macroId ?? "run",
      endedAt: status.at,
      durationMs: status.ageMs,
      attributes: { ...labels(status), "coxswain.outcome": status.to },
      error: status.to === "completed" ? null : status.to,
    });
  });
}
