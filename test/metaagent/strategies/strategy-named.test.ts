import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { earliestDeadline } from "../../../src/metaagent/strategies/earliest-deadline.ts";
import { firstCome } from "../../../src/metaagent/strategies/first-come.ts";
import { STRATEGIES, strategyNamed } from "../../../src/metaagent/strategies/strategy-named.ts";
import { request } from "./request.ts";

describe("a strategy's name", () => {
  it.each(STRATEGIES.map((strategy) => strategy.name))("%s is found", (name) => {
    expect(strategyNamed(name).name).toBe(name);
  });

  it.each(["fastest", "", "constructor", "__proto__"])("%j is refused with the names that there are", (name) => {
    expect(() => strategyNamed(name)).toThrow(InputError);
    expect(() => strategyNamed(name)).toThrow(/weighted-fair, first-come, earliest-deadline/);
  });
});

describe("every strategy", () => {
  it.each([...STRATEGIES])("$name keeps the limits: they are not its to decide", (strategy) => {
    const { groups } = strategy.place(request({ writesWorkspace: true, runConcurrency: 2 }));
    expect(groups).toEqual([
      { name: "tenant:ann", limit: 4 },
      { name: "macro:repository-health", limit: 8 },
      { name: "workspace:/repository", limit: 1, holder: "run_aaaaaaaa" },
      { name: "run:run_aaaaaaaa", limit: 2 },
    ]);
    expect(strategy.place(request({ macroId: null })).groups).toEqual([{ name: "tenant:ann", limit: 4 }]);
  });
});

describe("first-come", () => {
  it("is one line for all, in the order of arrival", () => {
    const early = firstCome.place(request({ tenant: "ann", queuedAt: 5, priority: -2 }));
    const late = firstCome.place(request({ tenant: "bob", queuedAt: 6, priority: 2 }));
    expect(early.flow).toBe(late.flow);
    expect(early.order).toBeLessThan(late.order);
  });
});

describe("earliest-deadline", () => {
  it("puts what is due first to the front, whoever it counts for, and what has no deadline after an hour's worth", () => {
    const orderOf = (fields: Parameters<typeof request>[0]): number => earliestDeadline.place(request(fields)).order;
    const soon = orderOf({ tenant: "bob", queuedAt: 1_500_000, deadline: 2_000_000 });
    const later = orderOf({ tenant: "ann", deadline: 3_000_000, priority: 2 });
    const never = orderOf({});
    expect([later, never, soon].toSorted((a, b) => a - b)).toEqual([soon, later, never]);
    // It is overtaken for a known time only.
    expect(orderOf({ queuedAt: 1_000_001, deadline: 1_000_000 + 61 * 60_000 })).toBeGreaterThan(never);
  });
});
