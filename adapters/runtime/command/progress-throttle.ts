import type { Log } from "../../../src/log.ts";
import type { Clock, Progress } from "../../../src/ports.ts";

const EVERY_MS = 100;

/** Passes on at most ten reports a second, and the last one in any case. A failing listener stops no worker. */
export function createThrottle(
  listener: (progress: Progress) => void,
  clock: Pick<Clock, "now">,
  log: Log,
): { report(progress: Progress): void; flush(): void } {
  let waiting: Progress | undefined;
  let saidAt = Number.NEGATIVE_INFINITY;

  const flush = (): void => {
    if (waiting === undefined) return;
    const progress = waiting;
    waiting = undefined;
    saidAt = clock.now();
    try {
      listener(progress);
    } catch (error) {
      log.error({ err: error }, "progress could not be shown");
    }
  };
  return {
    report: (progress) => {
      waiting = progress;
      if (clock.now() - saidAt >= EVERY_MS) flush();
    },
    flush,
  };
}
