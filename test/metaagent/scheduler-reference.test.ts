import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QueueEntry } from "../../src/contracts/document.ts";
import { createFairQueue, type FairQueue } from "../../src/metaagent/fair-queue.ts";
import type { ReadyQueue } from "../../src/ports.ts";

/** What happened to a flow; its finish tag is worked out from the beginning each time, with the costs known now. */
type Happening = { kind: "joined"; virtualTime: number } | { kind: "taken"; entry: QueueEntry; costMs: number };

interface NaiveFlow {
  readonly history: Happening[];
  joined: number;
}

/** Start-time fair queueing as in the paper, with plain arrays that are searched and sorted each time. */
function createNaiveQueue(): ReadyQueue & { virtualTime(): number } {
  const flows = new Map<string, NaiveFlow>();
  const taken: { entry: QueueEntry; happening: { costMs: number } }[] = [];
  let waiting: { entry: QueueEntry; arrival: number }[] = [];
  let virtualTime = 0;
  let counter = 0;

  const tagOf = (flow: NaiveFlow): number =>
    flow.history.reduce(
      (tag, happening) =>
        happening.kind === "joined"
          ? Math.max(tag, happening.virtualTime)
          : tag + happening.costMs / happening.entry.weight,
      0,
    );
  const ticketsOf = (name: string) =>
    waiting
      .filter(({ entry }) => entry.flow === name)
      .toSorted((a, b) => a.entry.order - b.entry.order || a.arrival - b.arrival);
  const byTag = () =>
    [...flows]
      .filter(([name]) => ticketsOf(name).length > 0)
      .map(([name, flow]) => ({ name, flow, tag: tagOf(flow) }))
      .toSorted((a, b) => a.tag - b.tag || a.flow.joined - b.flow.joined);

  return {
    add(entry) {
      const known = waiting.find((ticket) => ticket.entry.dispatchId === entry.dispatchId);
      const flow = flows.get(entry.flow) ?? { history: [], joined: 0 };
      flows.set(entry.flow, flow);
      const arrival = known?.arrival ?? ++counter;
      if (ticketsOf(entry.flow).length === 0) {
        flow.history.push({ kind: "joined", virtualTime });
        flow.joined = ++counter;
      }
      waiting = waiting.filter((ticket) => ticket !== known);
      waiting.push({ entry, arrival });
    },
    remove(dispatchId) {
      waiting = waiting.filter(({ entry }) => entry.dispatchId !== dispatchId);
    },
    take(mayStart) {
      const passed: NaiveFlow[] = [];
      for (const { name, flow, tag } of byTag()) {
        const ticket = ticketsOf(name).find(({ entry }) => mayStart(entry) === true);
        if (ticket === undefined) {
          passed.push(flow);
          continue;
        }
        virtualTime = Math.max(virtualTime, tag);
        for (const blocked of passed) blocked.history.push({ kind: "joined", virtualTime });
        waiting = waiting.filter((other) => other !== ticket);
        const happening = { kind: "taken", entry: ticket.entry, costMs: ticket.entry.costMs } as const;
        flow.history.push(happening);
        taken.push({ entry: ticket.entry, happening });
        return ticket.entry;
      }
      return undefined;
    },
    accrue(entry, costSoFarMs) {
      const item = taken.find((known) => known.entry.dispatchId === entry.dispatchId);
      if (item !== undefined) item.happening.costMs = Math.max(item.happening.costMs, costSoFarMs);
    },
    settle(entry, actualCostMs) {
      const at = taken.findIndex((item) => item.entry.dispatchId === entry.dispatchId);
      const [item] = at < 0 ? [] : taken.splice(at, 1);
      if (item !== undefined) item.happening.costMs = actualCostMs;
    },
    inOrder(limit) {
      const order: QueueEntry[] = [];
      const lines = byTag().map((line) => ({ ...line, tickets: ticketsOf(line.name) }));
      while (order.length < limit) {
        const [line] = lines
          .filter(({ tickets }) => tickets.length > 0)
          .toSorted((a, b) => a.tag - b.tag || a.flow.joined - b.flow.joined);
        const next = line?.tickets.shift();
        if (line === undefined || next === undefined) break;
        line.tag += next.entry.costMs / next.entry.weight;
        order.push(next.entry);
      }
      return order;
    },
    get size() {
      return waiting.length;
    },
    virtualTime: () => virtualTime,
  };
}

const GROUPS = ["tenant:a", "tenant:b", "macro:m", "macro:n", "run:run_aaaaaaaa", "run:run_bbbbbbbb"];
/** Costs and weights are whole and powers of two: sums are exact, so that equal tags are equal in both. */
const anEntry = fc.record({
  dispatchId: fc.integer({ min: 1, max: 40 }).map((n) => `dsp_aaaaaaaa_${n}`),
  runId: fc.constantFrom("run_aaaaaaaa", "run_bbbbbbbb"),
  flow: fc.constantFrom("a", "b", "c", "d"),
  order: fc.integer({ min: 0, max: 5 }),
  costMs: fc.integer({ min: 1, max: 64 }),
  weight: fc.constantFrom(1, 2, 4),
  groups: fc.subarray(GROUPS).map((names) => names.map((name) => ({ name, limit: 1 }))),
});
const anOperation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("add" as const), entry: anEntry }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("take" as const),
      full: fc.oneof(
        { weight: 2, arbitrary: fc.constant<string[]>([]) },
        { weight: 1, arbitrary: fc.subarray(GROUPS) },
      ),
      refusedRun: fc.option(fc.constantFrom("run_aaaaaaaa", "run_bbbbbbbb"), { freq: 4 }),
      saysWhich: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      which: fc.nat({ max: 20 }),
      actualMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 640 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("accrue" as const),
      which: fc.nat({ max: 20 }),
      soFarMs: fc.integer({ min: 1, max: 640 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove" as const), n: fc.integer({ min: 1, max: 40 }) }) },
);
/** Long ones too: by itself fast-check keeps arrays to about ten items, in which hardly a flow gets into debt. */
const someOperations = fc.array(anOperation, { maxLength: 120, size: "max" });
type Operation = typeof anOperation extends fc.Arbitrary<infer T> ? T : never;

function apply(queue: ReadyQueue, operation: Operation, open: QueueEntry[]): QueueEntry | undefined {
  switch (operation.kind) {
    case "add":
      queue.add(operation.entry);
      return undefined;
    case "take":
      return queue.take((candidate) => {
        if (candidate.runId === operation.refusedRun) return false;
        const full = candidate.groups.find(({ name }) => operation.full.includes(name));
        if (full === undefined) return true;
        return operation.saysWhich ? { full: full.name } : false;
      });
    case "settle": {
      const entry = open[operation.which % Math.max(1, open.length)];
      if (entry !== undefined) queue.settle(entry, operation.actualMs);
      return entry;
    }
    case "accrue": {
      const entry = open[operation.which % Math.max(1, open.length)];
      if (entry !== undefined) queue.accrue(entry, operation.soFarMs);
      return undefined;
    }
    case "remove":
      queue.remove(`dsp_aaaaaaaa_${operation.n}`);
      return undefined;
  }
}

/** Does the same on both queues, and compares them after each step. */
function runBoth(queue: FairQueue, operations: Operation[]): ReadyQueue {
  const naive = createNaiveQueue();
  const open: QueueEntry[] = [];
  for (const operation of operations) {
    // A dispatch is queued again only after its lease has ended.
    if (operation.kind === "add" && open.some((item) => item.dispatchId === operation.entry.dispatchId)) continue;
    const result = apply(queue, operation, open);
    expect(result).toEqual(apply(naive, operation, open));
    if (operation.kind === "take" && result !== undefined) open.push(result);
    if (operation.kind === "settle" && result !== undefined) open.splice(open.indexOf(result), 1);
    expect(queue.size).toBe(naive.size);
    expect(queue.snapshot(0).virtualTime).toBe(naive.virtualTime());
    expect(queue.inOrder(8)).toEqual(naive.inOrder(8));
  }
  return naive;
}

describe("the fair queue and a naive one", () => {
  it("give the same answers to any sequence of operations", () => {
    fc.assert(
      fc.property(someOperations, (operations) => {
        const queue = createFairQueue({ virtualTime: 0, flows: {} });
        const naive = runBoth(queue, operations);
        expect(queue.inOrder(100)).toEqual(naive.inOrder(100));
      }),
      { numRuns: 300 },
    );
  });
});

/** The generated entries of one flow differ in weight, so the newest of them is left out of account. */
function debts(queue: FairQueue): unknown {
  const { virtualTime, flows } = queue.snapshot(1);
  return { virtualTime, flows: new Map(Object.entries(flows).map(([name, { finish }]) => [name, finish])) };
}

/**
 * Takes all: the virtual time after each take, and what came of each flow. Between flows at equal tags the one that
 * has waited longer goes first, and that is forgotten in a restart; everything else must be the same.
 */
function drain(queue: FairQueue): unknown {
  const times: number[] = [];
  const byFlow = new Map<string, QueueEntry[]>();
  for (let entry = queue.take(() => true); entry !== undefined; entry = queue.take(() => true)) {
    times.push(queue.snapshot(1).virtualTime);
    byFlow.set(entry.flow, [...(byFlow.get(entry.flow) ?? []), entry]);
  }
  return { times, byFlow };
}

describe("a snapshot", () => {
  it("restores order, debt and virtual time after any sequence of operations", () => {
    fc.assert(
      fc.property(someOperations, (operations) => {
        const queue = createFairQueue({ virtualTime: 0, flows: {} });
        const open: QueueEntry[] = [];
        for (const operation of operations) {
          const result = apply(queue, operation, open);
          if (operation.kind === "take" && result !== undefined) open.push(result);
        }
        const restored = createFairQueue(queue.snapshot(1));
        for (const entry of queue.inOrder(1000)) restored.add(entry);
        expect(debts(restored)).toEqual(debts(queue));
        expect(drain(restored)).toEqual(drain(queue));
        expect(debts(restored)).toEqual(debts(queue));
      }),
      { numRuns: 300 },
    );
  });
});
