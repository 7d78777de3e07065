import { createGroupLimits } from "../adapters/engine/embedded/group-limits.ts";
import type { QueueEntry, RunDocument } from "../src/contracts/document.ts";
import type { Run } from "../src/contracts/run.ts";
import { createFairQueue } from "../src/metaagent/fair-queue.ts";
import { createLiveRuns } from "../src/metaagent/live-runs.ts";
import { deepFreeze } from "../src/metaagent/snapshot.ts";
import { RUNS } from "../test/fixtures/runs.ts";
import type { BenchTable } from "./table.ts";

const QUEUED = 100_000;
const TENANTS = 1000;
const SLOTS = 16;
const DECISIONS = 5000;
const SNAPSHOTS = 50;

/**
 * What one decision costs in a long queue: which of 100,000 starts next, by fair share, with every slot taken, tenants at
 * their limits, and each start followed by an end. And what a snapshot of it costs that cannot be changed.
 */
export async function benchQueue(): Promise<BenchTable[]> {
  return [decisions(), snapshots()];
}

function decisions(): BenchTable {
  const queue = createFairQueue({ virtualTime: 0, flows: {} });
  for (let n = 0; n < QUEUED; n += 1) queue.add(entry(n));
  const limits = createGroupLimits();
  const running: QueueEntry[] = [];
  const micros: number[] = [];
  for (let n = 0; n < DECISIONS; n += 1) {
    if (running.length === SLOTS) {
      const [ended] = running.splice(n % SLOTS, 1);
      if (ended !== undefined) {
        limits.leave(ended);
        queue.settle(ended, 1000 + (n % 50_000));
        queue.add(entry(QUEUED + n));
      }
    }
    const before = performance.now();
    const taken = queue.take((candidate) => limits.admit(candidate));
    micros.push((performance.now() - before) * 1000);
    if (taken === undefined) throw new Error("nothing could start");
    limits.enter(taken);
    running.push(taken);
  }
  return {
    title: `A dispatch decision, ${QUEUED.toLocaleString("en")} queued over ${TENANTS.toLocaleString("en")} tenants`,
    head: ["what", "p50 µs", "p99 µs"],
    rows: [["which starts next", at(micros, 0.5), at(micros, 0.99)]],
  };
}

function snapshots(): BenchTable {
  const queue = createFairQueue({ virtualTime: 0, flows: {} });
  const live = createLiveRuns();
  const documents: RunDocument[] = [];
  for (let n = 0; n < QUEUED; n += 1) {
    queue.add(entry(n));
    const run: Run = { ...RUNS.executing, runId: `run_bench${String(n).padStart(6, "0")}` };
    documents.push({ schemaVersion: 1, run, queue: [], outbox: [], inbox: [], messages: {}, history: [] });
  }
  for (const document of documents) live.remember(document);
  const take = (): unknown => deepFreeze({ waiting: queue.inOrder(1000), runs: live.list() });
  const same: number[] = [];
  const changed: number[] = [];
  for (let n = 0; n < SNAPSHOTS; n += 1) {
    const [first] = documents;
    if (first !== undefined) live.remember(first);
    changed.push(timed(take));
    same.push(timed(take));
  }
  return {
    title: `A snapshot, ${QUEUED.toLocaleString("en")} queued tasks, deeply frozen`,
    head: ["what", "p50 ms", "p99 ms"],
    rows: [
      ["after a change", at(changed, 0.5), at(changed, 0.99)],
      ["with nothing changed", at(same, 0.5), at(same, 0.99)],
    ],
  };
}

function entry(n: number): QueueEntry {
  const tenant = n % TENANTS;
  return {
    dispatchId: `dsp_aaaaaaaa_${n}`,
    runId: `run_bench${String(n % QUEUED).padStart(6, "0")}`,
    flow: `t${tenant}`,
    order: n,
    costMs: 1000 + ((n * 7919) % 99_000),
    weight: 1 + (tenant % 4),
    groups: [
      { name: `tenant:t${tenant}`, limit: 4 },
      { name: `macro:m${n % 20}`, limit: 4 },
    ],
  };
}

function timed(action: () => unknown): number {
  const before = performance.now();
  action();
  return performance.now() - before;
}

function at(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
}
