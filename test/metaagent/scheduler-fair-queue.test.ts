import { describe, expect, it } from "vitest";
import type { QueueEntry } from "../../src/contracts/document.ts";
import { createFairQueue, type FairQueue } from "../../src/metaagent/fair-queue.ts";
import { usedHeap } from "../fixtures/used-heap.ts";

const START = { virtualTime: 0, flows: {} };
const always = (): boolean => true;

let counter = 0;
function entry(flow: string, fields: Partial<QueueEntry> = {}): QueueEntry {
  counter += 1;
  return {
    dispatchId: `dsp_aaaaaaaa_${counter}`,
    runId: "run_aaaaaaaa",
    flow,
    order: counter,
    costMs: 100,
    weight: 1,
    groups: [],
    ...fields,
  };
}

function added(queue: FairQueue, entries: QueueEntry[]): QueueEntry[] {
  for (const item of entries) queue.add(item);
  return entries;
}

function drain(queue: FairQueue, count = Number.POSITIVE_INFINITY): QueueEntry[] {
  const taken: QueueEntry[] = [];
  while (taken.length < count) {
    const next = queue.take(always);
    if (next === undefined) break;
    taken.push(next);
  }
  return taken;
}

function limitedBy(full: ReadonlySet<string>, asked: QueueEntry[] = []) {
  return (candidate: QueueEntry) => {
    asked.push(candidate);
    const name = candidate.groups.find((group) => full.has(group.name))?.name;
    return name === undefined ? true : { full: name };
  };
}

const group = (name: string) => ({ name, limit: 1 });

describe("between flows", () => {
  it("weights 1:2:4 share in turn, whatever arrived first", () => {
    const queue = createFairQueue(START);
    for (const [flow, weight] of [
      ["a", 1],
      ["b", 2],
      ["c", 4],
    ] as const) {
      added(
        queue,
        Array.from({ length: 80 }, () => entry(flow, { weight })),
      );
    }
    const flows = drain(queue, 70).map((item) => item.flow);
    expect(["a", "b", "c"].map((flow) => flows.filter((name) => name === flow).length)).toEqual([10, 20, 40]);
  });

  it("a newcomer starts next, and gets nothing for the time before it came", () => {
    const queue = createFairQueue(START);
    added(
      queue,
      Array.from({ length: 100 }, () => entry("flood")),
    );
    drain(queue, 50);
    added(
      queue,
      Array.from({ length: 10 }, () => entry("late")),
    );
    expect(drain(queue, 6).map((item) => item.flow)).toEqual(["late", "flood", "late", "flood", "late", "flood"]);
  });

  it("an order key counts inside its flow only", () => {
    const queue = createFairQueue(START);
    const [first, second] = added(queue, [entry("a", { order: 1000 }), entry("b", { order: -1000 })]);
    expect(drain(queue)).toEqual([first, second]);
  });

  it("a flow keeps its debt while it is empty", () => {
    const queue = createFairQueue(START);
    added(queue, [entry("heavy", { costMs: 950 }), ...Array.from({ length: 20 }, () => entry("other"))]);
    drain(queue, 1);
    const [again] = added(queue, [entry("heavy")]);
    const taken = drain(queue, 12);
    expect(taken.indexOf(again as QueueEntry)).toBe(10);
  });

  it("a flow that stood at a limit does not catch up on what it could not use", () => {
    const queue = createFairQueue(START);
    added(queue, [
      ...Array.from({ length: 50 }, () => entry("limited", { groups: [group("g")] })),
      ...Array.from({ length: 100 }, () => entry("free")),
    ]);
    for (let n = 0; n < 40; n += 1) expect(queue.take(limitedBy(new Set(["g"])))?.flow).toBe("free");
    const flows = drain(queue, 20).map((item) => item.flow);
    expect(flows.filter((flow) => flow === "limited").length).toBeLessThanOrEqual(11);
  });
});

describe("inside a flow", () => {
  it("the lowest order goes first, and of equal ones what came first", () => {
    const queue = createFairQueue(START);
    const [a, b, c, d] = added(queue, [
      entry("a", { order: 2 }),
      entry("a", { order: 1 }),
      entry("a", { order: 2 }),
      entry("a", { order: -1 }),
    ]);
    expect(drain(queue)).toEqual([d, b, a, c]);
  });

  it("adding again what waits brings it up to date, in its old place among equals", () => {
    const queue = createFairQueue(START);
    const [a, b] = added(queue, [entry("a", { order: 1 }), entry("a", { order: 1 })]) as [QueueEntry, QueueEntry];
    queue.add({ ...a, costMs: 500 });
    expect(queue.size).toBe(2);
    expect(drain(queue)).toEqual([{ ...a, costMs: 500 }, b]);
    queue.add(a);
    queue.add({ ...a, flow: "elsewhere" });
    expect(drain(queue)).toEqual([{ ...a, flow: "elsewhere" }]);
  });
});

describe("settling", () => {
  it("a tenant whose work took longer than expected waits for it afterwards", () => {
    const queue = createFairQueue(START);
    added(
      queue,
      Array.from({ length: 20 }, (_, n) => entry(n % 2 === 0 ? "a" : "b")),
    );
    const first = queue.take(always) as QueueEntry;
    queue.settle(first, 500);
    expect(drain(queue, 6).map((item) => item.flow)).toEqual(["b", "b", "b", "b", "b", "a"]);
  });

  it("a tenant is refunded what it did not use, once", () => {
    const queue = createFairQueue(START);
    added(
      queue,
      Array.from({ length: 40 }, (_, n) => entry(n % 2 === 0 ? "a" : "b")),
    );
    const first = queue.take(always) as QueueEntry;
    queue.settle(first, 0);
    const before = queue.inOrder(40);
    queue.settle(first, 0);
    queue.settle(entry("a"), 0);
    expect(queue.inOrder(40)).toEqual(before);
    expect(before.slice(0, 2).map((item) => item.flow)).toEqual(["a", "b"]);
  });

  it("a late refund gives no credit for work of a newer backlog", () => {
    const queue = createFairQueue(START);
    const [early] = added(queue, [entry("a", { costMs: 1000 })]) as [QueueEntry];
    added(
      queue,
      Array.from({ length: 40 }, () => entry("b")),
    );
    drain(queue, 31);
    added(
      queue,
      Array.from({ length: 10 }, () => entry("a")),
    );
    drain(queue, 2);
    const order = queue.inOrder(10).map((item) => item.flow);
    queue.settle(early, 0);
    expect(queue.inOrder(10).map((item) => item.flow)).toEqual(order);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -50])("a measured cost of %s poisons no tag", (actual) => {
    const queue = createFairQueue(START);
    added(queue, [entry("a"), entry("a"), entry("b")]);
    queue.settle(queue.take(always) as QueueEntry, actual);
    expect(Object.values(queue.snapshot(1).flows).every((tag) => Number.isFinite(tag.finish))).toBe(true);
    expect(drain(queue)).toHaveLength(2);
  });
});

describe("what may not start", () => {
  it("a full group holds up nothing outside it, in the same flow or another", () => {
    const queue = createFairQueue(START);
    const [, free, other] = added(queue, [
      entry("a", { groups: [group("g")] }),
      entry("a", { groups: [group("h")] }),
      entry("b", { groups: [group("g"), group("h")] }),
    ]);
    const mayStart = limitedBy(new Set(["g"]));
    expect(queue.take(mayStart)).toEqual(free);
    expect(queue.take(mayStart)).toBeUndefined();
    expect(queue.size).toBe(2);
    expect(drain(queue)).toContainEqual(other);
  });

  it("a full group costs one question, however much waits in it", () => {
    const queue = createFairQueue(START);
    added(
      queue,
      Array.from({ length: 5000 }, (_, n) => entry(`t${n % 10}`, { groups: [group("macro:m")] })),
    );
    const asked: QueueEntry[] = [];
    expect(queue.take(limitedBy(new Set(["macro:m"]), asked))).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it("a run at its own limit is passed over for the next run of the tenant, in order", () => {
    const queue = createFairQueue(START);
    const ofRun = (name: string, order: number) =>
      entry("a", { order, groups: [group("tenant:a"), group(`run:${name}`)] });
    const [, , later, , next] = added(queue, [
      ofRun("x", 1),
      ofRun("x", 2),
      ofRun("y", 5),
      ofRun("x", 3),
      ofRun("z", 4),
    ]);
    const asked: QueueEntry[] = [];
    const mayStart = limitedBy(new Set(["run:x"]), asked);
    expect(queue.take(mayStart)).toEqual(next);
    expect(asked).toHaveLength(2);
    expect(queue.take(mayStart)).toEqual(later);
    expect(queue.take(mayStart)).toBeUndefined();
  });

  it("one entry that is refused for a reason of its own holds up no other of its groups", () => {
    const queue = createFairQueue(START);
    const entries = added(
      queue,
      Array.from({ length: 50 }, () => entry("a", { groups: [group("g")] })),
    );
    const last = entries.at(-1);
    expect(queue.take((candidate) => candidate === last)).toEqual(last);
    expect(drain(queue)).toEqual(entries.slice(0, -1));
  });
});

describe("removing", () => {
  it("leaves no ghost in size, order, take or shares", () => {
    const queue = createFairQueue(START);
    const entries = added(
      queue,
      Array.from({ length: 300 }, (_, n) => entry(`t${n % 3}`)),
    );
    for (const [n, item] of entries.entries()) if (n % 3 === 0 || n % 2 === 0) queue.remove(item.dispatchId);
    const left = entries.filter((_, n) => n % 3 !== 0 && n % 2 !== 0);
    expect(queue.size).toBe(left.length);
    const order = queue.inOrder(1000);
    expect(new Set(order)).toEqual(new Set(left));
    expect(drain(queue)).toEqual(order);
    expect(queue.snapshot(0).flows["t0"]).toBeUndefined();
  });

  it("of what is not there changes nothing", () => {
    const queue = createFairQueue(START);
    const [a] = added(queue, [entry("a")]) as [QueueEntry];
    queue.remove("dsp_zzzzzzzz_1");
    drain(queue);
    queue.remove(a.dispatchId);
    expect(queue.size).toBe(0);
    expect(queue.take(always)).toBeUndefined();
  });
});

describe("a restart", () => {
  it("keeps debt, so that it pays nobody to crash the bot", () => {
    const before = createFairQueue(START);
    added(before, [entry("heavy", { costMs: 1000 }), ...Array.from({ length: 20 }, () => entry("other"))]);
    drain(before, 3);
    const after = createFairQueue(before.snapshot(5));
    added(after, [entry("heavy"), ...before.inOrder(100)]);
    expect(drain(after, 10).map((item) => item.flow)).toEqual([
      ...Array.from({ length: 8 }, () => "other"),
      "heavy",
      "other",
    ]);
  });

  it("keeps a refund of a flow that still waits, and of none that is gone", () => {
    const before = createFairQueue(START);
    added(
      before,
      Array.from({ length: 40 }, (_, n) => entry(n % 2 === 0 ? "a" : "b")),
    );
    const taken = drain(before, 20);
    for (const item of taken) if (item.flow === "a") before.settle(item, 10);
    const tags = before.snapshot(5);
    expect(tags.flows["a"]?.finish).toBeLessThan(tags.virtualTime);

    const waiting = before.inOrder(100);
    const after = createFairQueue(tags);
    added(after, waiting);
    expect(drain(after)).toEqual(waiting);

    const without = createFairQueue(tags);
    added(
      without,
      waiting.filter((item) => item.flow === "b"),
    );
    without.take(always);
    added(
      without,
      Array.from({ length: 5 }, () => entry("a")),
    );
    expect(drain(without, 4).map((item) => item.flow)).toEqual(["a", "b", "a", "b"]);
  });

  it("keeps the tags of who waits or owes, and of no one else", () => {
    const queue = createFairQueue(START);
    added(queue, [entry("gone", { costMs: 10 }), entry("owes", { costMs: 5000 }), entry("waits"), entry("waits")]);
    drain(queue, 3);
    added(
      queue,
      Array.from({ length: 3 }, () => entry("waits")),
    );
    drain(queue, 2);
    expect(Object.keys(queue.snapshot(7).flows).toSorted()).toEqual(["owes", "waits"]);
    expect(queue.snapshot(7).flows["owes"]).toEqual({ finish: 5000, weight: 1, updatedAt: 7 });
  });
});

describe("tenants that come once", () => {
  it("take no memory after they have gone", () => {
    const queue = createFairQueue(START);
    const passBy = (count: number): void => {
      for (let n = 0; n < count; n += 1) {
        added(queue, [entry(`passer-by ${counter}`, { costMs: 10 }), entry("steady", { costMs: 10 })]);
        for (const taken of drain(queue)) queue.settle(taken, 10);
      }
    };
    passBy(2000);
    const before = usedHeap();
    passBy(50_000);
    expect(usedHeap() - before).toBeLessThan(5_000_000);
  });
});

describe("the listing", () => {
  it("is the order in which all would be taken, and changes nothing", () => {
    const queue = createFairQueue(START);
    added(
      queue,
      Array.from({ length: 200 }, (_, n) =>
        entry(`t${n % 7}`, {
          weight: 1 + (n % 7),
          costMs: 64 * (1 + (n % 5)),
          order: n % 11,
          groups: [group(`g${n % 3}`)],
        }),
      ),
    );
    const order = queue.inOrder(500);
    expect(queue.inOrder(20)).toEqual(order.slice(0, 20));
    expect(queue.inOrder(0)).toEqual([]);
    expect(drain(queue)).toEqual(order);
  });
});

describe("work in progress", () => {
  it("that costs more than was expected puts its tenant back at once, and is not charged twice", () => {
    const queue = createFairQueue(START);
    const [long, next, other] = [entry("a", { costMs: 10 }), entry("a", { costMs: 10 }), entry("b", { costMs: 10 })];
    queue.add(long);
    queue.add(next);
    expect(queue.take(() => true)).toBe(long);
    queue.accrue(long, 1000);
    queue.accrue(long, 500);
    queue.add(other);
    expect(queue.inOrder(2)).toEqual([other, next]);
    expect(queue.snapshot(1).flows["a"]?.finish).toBe(1000);
    queue.settle(long, 1200);
    expect(queue.snapshot(1).flows["a"]?.finish).toBe(1200);
    queue.accrue(long, 9000);
    expect(queue.snapshot(1).flows["a"]?.finish).toBe(1200);
  });
});

describe("a weight that operators change", () => {
  it("counts for what waits already", () => {
    let weight: number | undefined;
    const queue = createFairQueue(START, (flow) => (flow === "a" ? weight : undefined));
    for (let n = 0; n < 40; n += 1) for (const flow of ["a", "b"]) queue.add(entry(flow, { costMs: 10 }));
    weight = 3;
    const first = Array.from({ length: 20 }, () => queue.take(() => true)?.flow);
    expect(first.filter((flow) => flow === "a")).toHaveLength(15);
  });
});

it("tells its order anew after every change of the queue or of a weight", () => {
  let weights: Readonly<Record<string, number>> = {};
  const queue = createFairQueue(
    START,
    (flow) => weights[flow],
    () => weights,
  );
  const ids = (): string[] => queue.inOrder(10).map(({ dispatchId }) => dispatchId);
  for (const n of [1, 2, 3]) {
    for (const flow of ["a", "b"]) {
      queue.add(entry(flow, { dispatchId: `dsp_${flow}_${n}`, order: n, costMs: 1000, weight: 1 }));
    }
  }
  expect(ids()).toEqual(["dsp_a_1", "dsp_b_1", "dsp_a_2", "dsp_b_2", "dsp_a_3", "dsp_b_3"]);
  weights = { a: 4 };
  expect(ids().slice(0, 4)).toEqual(["dsp_a_1", "dsp_b_1", "dsp_a_2", "dsp_a_3"]);
  queue.remove("dsp_b_1");
  expect(ids()).not.toContain("dsp_b_1");
  expect(queue.take(always)?.dispatchId).toBe("dsp_a_1");
  expect(ids()).not.toContain("dsp_a_1");
});
