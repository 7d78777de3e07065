import { join } from "node:path";
import type { Card } from "../../src/contracts/card.ts";
import type { RunId } from "../../src/contracts/id.ts";
import { CoxswainError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Clock } from "../../src/ports.ts";
import { createSerial } from "../../src/serial.ts";
import type { Changes } from "./changes.ts";
import { LIMITS } from "./limits.ts";
import { ChannelName, LOBBY, threadOf, type Entry, type Thread } from "./thread.ts";
import { createThreadFiles } from "./thread-files.ts";

/** What stands in the console's threads; on disk, so that a restart changes nothing of it. */
export interface ThreadStore {
  /** Posts the card, or edits it where it stands. An older version than the one shown changes nothing. */
  putCard(channel: string, key: string, card: Card): Promise<void>;
  /** Adds what was said or replied; the same key is the same line. False where the thread is full. */
  addLine(channel: string, thread: string, line: Line): Promise<boolean>;
  /** Marks an offer of the channel as taken up; harmless where it has been forgotten. */
  offerTaken(channel: string, key: string, runId: RunId): Promise<void>;
  thread(channel: string, thread: string): Promise<Thread | undefined>;
  /** Newest first. */
  threads(channel: string, limit: number, offset: number): Promise<{ threads: Thread[]; total: number }>;
}

type EntryInput<K extends Entry["kind"]> = K extends Entry["kind"]
  ? Omit<Extract<Entry, { kind: K }>, "postedAt">
  : never;
type Line = EntryInput<"said" | "reply" | "offer">;

interface StoreOptions {
  /** Absolute folder of the console's files. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly changes: Changes;
}

export function createThreadStore({ folder, clock, log, changes }: StoreOptions): ThreadStore {
  const files = createThreadFiles(join(folder, "threads"), log);
  const indexes = new Map<string, Promise<Map<string, number>>>();
  /** Ids of a channel's threads, the newest first; made anew when one is opened, not with every look. */
  const orders = new Map<string, readonly string[]>();
  const parsed = new Map<string, Thread>();
  const turns = createSerial();

  const indexOf = (channel: string): Promise<Map<string, number>> => {
    if (!ChannelName.safeParse(channel).success) {
      const message = `A channel of the console is named by lower-case letters, digits, - and _; it was "${channel}".`;
      return Promise.reject(new CoxswainError("web.channel", message));
    }
    const known = indexes.get(channel);
    if (known !== undefined) return known;
    const names = files.names(channel).catch((error: unknown) => {
      indexes.delete(channel);
      throw error;
    });
    indexes.set(channel, names);
    return names;
  };
  const keep = (thread: Thread): void => {
    const id = `${thread.channel}/${thread.thread}`;
    // The one that was used last stands last, so the first is the one to forget.
    parsed.delete(id);
    parsed.set(id, thread);
    const [oldest] = parsed.keys();
    if (parsed.size > LIMITS.threadsInMemory && oldest !== undefined) parsed.delete(oldest);
  };
  const load = async (channel: string, thread: string): Promise<Thread | undefined> => {
    const openedAt = (await indexOf(channel)).get(thread);
    if (openedAt === undefined) return undefined;
    const known = parsed.get(`${channel}/${thread}`) ?? (await files.read(channel, thread, openedAt));
    if (known !== undefined) keep(known);
    return known;
  };
  /** One change of a thread at a time: two at once would lose one of them. */
  const update = (channel: string, thread: string, change: (before: Thread) => Thread): Promise<void> =>
    turns.run(`${channel}/${thread}`, async () => {
      const index = await indexOf(channel);
      const now = clock.now();
      const opened = index.get(thread) ?? now;
      const empty: Thread = { schemaVersion: 1, channel, thread, openedAt: opened, updatedAt: now, entries: [] };
      const before = (await load(channel, thread)) ?? empty;
      const after = change(before);
      if (after === before) return;
      const changed = { ...after, updatedAt: now };
      await files.write(changed);
      if (!index.has(thread)) orders.delete(channel);
      index.set(thread, changed.openedAt);
      keep(changed);
      changes.changed(`thread:${channel}/${thread}`);
      changes.changed(`channel:${channel}`);
    });

  return {
    putCard: (channel, key, card) =>
      update(channel, threadOf(card), (thread) => withCard(thread, key, card, clock.now())),
    addLine: async (channel, thread, line) => {
      let full = false;
      await update(channel, thread, (before) => {
        if (before.entries.some((entry) => entry.key === line.key)) return before;
        const lines = before.entries.filter((entry) => entry.kind !== "card");
        full = thread !== LOBBY && lines.length >= LIMITS.linesInThread;
        if (full) return before;
        const entries = [...before.entries, { ...line, postedAt: clock.now() }];
        return { ...before, entries: thread === LOBBY ? entries.slice(-LIMITS.linesInChannel) : entries };
      });
      return !full;
    },
    offerTaken: (channel, key, runId) =>
      update(channel, LOBBY, (before) => {
        const at = before.entries.findIndex((entry) => entry.key === key);
        const offer = before.entries[at];
        return offer?.kind === "offer" ? { ...before, entries: before.entries.with(at, { ...offer, runId }) } : before;
      }),
    thread: load,
    threads: async (channel, limit, offset) => {
      const index = await indexOf(channel);
      const ids = orders.get(channel) ?? newestFirst(index);
      orders.set(channel, ids);
      const page = await Promise.all(ids.slice(offset, offset + limit).map((thread) => load(channel, thread)));
      return { threads: page.filter((thread) => thread !== undefined), total: ids.length };
    },
  };
}

function newestFirst(openedAt: ReadonlyMap<string, number>): string[] {
  return [...openedAt]
    .filter(([thread]) => thread !== LOBBY)
    .toSorted((a, b) => b[1] - a[1])
    .map(([thread]) => thread);
}

function withCard(thread: Thread, key: string, card: Card, now: number): Thread {
  const at = thread.entries.findIndex((entry) => entry.kind === "card" && entry.key === key);
  const before = thread.entries[at];
  if (before?.kind !== "card") {
    const entry: Entry = { kind: "card", key, postedAt: now, changedAt: now, card };
    const entries = [...thread.entries, entry];
    return { ...thread, entries: thread.thread === LOBBY ? entries.slice(-LIMITS.linesInChannel) : entries };
  }
  if (!isNewer(card, before.card)) return thread;
  return { ...thread, entries: thread.entries.with(at, { ...before, changedAt: now, card }) };
}

/** Cards for operators have no version: a digest never changes, and an alert does until it is over. */
function isNewer(card: Card, shown: Card): boolean {
  if (card.kind === "alert") return shown.kind === "alert" && shown.resolved === null;
  return "version" in card && "version" in shown && card.version >= shown.version;
}
