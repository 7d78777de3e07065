import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { Registry } from "prom-client";
import { systemClock } from "../adapters/clock/system-clock.ts";
import { createInstruments } from "../adapters/metrics/instruments.ts";
import { createRunTraces } from "../adapters/tracing/run-traces.ts";
import { Command } from "../src/contracts/command.ts";
import { createLog } from "../src/log.ts";
import { observeMetrics, readingOf } from "../src/observe-metrics.ts";
import { observeTraces } from "../src/observe-traces.ts";
import { aControlPlane, aTask, type ControlPlane } from "../test/fixtures/control-plane.ts";
import type { BenchTable } from "./table.ts";

const RUNS = 10;
const ROUNDS = 5;

interface Measured {
  /** Events of runs that were saved, a second. */
  readonly saved: number;
  /** Events that observers were told, a second. */
  readonly told: number;
  readonly dropped: number;
}

/**
 * Whole runs with workers that take no time, all at once: saved events a second with all observers on (metrics with a
 * scrape a second, traces into memory, a watcher of every run as the console has, a plugin that listens to
 * everything), and with none. Rounds alternate; the medians are compared.
 */
export async function benchEvents(): Promise<BenchTable[]> {
  const without: Measured[] = [];
  const withAll: Measured[] = [];
  await measure(false);
  for (let round = 0; round < ROUNDS; round += 1) {
    without.push(await measure(false));
    withAll.push(await measure(true));
  }
  const base = median(without.map(({ saved }) => saved));
  const row = (name: string, rounds: readonly Measured[]): string[] => [
    name,
    median(rounds.map(({ saved }) => saved)).toFixed(0),
    (median(rounds.map(({ saved }) => saved)) / base).toFixed(2),
    median(rounds.map(({ told }) => told)).toFixed(0),
    String(rounds.reduce((sum, { dropped }) => sum + dropped, 0)),
  ];
  return [
    {
      title: `Events of ${RUNS} runs at once, ${ROUNDS} rounds each`,
      head: ["observers", "saved a second", "× none", "told a second", "dropped"],
      rows: [row("none", without), row("all", withAll)],
    },
  ];
}

async function measure(isObserved: boolean): Promise<Measured> {
  const plane = await aControlPlane({ clock: { ...systemClock, advance: () => undefined } });
  let told = 0;
  const observed = isObserved ? observeAll(plane, () => (told += 1)) : undefined;
  try {
    const startedAt = performance.now();
    const runs = await Promise.all(
      Array.from({ length: RUNS }, async (_, n) => {
        const task = aTask({ answers: "recommended", requestedBy: { surface: "terminal", user: `user-${n % 8}` } });
        const command = Command.parse({ kind: "run.start", id: `e${n}`, by: task.requestedBy, task });
        const reply = await plane.agent.handle(command);
        if (reply.kind !== "accepted") throw new Error(`the run was not accepted: ${reply.kind}`);
        observed?.watch(reply.runId);
        return reply.runId;
      }),
    );
    while (plane.agent.getState().metrics.completed < RUNS) await new Promise((resolve) => setTimeout(resolve, 5));
    const seconds = (performance.now() - startedAt) / 1000;
    let saved = 0;
    for (const runId of runs) saved += (await plane.agent.document(runId))?.history.length ?? 0;
    const dropped = plane.agent.observers().reduce((sum, each) => sum + each.dropped, 0);
    return { saved: saved / seconds, told: told / seconds, dropped };
  } finally {
    observed?.stop();
    await plane.close();
  }
}

function observeAll({ agent }: ControlPlane, tell: () => void): { watch(runId: string): void; stop(): void } {
  const registry = new Registry();
  observeMetrics(
    agent,
    createInstruments(registry, () => readingOf(agent)),
  );
  const processors = [new SimpleSpanProcessor(new InMemorySpanExporter())];
  observeTraces(agent, createRunTraces({ processors, version: "0.0.0", log: createLog("silent") }));
  agent.observe({ name: "a plugin that listens to everything", wants: () => true, notify: tell });
  const scrapes = setInterval(() => void registry.metrics(), 1000);
  return {
    // The console's pages are told as JSON.
    watch: (runId) => void agent.watch(runId, (message) => void JSON.stringify(message)),
    stop: () => clearInterval(scrapes),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
