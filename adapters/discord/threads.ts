import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { RunId } from "../../src/contracts/id.ts";
import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { LIMITS } from "./limits.ts";

const Line = z.object({
  /** As the core knows it. */
  thread: z.string(),
  runId: RunId,
  /** Where it is now: another one where the first was deleted. */
  at: z.string(),
});
type Line = z.infer<typeof Line>;

/** Which run a thread is about, so that "where is it?" in a thread needs no id, also after a restart. */
export interface Threads {
  runIn(place: string): RunId | undefined;
  /** Where the core's thread is now; undefined where it was never opened. */
  placeOf(thread: string): string | undefined;
  remember(line: Line): void;
  /** Resolves when everything is written. */
  flush(): Promise<void>;
}

/**
 * Kept in one file, a line for each thread. It is a convenience, not a record: the runs hold what matters, and a line
 * that is lost comes back with the next card.
 */
export async function openThreads(file: string, log: Log): Promise<Threads> {
  const lines = await readLines(file);
  const byThread = new Map(lines.map((line) => [line.thread, line]));
  const byPlace = new Map(lines.map((line) => [line.at, line.runId]));
  await mkdir(dirname(file), { recursive: true });
  if (lines.length > byThread.size) await rewrite(file, [...byThread.values()]);
  let writing: Promise<void> = Promise.resolve();

  return {
    runIn: (place) => byPlace.get(place),
    placeOf: (thread) => byThread.get(thread)?.at,
    remember: (line) => {
      const known = byThread.get(line.thread);
      if (known?.at === line.at && known.runId === line.runId) return;
      byThread.set(line.thread, line);
      byPlace.set(line.at, line.runId);
      writing = writing
        .then(() => appendFile(file, `${JSON.stringify(line)}\n`))
        .catch((error: unknown) => log.warn({ err: messageOf(error) }, "a thread of Discord was not noted"));
    },
    flush: () => writing,
  };
}

async function readLines(file: string): Promise<Line[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  const lines = text.split("\n").flatMap((line): Line[] => {
    // The last line may be torn by a crash.
    const parsed = Line.safeParse(parseJson(line));
    return parsed.success ? [parsed.data] : [];
  });
  return lines.slice(-LIMITS.threadsKept);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function rewrite(file: string, lines: readonly Line[]): Promise<void> {
  const next = `${file}.next`;
  await writeFile(next, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  await rename(next, file);
}
