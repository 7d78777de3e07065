import type { RunId } from "../../src/contracts/id.ts";
import { createMailbox, type Mailbox } from "../../src/mailbox.ts";
import type { Progress } from "../../src/ports.ts";

/** What a page can be kept up to date about. */
export type Topic = `thread:${string}` | `channel:${string}` | `run:${string}` | "runs";

/** How far a worker is, live. */
export interface LaneProgress extends Progress {
  readonly runId: RunId;
  readonly laneId: string;
}

/**
 * What one browser is told: which topics changed, and the newest progress of each worker, nothing more; what it is, the
 * browser then fetches.
 */
export type News =
  { readonly kind: "changed"; readonly topic: Topic } | { readonly kind: "progress"; readonly progress: LaneProgress };

export interface Changes {
  changed(topic: Topic): void;
  progressed(progress: LaneProgress): void;
  /** A mailbox for the topics that a page shows; whoever opened it ends it by `leave`. */
  open(topics: ReadonlySet<Topic>): { readonly mailbox: Mailbox<News>; readonly leave: () => void };
  /** How many mailboxes are open. */
  readonly size: number;
  closeAll(): void;
}

export function createChanges(): Changes {
  const readers = new Map<Mailbox<News>, ReadonlySet<Topic>>();
  const tell = (topic: Topic, key: string, news: News): void => {
    for (const [mailbox, topics] of readers) if (topics.has(topic)) mailbox.put(key, news);
  };
  return {
    changed: (topic) => tell(topic, topic, { kind: "changed", topic }),
    progressed: (progress) => tell(`run:${progress.runId}`, `lane:${progress.laneId}`, { kind: "progress", progress }),
    open: (topics) => {
      const mailbox = createMailbox<News>();
      readers.set(mailbox, topics);
      const leave = (): void => {
        readers.delete(mailbox);
        mailbox.close();
      };
      return { mailbox, leave };
    },
    get size() {
      return readers.size;
    },
    closeAll: () => {
      for (const mailbox of readers.keys()) mailbox.close();
      readers.clear();
    },
  };
}
