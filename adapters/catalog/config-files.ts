import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../src/errors.ts";

/** A file that people write by hand is never larger. */
const LIMIT_BYTES = 256_000;

/** The YAML files of a folder by name; none where there is no such folder. */
export async function yamlFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

export type ConfigText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly missing: boolean; readonly message: string };

export async function readConfigFile(path: string): Promise<ConfigText> {
  try {
    const { size } = await stat(path);
    if (size > LIMIT_BYTES) {
      const message = `at most ${LIMIT_BYTES / 1000} kB are expected, ${Math.ceil(size / 1000)} kB came. Split the file.`;
      return { ok: false, missing: false, message };
    }
    return { ok: true, text: await readFile(path, "utf8") };
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return { ok: false, missing, message: `a file that can be read was expected: ${messageOf(error)}` };
  }
}
