import { Registry } from "prom-client";
import { createInstruments } from "../adapters/metrics/instruments.ts";
import { serveMetrics } from "../adapters/metrics/server.ts";
import { otlpProcessor } from "../adapters/tracing/otlp.ts";
import { createRunTraces } from "../adapters/tracing/run-traces.ts";
import type { ResolvedSettings } from "./config.ts";
import type { Log } from "./log.ts";
import type { MetaAgent } from "./metaagent/index.ts";
import { observeMetrics, readingOf } from "./observe-metrics.ts";
import { observeTraces } from "./observe-traces.ts";

export interface Observers {
  stop(): Promise<void>;
}

/** Starts what the settings want to watch the bot with: metrics and health, and traces. */
export async function startObservers(
  metaAgent: MetaAgent,
  { metrics, tracing }: Pick<ResolvedSettings, "metrics" | "tracing">,
  version: string,
  log: Log,
): Promise<Observers> {
  const stops: (() => Promise<void>)[] = [];
  if (tracing.url !== null) {
    const traces = createRunTraces({ processors: [otlpProcessor(tracing.url)], version, log });
    observeTraces(metaAgent, traces);
    stops.push(() => traces.stop());
  }
  if (metrics.enabled) {
    const registry = new Registry();
    observeMetrics(
      metaAgent,
      createInstruments(registry, () => readingOf(metaAgent)),
    );
    const readiness = () => (metaAgent.getState().queue.draining ? ["draining"] : []);
    const server = await serveMetrics({ registry, readiness, host: metrics.host, port: metrics.port });
    log.info({ url: server.url }, "metrics and health are served");
    stops.push(() => server.stop());
  }
  return {
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}
