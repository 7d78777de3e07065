import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import type { IsOwn } from "./own-folders.ts";

/** Folders that are never part of a workspace's own content. */
const SKIPPED = new Set([".git", "node_modules"]);

interface WalkedFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly kind: "file" | "symlink";
  readonly bytes: number;
}

export interface Walk {
  /** In the order of their paths. */
  readonly files: readonly WalkedFile[];
  /** True where there were more files than the limit. */
  readonly cut: boolean;
  /** Folders that may not be read. */
  readonly unreadable: readonly string[];
}

/** Files and links below a folder. Links are never followed; sockets, pipes and devices are left out. */
export async function walkFolder(
  folder: string,
  options: { readonly limit: number; readonly isOwn: IsOwn; readonly signal?: AbortSignal | undefined },
): Promise<Walk> {
  const files: WalkedFile[] = [];
  const unreadable: string[] = [];
  const waiting = [""];
  let cut = false;
  for (let current = waiting.pop(); current !== undefined && !cut; current = waiting.pop()) {
    options.signal?.throwIfAborted();
    for (const entry of await entriesOf(join(folder, current), () => unreadable.push(current))) {
      const path = `${current}${entry.name}`;
      const absolute = join(folder, path);
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name) && !options.isOwn(absolute)) waiting.push(`${path}/`);
      } else if (entry.isFile() || entry.isSymbolicLink()) {
        cut = files.length >= options.limit;
        if (cut) break;
        files.push({ path, kind: entry.isFile() ? "file" : "symlink", bytes: await sizeOf(absolute) });
      }
    }
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), cut, unreadable };
}

async function entriesOf(folder: string, onUnreadable: () => void) {
  try {
    const entries = await Array.fromAsync(await opendir(folder));
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    onUnreadable();
    return [];
  }
}

async function sizeOf(path: string): Promise<number> {
  return lstat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
