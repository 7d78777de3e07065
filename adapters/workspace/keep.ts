import { open } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "../files.ts";
import { InputError } from "../../src/errors.ts";

/** One plain file name: no folder, no control character, nothing hidden (and so not `.git`). */
// oxlint-disable-next-line no-control-regex
const PLAIN_NAME = /^[^./\\\u0000-\u001f\u007f][^/\\\u0000-\u001f\u007f]{0,199}$/u;

/** Writes a new file into a folder, flushed to disk before it resolves. Never overwrites. Returns its path. */
export async function keepFile(folder: string, name: string, content: string): Promise<string> {
  if (!PLAIN_NAME.test(name)) {
    throw new InputError(
      "workspace.name_not_plain",
      `Expected a plain file name such as report.md, got ${JSON.stringify(name)}.`,
    );
  }
  const path = join(folder, name);
  const file = await openNew(path);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(folder);
  return path;
}

async function openNew(path: string) {
  try {
    return await open(path, "wx");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw new InputError(
        "workspace.file_exists",
        `${path} exists already and is not overwritten. Move it away, or choose another name.`,
        error,
      );
    }
    throw error;
  }
}
