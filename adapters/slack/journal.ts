import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { DISK, isMissing, makeFolder, removeTempFiles, replaceFile, type DiskCalls } from "../files.ts";
import { RunId } from "../../src/contracts/id.ts";
import { createRounds } from "../../src/rounds.ts";

/**
 * What must not be forgotten by a crash: which messages were about to be posted, where they stand, and which run a
 * thread belongs to. Without it a repeated delivery would either post twice, or ask Slack for every message first.
 */
export interface Journal {
  /** What is known of a message; `started`: it may stand in Slack or not. */
  post(key: string): Post | undefined;
  /** Durable before it resolves. */
  start(key: string, at: number): Promise<void>;
  /** `version`: of the card that it shows, where it is known. */
  posted(key: string, thread: string, message: string, version?: number): Promise<void>;
  /** The caller keeps the message by now. */
  forget(key: string): void;
  /** Slack has certainly not taken it. */
  failed(key: string): void;
  threadOf(channel: string, runId: RunId): Thread | undefined;
  runIn(channel: string, thread: string): Thread | undefined;
  keepThread(thread: Thread): Promise<void>;
  /** What somebody chose to be spoken to in; undefined: nothing. */
  languageOf(user: string): string | undefined;
  /** Undefined takes the choice back. */
  keepLanguage(user: string, language: string | undefined): Promise<void>;
  close(): Promise<void>;
}

const Post = z.discriminatedUnion("state", [
  z.object({ state: z.literal("started"), at: z.number() }),
  z.object({ state: z.literal("posted"), thread: z.string(), message: z.string(), version: z.number().optional() }),
]);
export type Post = z.infer<typeof Post>;

const Thread = z.object({
  channel: z.string(),
  thread: z.string(),
  runId: RunId,
  /** The people of the run are here, not only operators. */
  isHome: z.boolean(),
});
export type Thread = z.infer<typeof Thread>;

const Line = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("post"), key: z.string(), post: Post }),
  z.object({ kind: z.literal("gone"), key: z.string() }),
  z.object({ kind: z.literal("thread"), thread: Thread }),
  z.object({ kind: z.literal("language"), user: z.string(), language: z.string().nullable() }),
]);
type Line = z.infer<typeof Line>;

/** Messages remembered; far more than can be on their way at once. */
const POSTS_KEPT = 20_000;
/** Threads remembered; the oldest go first. */
const THREADS_KEPT = 20_000;
/** Lines in the file before it is written anew with what still counts. */
const LINES_BEFORE_COMPACTION = 20_000;

/**
 * One file of JSON lines, appended and flushed; a torn last line, as a crash leaves it, is left out. What could not be
 * written is not known either: so it is begun anew when it is asked for again. `disk`: for tests of a full one.
 */
export async function openJournal(path: string, disk: DiskCalls = DISK): Promise<Journal> {
  const posts = new Map<string, Post>();
  const byThread = new Map<string, Thread>();
  const byRun = new Map<string, Thread>();
  const languages = new Map<string, string>();
  let lines = 0;

  const apply = (line: Line): void => {
    lines += 1;
    switch (line.kind) {
      case "post":
        // The one that was touched last stands last, so the first is the one to forget.
        posts.delete(line.key);
        posts.set(line.key, line.post);
        if (posts.size > POSTS_KEPT) posts.delete(posts.keys().next().value ?? "");
        return;
      case "gone":
        posts.delete(line.key);
        return;
      case "language":
        if (line.language === null) languages.delete(line.user);
        else languages.set(line.user, line.language);
        return;
      case "thread": {
        const { channel, thread, runId } = line.thread;
        byThread.set(`${channel}/${thread}`, line.thread);
        byRun.set(`${channel}/${runId}`, line.thread);
        const [oldest] = byThread;
        if (byThread.size > THREADS_KEPT && oldest !== undefined) {
          byThread.delete(oldest[0]);
          byRun.delete(`${oldest[1].channel}/${oldest[1].runId}`);
        }
        return;
      }
    }
  };
  await makeFolder(dirname(path));
  await removeTempFiles(dirname(path));
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (isMissing(error)) return "";
    throw error;
  });
  for (const row of text.split("\n")) {
    const parsed = Line.safeParse(parsedJson(row));
    if (parsed.success) apply(parsed.data);
  }

  /** The file is there for good, and ends with a whole line: what is appended to half a one is lost with it. */
  let isWhole = text.endsWith("\n");
  const rewrite = async (): Promise<void> => {
    const kept: Line[] = [
      ...[...posts].map(([key, post]) => ({ kind: "post", key, post }) as const),
      ...[...byThread.values()].map((thread) => ({ kind: "thread", thread }) as const),
      ...[...languages].map(([user, language]) => ({ kind: "language", user, language }) as const),
    ];
    await replaceFile({ path, content: textOf(kept), mode: 0o600, flush: true, disk });
    lines = kept.length;
  };
  const isLong = (): boolean =>
    lines > LINES_BEFORE_COMPACTION && lines > 2 * (posts.size + byThread.size + languages.size);
  /** Whatever waits goes out with one flush: a burst of messages costs one. */
  const write = createRounds<Line>(async (batch) => {
    if (!isWhole || isLong()) await rewrite();
    isWhole = false;
    // Opened anew each time: whatever became of the file before, the next lines go into the one that is there.
    const file = await disk.open(path, "a", 0o600);
    try {
      await file.writeFile(textOf(batch));
      await file.datasync();
    } finally {
      await file.close();
    }
    isWhole = true;
    for (const line of batch) apply(line);
  });
  let writing: Promise<void> = Promise.resolve();
  const append = (line: Line): Promise<void> => (writing = write(line));
  const drop = (key: string): void => {
    posts.delete(key);
    append({ kind: "gone", key }).catch(() => undefined);
  };

  return {
    post: (key) => posts.get(key),
    start: (key, at) => append({ kind: "post", key, post: { state: "started", at } }),
    posted: (key, thread, message, version) => {
      const post = { state: "posted", thread, message, ...(version === undefined ? {} : { version }) } as const;
      return append({ kind: "post", key, post });
    },
    forget: (key) => {
      if (posts.has(key)) drop(key);
    },
    failed: drop,
    threadOf: (channel, runId) => byRun.get(`${channel}/${runId}`),
    runIn: (channel, thread) => byThread.get(`${channel}/${thread}`),
    keepThread: async (thread) => {
      const known = byThread.get(`${thread.channel}/${thread.thread}`);
      if (known?.runId === thread.runId && known.isHome === thread.isHome) return;
      await append({ kind: "thread", thread });
    },
    languageOf: (user) => languages.get(user),
    keepLanguage: (user, language) => append({ kind: "language", user, language: language ?? null }),
    close: () => writing.catch(() => undefined),
  };
}

function textOf(lines: readonly Line[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
