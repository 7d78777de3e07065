import { messageOf } from "./errors.ts";
import type { Log } from "./log.ts";

interface Means {
  readonly log: Log;
  /** Takes secrets out of a text. */
  readonly mask: (text: string) => string;
  /** Ends the process; told why. */
  readonly end: (message: string) => void;
}

/**
 * What nobody caught. A rejected promise that nobody awaited is about one delivery, one click, one listener of a
 * library: it is logged, and the bot goes on, since the runs of everybody else have no part in it. After an exception
 * it is unknown what was left half done in memory, so the process ends, without the usual stop, which would save from
 * that memory: whatever was acknowledged is on disk, workers end with the process, and its supervisor starts it again.
 */
export function watchUncaught({ log, mask, end }: Means): void {
  process.on("unhandledRejection", (reason) => {
    log.error({ err: told(reason, mask) }, "a promise was rejected and nobody looked at it; the bot goes on");
  });
  process.on("uncaughtException", (error) => {
    log.fatal({ err: told(error, mask) }, "an exception was caught by nobody; the bot ends");
    end(mask(messageOf(error)));
  });
}

/** These fields alone: libraries hang whole requests on their errors, with what authorizes them. */
function told(error: unknown, mask: (text: string) => string): Record<string, string> {
  if (!(error instanceof Error)) return { message: mask(String(error)) };
  return { type: error.name, message: mask(error.message), stack: mask(error.stack ?? "") };
}
