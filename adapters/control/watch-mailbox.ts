import type { RunWatchMessage } from "../../src/contracts/view.ts";

type Mail = { readonly kind: "message"; readonly message: RunWatchMessage } | { readonly kind: "beat" };

/**
 * Between a run and one watcher: holds the newest view and the newest progress of each lane, nothing more. A slow
 * reader gets what holds now and misses what was overtaken, instead of filling the memory of the bot.
 */
export interface WatchMailbox {
  put(message: RunWatchMessage): void;
  /** A sign of life is due. */
  beat(): void;
  /** The next thing to send; undefined when closed. One taker at a time. */
  take(): Promise<Mail | undefined>;
  close(): void;
}

/** The place of trouble among the lanes; no lane is called so. */
const TROUBLE = "";

export function createWatchMailbox(): WatchMailbox {
  let view: RunWatchMessage | undefined;
  const progress = new Map<string, RunWatchMessage>();
  let beatDue = false;
  let closed = false;
  let wake: (() => void) | undefined;

  const next = (): Mail | undefined => {
    if (view !== undefined) {
      const message = view;
      view = undefined;
      return { kind: "message", message };
    }
    for (const [lane, message] of progress) {
      progress.delete(lane);
      return { kind: "message", message };
    }
    if (!beatDue) return undefined;
    beatDue = false;
    return { kind: "beat" };
  };

  return {
    put(message) {
      if (message.kind === "view") view = message;
      else progress.set(message.kind === "trouble" ? TROUBLE : message.laneId, message);
      wake?.();
    },
    beat() {
      beatDue = true;
      wake?.();
    },
    async take() {
      while (!closed) {
        const mail = next();
        if (mail !== undefined) return mail;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
      return undefined;
    },
    close() {
      closed = true;
      wake?.();
    },
  };
}
