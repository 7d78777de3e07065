import type { RunId } from "../../src/contracts/id.ts";
import type { Progress } from "../../src/ports.ts";

/** What a page can be kept up to date about. */
export type Topic = `thread:${string}` | `channel:${string}` | `run:${string}` | "runs";

/** How far a worker is, live. */
export interface LaneProgress extends Progress {
  readonly runId: RunId;
  readonly laneId: string;
}

type Mail =
  | { readonly kind: "changed"; readonly topic: Topic }
  | { readonly kind: "progress"; readonly progress: LaneProgress }
  | { readonly kind: "beat" };

/**
 * Between the bot and one browser: which topics changed, and the newest progress of each worker, nothing more. A slow
 * or dead browser costs the bot a set of names, however much happens meanwhile.
 */
export interface Mailbox {
  /** The next thing to send; undefined when closed. One taker at a time. */
  take(): Promise<Mail | undefined>;
  /** A sign of life is due. */
  beat(): void;
  close(): void;
}

export interface Changes {
  changed(topic: Topic): void;
  progressed(progress: LaneProgress): void;
  /** A mailbox for the topics that a page shows. */
  open(topics: ReadonlySet<Topic>): Mailbox;
  /** How many mailboxes are open. */
  readonly size: number;
  closeAll(): void;
}

interface Box extends Mailbox {
  changed(topic: Topic): void;
  progressed(progress: LaneProgress): void;
}

export function createChanges(): Changes {
  const boxes = new Set<Box>();
  return {
    changed: (topic) => {
      for (const box of boxes) box.changed(topic);
    },
    progressed: (progress) => {
      for (const box of boxes) box.progressed(progress);
    },
    open: (topics) => {
      const box = createBox(topics, () => boxes.delete(box));
      boxes.add(box);
      return box;
    },
    get size() {
      return boxes.size;
    },
    closeAll: () => {
      for (const box of boxes) box.close();
    },
  };
}

function createBox(topics: ReadonlySet<Topic>, onClose: () => void): Box {
  const dirty = new Set<Topic>();
  const lanes = new Map<string, LaneProgress>();
  let beatDue = false;
  let closed = false;
  let wake: (() => void) | undefined;

  const next = (): Mail | undefined => {
    for (const topic of dirty) {
      dirty.delete(topic);
      return { kind: "changed", topic };
    }
    for (const [lane, progress] of lanes) {
      lanes.delete(lane);
      return { kind: "progress", progress };
    }
    if (!beatDue) return undefined;
    beatDue = false;
    return { kind: "beat" };
  };

  return {
    changed(topic) {
      if (!topics.has(topic)) return;
      dirty.add(topic);
      wake?.();
    },
    progressed(progress) {
      if (!topics.has(`run:${progress.runId}`)) return;
      lanes.set(progress.laneId, progress);
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
      onClose();
      wake?.();
    },
  };
}
