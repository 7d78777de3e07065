import type { Clock } from "../../src/ports.ts";
import { LIMITS } from "./limits.ts";

/** How many steps of all notices together may be written: they take no more than a part of what Discord allows. */
export interface StepPace {
  /** How long a step has to wait; 0 counts it as written now. */
  waitMs(): number;
}

export function createStepPace(clock: Clock): StepPace {
  let second = { begunAt: 0, steps: 0 };
  return {
    waitMs: () => {
      const now = clock.now();
      if (now - second.begunAt >= 1000) second = { begunAt: now, steps: 0 };
      if (second.steps >= LIMITS.stepsPerSecond) return second.begunAt + 1000 - now;
      second.steps += 1;
      return 0;
    },
  };
}
