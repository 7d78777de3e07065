/** What waits to be taken: a message, or that a sign of life is due. */
export type Mail<M> = { readonly kind: "message"; readonly message: M } | { readonly kind: "beat" };

/**
 * Between what happens and one reader: holds the newest message under each key, nothing more. A slow or dead reader
 * gets what holds now and misses what was overtaken, instead of filling the memory of the bot.
 */
export interface Mailbox<M> {
  /** Takes the place of what waits under the same key. */
  put(key: string, message: M): void;
  /** A sign of life is due. */
  beat(): void;
  /** The next thing to send, in the order of their keys' arrival; undefined when closed. One taker at a time. */
  take(): Promise<Mail<M> | undefined>;
  close(): void;
}

export function createMailbox<M>(): Mailbox<M> {
  const waiting = new Map<string, M>();
  let beatDue = false;
  let closed = false;
  let wake: (() => void) | undefined;

  const next = (): Mail<M> | undefined => {
    for (const [key, message] of waiting) {
      waiting.delete(key);
      return { kind: "message", message };
    }
    if (!beatDue) return undefined;
    beatDue = false;
    return { kind: "beat" };
  };

  return {
    put(key, message) {
      if (closed) return;
      // A key keeps its place when its message is replaced, so a busy one cannot keep the others from their turn.
      waiting.set(key, message);
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
      waiting.clear();
      wake?.();
    },
  };
}
