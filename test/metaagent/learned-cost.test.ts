import { describe, expect, it } from "vitest";
import { LearnedCost } from "../../src/contracts/operations.ts";
import { COST_LIMIT, expectedCost, learnCost } from "../../src/metaagent/learned-cost.ts";

describe("a learned cost", () => {
  it("is the first measurement, then a mean that follows the newest", () => {
    let costs = learnCost({}, "health", "tests", 1000);
    expect(costs).toEqual({ "health/tests": { meanMs: 1000, samples: 1 } });
    costs = learnCost(costs, "health", "tests", 2000);
    expect(expectedCost(costs, "health", "tests", 1)).toBe(1500);
    for (let n = 0; n < 20; n += 1) costs = learnCost(costs, "health", "tests", 10_000);
    expect(expectedCost(costs, "health", "tests", 1)).toBeGreaterThan(9500);
    expect(costs["health/tests"]?.samples).toBe(22);
  });

  it.each([
    [null, "tests"],
    ["health", "docs"],
    ["other", "tests"],
  ])("of %s and %s is the author's guess where none was learned", (macro, lane) => {
    expect(expectedCost(learnCost({}, "health", "tests", 9), macro, lane, 4321)).toBe(4321);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])("learns nothing from a duration of %s", (actual) => {
    const costs = learnCost({}, "health", "tests", 1000);
    expect(learnCost(costs, "health", "tests", actual)).toBe(costs);
  });

  it("fits the contract even where the work took no time", () => {
    expect(LearnedCost.safeParse(learnCost({}, "health", "tests", 0)["health/tests"]).success).toBe(true);
  });

  it("leaves the record that it was given as it was", () => {
    const costs = learnCost({}, "health", "tests", 1000);
    learnCost(costs, "health", "tests", 9000);
    expect(costs).toEqual({ "health/tests": { meanMs: 1000, samples: 1 } });
  });

  it("is forgotten for what was not seen for longest once there are too many", () => {
    const full = Object.fromEntries(
      Array.from({ length: COST_LIMIT }, (_, n) => [`m/lane${n}`, { meanMs: 1, samples: 1 }]),
    );
    const costs = learnCost(learnCost(full, "m", "lane0", 5), "m", "new", 5);
    expect(Object.keys(costs)).toHaveLength(COST_LIMIT);
    expect(Object.hasOwn(costs, "m/lane1")).toBe(false);
    expect(Object.hasOwn(costs, "m/lane0")).toBe(true);
  });
});
