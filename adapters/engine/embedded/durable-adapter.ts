import { readFile } from "node:fs/promises";
import { Low } from "lowdb";
import { CoxswainError, InputError, messageOf } from "../../../src/errors.ts";
import { isMissing, replaceFile, type DiskCalls } from "../../files.ts";

/** A JSON file whose content is in memory; null while there is none. */
export type JsonFile<T> = Low<T | null>;

/**
 * lowdb over a file that survives a power cut: its own writer renames without flushing, which left empty files.
 * Reading throws an InputError where the file is damaged.
 */
export function jsonFile<T>(path: string, parse: (value: unknown) => T, disk: DiskCalls): JsonFile<T> {
  return new Low<T | null>(
    {
      async read() {
        const text = await readFile(path, "utf8").catch((error: unknown) => {
          if (isMissing(error)) return undefined;
          throw error;
        });
        return text === undefined ? null : parse(parseJson(text, path));
      },
      write: (data) => replaceFile({ path, content: JSON.stringify(data), flush: true, disk }),
    },
    null,
  );
}

/** Makes `next` the content when it is durable; rejects with a retryable `engine.write_failed`, and the old one stays. */
export async function commit<T>(file: JsonFile<T>, next: T, what: string): Promise<void> {
  // lowdb's own write() saves what `data` already shows, and nobody may see what is not saved yet.
  await file.adapter.write(next).catch((cause: unknown) => writeFailed(what, cause));
  file.data = next;
}

/** What could not be read back must not be written: the next start would put it into quarantine. */
export function refuseUnreadable(parse: (value: unknown) => unknown, document: unknown): void {
  try {
    parse(document);
  } catch (cause) {
    throw new CoxswainError("engine.invalid_document", `${messageOf(cause)}\nNothing was saved.`, { cause });
  }
}

export function writeFailed(what: string, cause: unknown): never {
  throw new CoxswainError(
    "engine.write_failed",
    `${what} could not be saved: ${messageOf(cause)}. The state is as it was before. ` +
      "Free space on the disk and check that the state folder can be written, then do it again.",
    { retryable: true, cause },
  );
}

/** Throws with the path of the damaged file. */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError("engine.damaged_file", `${path} is not valid JSON: ${messageOf(cause)}`, cause);
  }
}
