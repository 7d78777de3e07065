import type { FakeClock } from "./fake-clock.ts";

/** A clock that runs by itself, `speed` times as fast as the machine's. */
export function createRunningClock(speed: number): FakeClock {
  const begun = Date.now();
  return {
    now: () => Math.round(begun + (Date.now() - begun) * speed),
    after: (delayMs, action) => {
      const timer = setTimeout(action, Math.max(0, delayMs) / speed);
      return () => clearTimeout(timer);
    },
    advance: () => undefined,
  };
}
