import { statfs } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Machine } from "../../src/ports.ts";

/** How often the event loop's delay is sampled; it is taken off the figures, since a timer is never earlier. */
const RESOLUTION_MS = 20;

/** The machine of this process; `folder` names the disk. Sampling ends with the process, and keeps it from nothing. */
export function createMachine(folder: string): Machine {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  return {
    freeBytes: async () => {
      try {
        const { bavail, bsize } = await statfs(folder);
        return bavail * bsize;
      } catch {
        return null;
      }
    },
    loopLagMs: () => {
      const lagMs = delay.percentile(99) / 1e6 - RESOLUTION_MS;
      const isMeasured = delay.count > 0;
      delay.reset();
      return isMeasured ? Math.max(0, lagMs) : null;
    },
  };
}
