import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../adapters/clock/system-clock.ts";
import { Command } from "../src/contracts/command.ts";
import { aControlPlane, aTask } from "../test/fixtures/control-plane.ts";
import type { BenchTable } from "./table.ts";

const A_SECOND = 100;
const SECONDS = 10;

/**
 * From the call of the door to the saved start of the run's first dispatch, as an observer hears of it, while tasks come
 * in at a steady rate. Each run is canceled once it has started: what is measured is the queue, not the work.
 */
export async function benchArrivals(): Promise<BenchTable[]> {
  const plane = await aControlPlane({ clock: { ...systemClock, advance: () => undefined } });
  const calledAt = new Map<string, number>();
  const latencies: number[] = [];
  const ends: Promise<unknown>[] = [];
  const all = Promise.withResolvers<void>();
  plane.agent.on("run.changed", ({ document: { run }, event }) => {
    const called = calledAt.get(run.task.goal);
    if (event.kind !== "dispatch.started" || called === undefined) return;
    calledAt.delete(run.task.goal);
    latencies.push(performance.now() - called);
    const by = run.task.requestedBy;
    ends.push(plane.agent.handle({ kind: "run.cancel", id: `c${latencies.length}`, by, runId: run.runId }));
    if (latencies.length === A_SECOND * SECONDS) all.resolve();
  });
  try {
    const begun = performance.now();
    for (let n = 0; n < A_SECOND * SECONDS; n += 1) {
      const early = begun + (n * 1000) / A_SECOND - performance.now();
      if (early > 0) await delay(early);
      const goal = `check the house ${n}`;
      const task = aTask({ goal, requestedBy: { surface: "terminal", user: `u${n % 20}` } });
      calledAt.set(goal, performance.now());
      void plane.agent.handle(Command.parse({ kind: "run.start", id: `b${n}`, by: task.requestedBy, task }));
    }
    await all.promise;
    await Promise.all(ends);
  } finally {
    await plane.close();
  }
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
  return [
    {
      title: `Command to start, ${A_SECOND} tasks a second for ${SECONDS} s, 20 tenants, 4 slots`,
      head: ["tasks", "p50 ms", "p99 ms"],
      rows: [[String(latencies.length), at(0.5), at(0.99)]],
    },
  ];
}
