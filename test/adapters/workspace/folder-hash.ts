import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

/** One line for each entry below a folder, `.git` and all: path, mode, and content by hash. */
export async function everyByte(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return Promise.all(
    names
      .sort((a, b) => (a < b ? -1 : 1))
      .map(async (name) => {
        const path = join(folder, name);
        const found = await lstat(path);
        return `${name} ${found.mode.toString(8)} ${found.isSymbolicLink() ? await readlink(path) : found.isFile() ? await contentHash(path) : ""}`;
      }),
  );
}

async function contentHash(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
