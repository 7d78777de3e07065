import { access, constants, lstat, opendir, readlink, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";

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
  /** Files and folders that may not be read, or whose name cannot be said. */
  readonly unreadable: readonly string[];
  /** Links that lead out of the folder. */
  readonly outside: readonly string[];
  /** Sockets, pipes and devices. */
  readonly special: readonly string[];
}

/**
 * The content of a folder without a commit: what Fetch counts, what the copies of a run hold, and what its workers
 * count there. Links are never followed, and those that lead out of the folder are no part of it: a worker could
 * write through them.
 */
export async function walkFolder(
  folder: string,
  options: {
    readonly limit: number;
    readonly isOwn: (absolutePath: string) => boolean;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Walk> {
  const files: WalkedFile[] = [];
  const [unreadable, outside, special]: [string[], string[], string[]] = [[], [], []];
  const waiting = [""];
  let cut = false;
  for (let current = waiting.pop(); current !== undefined && !cut; current = waiting.pop()) {
    options.signal?.throwIfAborted();
    for (const entry of await entriesOf(join(folder, current), () => unreadable.push(current))) {
      const path = `${current}${entry.name}`;
      const absolute = join(folder, path);
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name) && !options.isOwn(absolute)) waiting.push(`${path}/`);
      } else if (!entry.isFile() && !entry.isSymbolicLink()) {
        special.push(path);
      } else if (entry.isSymbolicLink() && (await leadsOut(folder, absolute))) {
        outside.push(path);
      } else if (entry.isFile() && !(await isReadable(absolute))) {
        unreadable.push(path);
      } else {
        cut = files.length >= options.limit;
        if (cut) break;
        files.push({ path, kind: entry.isFile() ? "file" : "symlink", bytes: await sizeOf(absolute) });
      }
    }
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), cut, unreadable, outside, special };
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

/** By its words, and by where it ends: a name in between may itself be a link. A broken link leads nowhere. */
async function leadsOut(folder: string, link: string): Promise<boolean> {
  const isInside = (path: string): boolean => `${path}${sep}`.startsWith(`${folder}${sep}`);
  try {
    const points = await readlink(link);
    if (isAbsolute(points) || !isInside(resolve(dirname(link), points))) return true;
  } catch {
    return true;
  }
  return realpath(link).then(
    (end) => !isInside(end),
    () => false,
  );
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function sizeOf(path: string): Promise<number> {
  return lstat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
