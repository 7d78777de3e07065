import { createHash } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Artifact } from "../../../src/contracts/worker.ts";
import { isMissing, syncFolder } from "../../files.ts";
import { notPlain } from "./plain-path.ts";

/** Flushes all files of a folder, and takes hash and size. Paths are relative to `base`, in alphabetical order. */
export async function sealFolder(folder: string, base: string): Promise<Artifact[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (entries === undefined) return [];
  const artifacts: Artifact[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await syncFolder(path);
    else artifacts.push({ path: relative(base, path).replaceAll(sep, "/"), ...(await sealFile(path, entry)) });
  }
  await syncFolder(folder);
  return artifacts.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function sealFile(path: string, entry: Dirent): Promise<Omit<Artifact, "path">> {
  if (!entry.isFile()) throw notPlain(path);
  const hash = createHash("sha256");
  let bytes = 0;
  // O_NOFOLLOW: the file may have become a link since its folder was read.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    await file.sync();
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      const data = chunk as Buffer;
      hash.update(data);
      bytes += data.length;
    }
  } finally {
    await file.close();
  }
  return { sha256: hash.digest("hex"), bytes };
}
