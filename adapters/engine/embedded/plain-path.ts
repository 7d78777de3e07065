import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../../src/errors.ts";
import { isMissing } from "../../files.ts";

/** The absolute path of a relative name with `/`; throws an InputError for one that leads out of the folder. */
export function pathIn(folder: string, name: string): string {
  const parts = name.split("/");
  if (
    name.includes("\\") ||
    name.includes("\0") ||
    parts.some((part) => part === "" || part === "." || part === "..")
  ) {
    throw new InputError(
      "run_files.bad_name",
      `"${name}" is no name of a file of a run: expected parts with / between them, such as artifacts/history/report.md, ` +
        "without . or .. and not absolute.",
    );
  }
  return join(folder, ...parts);
}

/**
 * The same path, after a look at every folder on the way: a worker may have left a symbolic link there,
 * and following it would read or write outside of the run.
 */
export async function plainPathIn(folder: string, name: string): Promise<string> {
  const path = pathIn(folder, name);
  const parts = name.split("/");
  for (let length = 1; length <= parts.length; length++) {
    const step = join(folder, ...parts.slice(0, length));
    const found = await lstat(step).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (found === undefined) return path;
    if (!found.isDirectory() && !(found.isFile() && length === parts.length)) throw notPlain(step);
  }
  return path;
}

export function notPlain(path: string): InputError {
  return new InputError(
    "run_files.not_a_plain_file",
    `${path} is a symbolic link or a special file. Only plain files and folders count as artifacts; ` +
      "copy the content there instead.",
  );
}
