import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlacementRequest } from "../../../src/metaagent/strategies/scheduler-strategy.ts";
import { MOST_OVERTAKEN_STEPS, weightedFair } from "../../../src/metaagent/strategies/weighted-fair.ts";
import { request } from "./request.ts";

const order = (fields: Partial<PlacementRequest>): number => weightedFair.place(request(fields)).order;
const MINUTE = 60_000;

describe("weighted-fair", () => {
  it("puts a dispatch into its tenant's flow, with the tenant's weight and the expected cost", () => {
    expect(weightedFair.place(request({ tenant: "ann", weight: 4, expectedMs: 2500 }))).toMatchObject({
      flow: "ann",
      weight: 4,
      costMs: 2500,
    });
    expect(weightedFair.place(request({ expectedMs: 0 })).costMs).toBeGreaterThan(0);
  });

  it("lets one step of priority count as much as one age step of waiting", () => {
    expect(order({ priority: 0 }) - order({ priority: 1 })).toBe(MINUTE);
    expect(order({ priority: -2 })).toBeGreaterThan(order({ priority: 2 }));
    expect(order({ priority: 1, queuedAt: 1_000_000 })).toBe(order({ priority: 0, queuedAt: 1_000_000 - MINUTE }));
  });

  it("brings a near deadline forward, the nearer the more, and a far one not at all", () => {
    const queuedAt = 1_000_000_000;
    const none = order({ queuedAt });
    const inMinutes = (minutes: number) => order({ queuedAt, deadline: queuedAt + minutes * MINUTE });
    expect(inMinutes(600)).toBe(none);
    expect(inMinutes(20)).toBeLessThan(none);
    expect(inMinutes(5)).toBeLessThan(inMinutes(20));
    expect(inMinutes(-600)).toBe(none - 2 * MINUTE);
  });

  it("puts risk a little back and short work a little forward", () => {
    expect(order({ risk: "low" })).toBeLessThan(order({ risk: "medium" }));
    expect(order({ risk: "medium" })).toBeLessThan(order({ risk: "high" }));
    expect(order({ expectedMs: 200 })).toBeLessThan(order({ expectedMs: 600_000 }));
    expect(order({ expectedMs: 600_000 }) - order({ expectedMs: 0 })).toBeLessThan(MINUTE);
  });

  it("bounds every wait by aging: nothing is overtaken by what comes a known time later", () => {
    const anything = {
      priority: fc.integer({ min: -2, max: 2 }),
      risk: fc.constantFrom("low" as const, "medium" as const, "high" as const),
      expectedMs: fc.integer({ min: 0, max: 10_000_000 }),
      deadlineIn: fc.option(fc.integer({ min: -10_000_000, max: 10_000_000 }), { nil: undefined }),
    };
    fc.assert(
      fc.property(
        fc.record(anything),
        fc.record(anything),
        fc.integer({ min: 1, max: 10_000_000 }),
        ({ deadlineIn: oldIn, ...old }, { deadlineIn: newIn, ...newer }, ageStepMs) => {
          const first = 2_000_000_000_000;
          const later = first + MOST_OVERTAKEN_STEPS * ageStepMs + 1;
          const deadline = (queuedAt: number, within: number | undefined) =>
            within === undefined ? undefined : queuedAt + within;
          expect(order({ ...old, ageStepMs, queuedAt: first, deadline: deadline(first, oldIn) })).toBeLessThan(
            order({ ...newer, ageStepMs, queuedAt: later, deadline: deadline(later, newIn) }),
          );
        },
      ),
    );
  });
});
