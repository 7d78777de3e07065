import { Heap } from "heap-js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QueueEntry } from "../../src/contracts/document.ts";
import { createFairQueue, type FairQueue } from "../../src/metaagent/fair-queue.ts";

interface Tenant {
  readonly name: string;
  readonly weight: number;
  /** Milliseconds that the n-th piece of work really takes. */
  readonly actual: (n: number) => number;
  /** What is expected of it. */
  readonly expected: (n: number) => number;
}

interface Served {
  readonly flow: string;
  readonly startedAt: number;
  readonly costMs: number;
}

/** Slots that are never idle, on a simulated clock; every tenant has work waiting at all times. */
function simulate(
  tenants: readonly Tenant[],
  slots: number,
  untilMs: number,
  queue: FairQueue = emptyQueue(),
): Served[] {
  const byName = new Map(tenants.map((tenant) => [tenant.name, tenant]));
  const running = new Heap<{ entry: QueueEntry; endsAt: number; costMs: number }>((a, b) => a.endsAt - b.endsAt);
  const served: Served[] = [];
  let counter = 0;
  let now = 0;
  const addFor = ({ name, weight, expected }: Tenant): void => {
    counter += 1;
    const entry = { dispatchId: `dsp_aaaaaaaa_${counter}`, runId: "run_aaaaaaaa", flow: name, order: counter };
    queue.add({ ...entry, costMs: expected(counter), weight, groups: [] });
  };
  for (const tenant of tenants) for (let n = 0; n < 3; n += 1) addFor(tenant);
  while (now < untilMs) {
    while (running.length < slots) {
      const entry = queue.take(() => true);
      const tenant = entry && byName.get(entry.flow);
      if (entry === undefined || tenant === undefined) throw new Error("a tenant ran out of work");
      const costMs = tenant.actual(entry.order);
      running.add({ entry, endsAt: now + costMs, costMs });
      served.push({ flow: entry.flow, startedAt: now, costMs });
      addFor(tenant);
    }
    const ended = running.pop();
    if (ended === undefined) break;
    now = ended.endsAt;
    queue.settle(ended.entry, ended.costMs);
  }
  return served;
}

const emptyQueue = (): FairQueue => createFairQueue({ virtualTime: 0, flows: {} });

function shareErrors(tenants: readonly Tenant[], served: readonly Served[]): number[] {
  const total = served.reduce((sum, { costMs }) => sum + costMs, 0);
  const weights = tenants.reduce((sum, { weight }) => sum + weight, 0);
  return tenants.map(({ name, weight }) => {
    const own = served.filter(({ flow }) => flow === name).reduce((sum, { costMs }) => sum + costMs, 0);
    return Math.abs(own / total - weight / weights) / (weight / weights);
  });
}

/** A cost between 1 s and 100 s that depends on nothing but its number. */
const uneven = (salt: number) => (n: number) => 1000 + ((n * 7919 + salt * 104_729) % 99_000);

describe("weights 1:2:4 under a flood", () => {
  const tenants = (factor: Record<string, number>): Tenant[] =>
    (["a", "b", "c"] as const).map((name, n) => {
      const actual = uneven(n);
      return { name, weight: 2 ** n, actual, expected: (at) => actual(at) * (factor[name] ?? 1) };
    });

  it.each([1, 4, 8])("share %i slots with less than 2 % error", (slots) => {
    const flood = tenants({});
    for (const error of shareErrors(flood, simulate(flood, slots, 40_000_000))) expect(error).toBeLessThan(0.02);
  });

  it.each([
    { slots: 1, a: 10, b: 1, c: 1 },
    { slots: 1, a: 1, b: 1, c: 0.1 },
    { slots: 4, a: 10, b: 0.1, c: 1 },
    { slots: 4, a: 0.1, b: 1, c: 10 },
    { slots: 8, a: 10, b: 10, c: 0.1 },
  ])("share by what work really cost, even where expectations are wrong tenfold: %o", ({ slots, ...factor }) => {
    const flood = tenants(factor);
    for (const error of shareErrors(flood, simulate(flood, slots, 80_000_000))) expect(error).toBeLessThan(0.02);
  });
});

describe("ten tenants of unequal weights", () => {
  it("share several slots with less than 1 % error, costs from 1 s to 100 s", () => {
    const tenants: Tenant[] = Array.from({ length: 10 }, (_, n) => {
      const cost = uneven(n);
      return { name: `t${n}`, weight: 1 + (n % 5), actual: cost, expected: cost };
    });
    for (const error of shareErrors(tenants, simulate(tenants, 4, 400_000_000))) expect(error).toBeLessThan(0.01);
  });
});

describe("the bound of start-time fair queueing", () => {
  it("holds between any two tenants over any time in which both wait, whatever was expected", () => {
    const aTenant = fc.record({
      weight: fc.integer({ min: 1, max: 9 }),
      costs: fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 7 }),
      factor: fc.constantFrom(0.1, 1, 10),
    });
    fc.assert(
      fc.property(fc.array(aTenant, { minLength: 2, maxLength: 5 }), (kinds) => {
        const tenants = kinds.map(({ weight, costs, factor }, n): Tenant => {
          const actual = (at: number) => costs[at % costs.length] ?? 1;
          return { name: `t${n}`, weight, actual, expected: (at) => actual(at) * factor };
        });
        const served = simulate(tenants, 1, 20_000);
        for (const [n, f] of kinds.entries()) {
          for (const [m, g] of kinds.entries()) {
            if (m <= n) continue;
            const lead = served.map(normalizedLead(`t${n}`, f.weight, `t${m}`, g.weight));
            const spread = Math.max(0, ...lead) - Math.min(0, ...lead);
            const bound = Math.max(...f.costs) / f.weight + Math.max(...g.costs) / g.weight;
            expect(spread).toBeLessThanOrEqual(bound + 1e-6);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe("fairness with several slots", () => {
  it("ten tenants of any weights share with less than 1 % error, and within the bound from start to start", () => {
    const aTenant = fc.record({ weight: fc.integer({ min: 1, max: 6 }), salt: fc.nat({ max: 1000 }) });
    fc.assert(
      fc.property(
        fc.array(aTenant, { minLength: 10, maxLength: 10 }),
        fc.integer({ min: 2, max: 8 }),
        (kinds, slots) => {
          const tenants = kinds.map(({ weight, salt }, n): Tenant => {
            const cost = uneven(salt);
            return { name: `t${n}`, weight, actual: cost, expected: cost };
          });
          const served = simulate(tenants, slots, 1_600_000_000 / slots);
          for (const error of shareErrors(tenants, served)) expect(error).toBeLessThan(0.01);
          const most = 100_000;
          for (const [n, f] of tenants.entries()) {
            for (const g of tenants.slice(n + 1)) {
              const lead = served.map(normalizedLead(f.name, f.weight, g.name, g.weight));
              const spread = lead.reduce((high, value) => Math.max(high, value), 0);
              const below = lead.reduce((low, value) => Math.min(low, value), 0);
              expect(spread - below).toBeLessThanOrEqual(most / f.weight + most / g.weight + 1e-6);
            }
          }
        },
      ),
      { numRuns: 10 },
    );
  });
});

/** W_f / w_f - W_g / w_g after each piece of work; the spread of it is the largest difference over any interval. */
function normalizedLead(f: string, weightF: number, g: string, weightG: number): (served: Served) => number {
  let lead = 0;
  return ({ flow, costMs }) => {
    if (flow === f) lead += costMs / weightF;
    if (flow === g) lead -= costMs / weightG;
    return lead;
  };
}

describe("nobody starves", () => {
  it("a late small tenant starts with the next free slot, behind any flood", () => {
    const queue = emptyQueue();
    const flood = Array.from({ length: 20 }, (_, n): Tenant => {
      const cost = uneven(n);
      return { name: `big${n}`, weight: 1000, actual: cost, expected: cost };
    });
    simulate(flood, 4, 10_000_000, queue);
    const late: QueueEntry = {
      dispatchId: "dsp_bbbbbbbb_1",
      runId: "run_bbbbbbbb",
      flow: "late",
      order: 0,
      costMs: 1000,
      weight: 0.001,
      groups: [],
    };
    queue.add(late);
    const position = queue.inOrder(100).indexOf(late);
    expect(position).toBeGreaterThanOrEqual(0);
    // Each of the others has at most the piece whose start tag is the virtual time before it.
    expect(position).toBeLessThanOrEqual(flood.length);
  });
});
