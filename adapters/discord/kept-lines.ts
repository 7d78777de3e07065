import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { z } from "zod";
import { replaceFile } from "../files.ts";
import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";

/**
 * What is worth knowing after a restart, in one file, a line each; the last line of a key holds. A convenience, not a
 * record: a line that is lost is learned again.
 */
export interface KeptLines<T> {
  /** As they were when the file was opened, the oldest first. */
  readonly known: readonly T[];
  keep(line: T): void;
  /** Resolves when everything is written. */
  flush(): Promise<void>;
}

interface Lines<T> {
  readonly file: string;
  readonly schema: z.ZodType<T>;
  readonly keyOf: (line: T) => string;
  /** So many of the newest are kept. */
  readonly most: number;
}

export async function openLines<T>(lines: Lines<T>, log: Log): Promise<KeptLines<T>> {
  const { file, most } = lines;
  await mkdir(dirname(file), { recursive: true });
  const known = await newestIn(lines);
  let appended = 0;
  let writing: Promise<void> = Promise.resolve();
  const append = async (line: T): Promise<void> => {
    await appendFile(file, textOf(line), { mode: 0o600 });
    appended += 1;
    // A bot that runs for months would otherwise keep what it has long forgotten.
    if (appended < most) return;
    appended = 0;
    await newestIn(lines);
  };
  return {
    known,
    keep: (line) => {
      writing = writing
        .then(() => append(line))
        .catch((error: unknown) => log.warn({ file, err: messageOf(error) }, "something of Discord was not noted"));
    },
    flush: () => writing,
  };
}

/** The newest line of each key, as many as are kept; the file then holds no others. */
async function newestIn<T>({ file, schema, keyOf, most }: Lines<T>): Promise<T[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  const byKey = new Map<string, T>();
  for (const line of text.split("\n")) {
    // The last line may be torn by a crash.
    const parsed = schema.safeParse(parseJson(line));
    if (!parsed.success) continue;
    byKey.delete(keyOf(parsed.data));
    byKey.set(keyOf(parsed.data), parsed.data);
  }
  const newest = [...byKey.values()].slice(-most);
  const content = newest.map(textOf).join("");
  if (text !== content) await replaceFile({ path: file, content, mode: 0o600, flush: false });
  return newest;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Its break comes first, so that half a line, as a full disk leaves it, spoils only itself. */
function textOf(line: unknown): string {
  return `\n${JSON.stringify(line)}`;
}
