// The package exports its limiter only; its own queue is measured without the promises around it.
import PriorityQueue from "../node_modules/p-queue/dist/priority-queue.js";
import type { QueueEntry } from "../src/contracts/document.ts";
import { createFairQueue } from "../src/metaagent/fair-queue.ts";
import { usedHeap } from "../test/fixtures/used-heap.ts";
import type { BenchTable } from "./table.ts";

/** What both queues are asked to do; `priority` is the order key. */
interface Subject {
  fill(count: number): void;
  /** Puts one more in at a random place of the order, and takes the first out. */
  addAndTake(): void;
}

const TENANTS = 1000;
const SIZES = [1000, 100_000, 1_000_000];
const WARM_UP = 500;
const BATCH = 20;
const MEASURE_MS = 1500;
const MOST_OPERATIONS = 20_000;

/**
 * Adding and taking at a standing number of queued entries, and what a queued entry takes in memory.
 *
 * Each queue is measured twice: as it was filled, and after a full garbage collection, as a queue that lives long.
 * That matters for an array in which every insertion moves what stands behind it: V8 moves old arrays more slowly.
 */
export async function benchScheduler(): Promise<BenchTable[]> {
  const rows = SIZES.flatMap((size) => {
    const ours = measure(size, fairSubject);
    const theirs = measure(size, pQueueSubject);
    const row = (state: "fresh" | "aged"): string[] => [
      size.toLocaleString("en"),
      state,
      ours[state].toFixed(1),
      theirs[state].toFixed(1),
      `${(theirs[state] / ours[state]).toFixed(1)}×`,
      bytesInWords(ours.bytes),
      bytesInWords(theirs.bytes),
    ];
    return [row("fresh"), row("aged")];
  });
  return [
    {
      title: `Scheduler: one add and one take, ${TENANTS.toLocaleString("en")} tenants, against p-queue's own queue`,
      head: ["queued", "state", "ours µs", "p-queue µs", "faster by", "ours B/entry", "p-queue B/entry"],
      rows,
    },
  ];
}

interface Measured {
  /** Microseconds of one add and one take. */
  readonly fresh: number;
  readonly aged: number;
  /** Of a queued entry, with the entry itself. */
  readonly bytes: number;
}

function measure(size: number, make: () => Subject): Measured {
  const heapBefore = usedHeap();
  const subject = make();
  subject.fill(size);
  const fresh = timed(subject);
  const bytes = (usedHeap() - heapBefore) / size;
  return { fresh, bytes, aged: timed(subject) };
}

function timed(subject: Subject): number {
  const repeat = (most: number): number => {
    const startedAt = performance.now();
    let done = 0;
    while (done < most && performance.now() - startedAt < MEASURE_MS) {
      for (let n = 0; n < BATCH; n += 1) subject.addAndTake();
      done += BATCH;
    }
    return ((performance.now() - startedAt) * 1000) / done;
  };
  repeat(WARM_UP);
  return repeat(MOST_OPERATIONS);
}

/** With all that the product asks of it: shares of tenants, groups, settling. Memory counts the entries too. */
function fairSubject(): Subject {
  const queue = createFairQueue({ virtualTime: 0, flows: {} });
  const random = randomNumbers();
  const groups = Array.from({ length: TENANTS }, (_, n) => [
    { name: `tenant:t${n}`, limit: 4 },
    { name: "macro:repository-health", limit: 4 },
  ]);
  let counter = 0;
  const entry = (order: number): QueueEntry => {
    counter += 1;
    const tenant = counter % TENANTS;
    return {
      dispatchId: `dsp_aaaaaaaa_${counter}`,
      runId: "run_aaaaaaaa",
      flow: `t${tenant}`,
      order,
      costMs: 1 + (counter % 100),
      weight: 1 + (tenant % 4),
      groups: groups[tenant] ?? [],
    };
  };
  return {
    fill: (count) => {
      for (let n = 0; n < count; n += 1) queue.add(entry(n / count));
    },
    addAndTake: () => {
      queue.add(entry(random()));
      const taken = queue.take(() => true);
      if (taken !== undefined) queue.settle(taken, 50);
    },
  };
}

/** Filled in order, which is the only way that is fast there; measured with mixed priorities. */
function pQueueSubject(): Subject {
  const queue = new PriorityQueue();
  const random = randomNumbers();
  let counter = 0;
  const add = (priority: number): void => {
    const id = `dsp_aaaaaaaa_${(counter += 1)}`;
    queue.enqueue(() => Promise.resolve(id), { priority, id });
  };
  return {
    fill: (count) => {
      for (let n = 0; n < count; n += 1) add(-n / count);
    },
    addAndTake: () => {
      add(-random());
      queue.dequeue();
    },
  };
}

/** The same numbers in every run, between 0 and 1 (Park and Miller's minimal standard). */
function randomNumbers(): () => number {
  let state = 42;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Below the noise of the heap there is no figure, and none is made up. */
function bytesInWords(bytes: number): string {
  return bytes > 0 ? bytes.toFixed(0) : "below noise";
}
