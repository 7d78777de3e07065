/** Waits for signs of life of a worker. */
export interface Pulse {
  readonly beat: () => void;
  /** Aborted when nothing has come for as long as was allowed. */
  readonly stalled: AbortSignal;
  end(): void;
}

/** A silence is counted in so many steps. */
const STEPS = 10;

/**
 * Watches for silence of `heartbeatMs` milliseconds; null: never. Counted in ticks of its own and not by a clock: a
 * machine that slept, a clock that was set, or a bot that was too busy to read must not look like a silent worker.
 */
export function watchPulse(heartbeatMs: number | null): Pulse {
  const stall = new AbortController();
  let silentSteps = 0;
  const timer =
    heartbeatMs === null
      ? undefined
      : setInterval(() => {
          silentSteps += 1;
          if (silentSteps > STEPS) stall.abort();
        }, heartbeatMs / STEPS);
  return {
    beat: () => {
      silentSteps = 0;
    },
    stalled: stall.signal,
    end: () => clearInterval(timer),
  };
}
