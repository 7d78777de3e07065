import { mkdir, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isMissing, replaceFile } from "../files.ts";
import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { Entry, Thread } from "./thread.ts";

const StoredThread = Thread.extend({ entries: z.array(z.unknown()) });

/** Threads on disk: `<folder>/<channel>/<opened>.<thread>.json`, so that a listing of names is in order of time. */
export interface ThreadFiles {
  /** Names of a channel's threads, with when they were opened; no file is read. */
  names(channel: string): Promise<Map<string, number>>;
  read(channel: string, thread: string, openedAt: number): Promise<Thread | undefined>;
  /** Resolves when it is on disk; a reader never sees half a file. */
  write(thread: Thread): Promise<void>;
}

export function createThreadFiles(folder: string, log: Log): ThreadFiles {
  const pathOf = (channel: string, thread: string, openedAt: number): string =>
    join(folder, channel, `${openedAt.toString(36).padStart(9, "0")}.${thread}.json`);
  return {
    async names(channel) {
      // Only where there is none: an empty list of one that cannot be read now would hide its threads, and open them anew.
      const found = await readdir(join(folder, channel)).catch(unlessMissing);
      return new Map(
        (found ?? []).flatMap((name) => {
          const match = /^([0-9a-z]{9})\.([a-z0-9_]+)\.json$/.exec(name);
          return match === null ? [] : [[match[2] ?? "", Number.parseInt(match[1] ?? "", 36)] as const];
        }),
      );
    },
    async read(channel, thread, openedAt) {
      const path = pathOf(channel, thread, openedAt);
      const text = await readFile(path, "utf8").catch(unlessMissing);
      if (text === undefined) return undefined;
      try {
        const { entries, ...thread } = StoredThread.parse(JSON.parse(text));
        const known = entries.flatMap((entry) => Entry.safeParse(entry).data ?? []);
        // A card of an older version of this program: it comes again with the run's next change, and the talk stays.
        if (known.length < entries.length)
          log.warn({ path }, "a thread of the console holds cards of an older version");
        return { ...thread, entries: known };
      } catch (error) {
        // Kept aside for people to look at; the cards come again with the next change of the run.
        log.warn({ path, err: messageOf(error) }, "a thread of the console could not be read and was set aside");
        await rename(path, `${path}.broken`).catch(() => undefined);
        return undefined;
      }
    },
    async write(thread) {
      const path = pathOf(thread.channel, thread.thread, thread.openedAt);
      await mkdir(join(folder, thread.channel), { recursive: true });
      await replaceFile({ path, content: JSON.stringify(thread), mode: 0o600, flush: true });
    },
  };
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
