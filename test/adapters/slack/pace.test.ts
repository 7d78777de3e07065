import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RATES } from "../../../adapters/slack/limits.ts";
import { createPace, type Pace } from "../../../adapters/slack/pace.ts";
import { BusyError } from "../../../src/errors.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

const waitFor = (take: () => void): number => {
  try {
    take();
    return 0;
  } catch (error) {
    if (error instanceof BusyError) return error.retryAfterMs;
    throw error;
  }
};
const times = (count: number, take: (at: number) => void): number =>
  Array.from({ length: count }, (_, at) => waitFor(() => take(at))).filter((waits) => waits === 0).length;

describe("pace", () => {
  test("progress leaves room for what people wait for", () => {
    const pace = createPace(createFakeClock());
    const progress = times(200, (at) => pace.take("update", "", "routine", `notice-${at}`));
    const important = times(200, (at) => pace.take("update", "", "important", `decision-${at}`));
    expect(progress).toBe(RATES.update.calls - RATES.update.reserve);
    expect(important).toBe(RATES.update.reserve);
  });

  test("a promised place is kept, and whoever comes for it gets it", () => {
    const clock = createFakeClock();
    const pace = createPace(clock);
    times(27, (at) => pace.take("update", "", "routine", `notice-${at}`));
    const waits = waitFor(() => pace.take("update", "", "routine", "late"));
    expect(waits).toBeGreaterThan(0);
    clock.advance(waits);
    for (let other = 0; other < 30; other += 1) waitFor(() => pace.take("update", "", "routine", `other-${other}`));
    expect(waitFor(() => pace.take("update", "", "routine", "late"))).toBe(0);
  });

  test("progress that became the final state waits no longer for its old place", () => {
    const pace = createPace(createFakeClock());
    times(81, (at) => pace.take("update", "", "routine", `notice-${at}`));
    expect(waitFor(() => pace.take("update", "", "routine", "run"))).toBeGreaterThan(60_000);
    expect(waitFor(() => pace.take("update", "", "important", "run"))).toBe(0);
  });

  test("one that gives its place up takes nobody else's at the same moment", () => {
    const clock = createFakeClock();
    const pace = createPace(clock);
    const { calls, reserve, windowMs } = RATES.update;
    const allowed = calls - reserve;
    const ask = (from: number, count: number): number =>
      times(count, (at) => pace.take("update", "", "routine", `notice-${from + at}`));
    expect(ask(0, 3 * allowed)).toBe(allowed);
    expect(waitFor(() => pace.take("update", "", "important", `notice-${allowed}`))).toBe(0);
    ask(3 * allowed, allowed);
    clock.advance(windowMs);
    expect(ask(allowed + 1, 4 * allowed)).toBe(allowed);
  });

  test("one of thousands that wait costs next to nothing", () => {
    const pace = createPace(createFakeClock());
    times(3000, (at) => pace.take("update", "", "routine", `notice-${at}`));
    const began = performance.now();
    times(100, (at) => pace.take("update", "", "routine", `late-${at}`));
    expect(performance.now() - began).toBeLessThan(500);
  });

  test("a channel that Slack told to wait holds up no other", () => {
    const clock = createFakeClock();
    const pace = createPace(clock);
    pace.limited("post", "C1", 30_000);
    expect(waitFor(() => pace.take("post", "C1", "important", "a"))).toBe(30_000);
    expect(waitFor(() => pace.take("post", "C2", "important", "b"))).toBe(0);
    clock.advance(30_000);
    expect(waitFor(() => pace.take("post", "C1", "important", "a"))).toBe(0);
  });

  test("no window ever holds more calls than Slack allows, whatever is asked for when", () => {
    const call = fc.record({
      afterMs: fc.nat(9000),
      urgency: fc.constantFrom("routine" as const, "important" as const),
      key: fc.nat(40),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 300 }), (calls) => {
        const clock = createFakeClock(0);
        const pace: Pace = createPace(clock);
        const made: number[] = [];
        for (const { afterMs, urgency, key } of calls) {
          clock.advance(afterMs);
          if (waitFor(() => pace.take("update", "", urgency, `${key}`)) === 0) made.push(clock.now());
        }
        const { calls: allowed, windowMs } = RATES.update;
        for (const from of made) {
          expect(made.filter((at) => at >= from && at < from + windowMs).length).toBeLessThanOrEqual(allowed);
        }
      }),
      { numRuns: 60 },
    );
  });
});
