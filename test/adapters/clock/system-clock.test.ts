import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../adapters/clock/system-clock.ts";

const DAY_MS = 86_400_000;

describe("the system clock", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([1, 30 * DAY_MS, 100 * DAY_MS])("calls once after %i ms, and not before", (delayMs) => {
    const action = vi.fn<() => void>();
    systemClock.after(delayMs, action);
    vi.advanceTimersByTime(delayMs - 1);
    expect(action).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(1 + DAY_MS);
    expect(action).toHaveBeenCalledTimes(1);
  });

  it("can be called off, even in the middle of a long wait", () => {
    const action = vi.fn<() => void>();
    const callOff = systemClock.after(60 * DAY_MS, action);
    vi.advanceTimersByTime(40 * DAY_MS);
    callOff();
    vi.advanceTimersByTime(40 * DAY_MS);
    expect(action).not.toHaveBeenCalled();
  });
});
