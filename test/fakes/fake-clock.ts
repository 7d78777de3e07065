import type { Clock } from "../../src/ports.ts";

export interface FakeClock extends Clock {
  /**
   * Moves the time on, and runs what comes due on the way, in the order of time. `asleep`, as a machine may be: what
   * came due meanwhile runs once, late.
   */
  advance(ms: number, how?: "awake" | "asleep"): void;
}

/** One that somebody can set. */
interface SettableClock extends FakeClock {
  /** Sets the clock back; what was asked for after a while still comes after that while. */
  setBack(ms: number): void;
}

/** A clock that stands still until it is told to move. */
export function createFakeClock(startsAt = 1_700_000_000_000): SettableClock {
  let time = startsAt;
  const timers = new Set<{ at: number; readonly action: () => void }>();
  const nextUntil = (end: number): { at: number; action: () => void } | undefined =>
    [...timers].filter((timer) => timer.at <= end).toSorted((a, b) => a.at - b.at)[0];

  return {
    now: () => time,
    after(delayMs, action) {
      const timer = { at: time + Math.max(0, delayMs), action };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    setBack(ms) {
      time -= ms;
      for (const timer of timers) timer.at -= ms;
    },
    advance(ms, how = "awake") {
      const end = time + ms;
      if (how === "asleep") time = end;
      for (let timer = nextUntil(end); timer !== undefined; timer = nextUntil(end)) {
        timers.delete(timer);
        time = Math.max(time, timer.at);
        timer.action();
      }
      time = end;
    },
  };
}
