import { closeSync, openSync, readSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { access, lstat, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createRounds } from "../src/rounds.ts";

/** The calls that fail when a disk is full or broken; a test puts failing ones in their place. */
export interface DiskCalls {
  readonly open: typeof open;
  readonly rename: typeof rename;
}

export const DISK = { open, rename } as const satisfies DiskCalls;

const TEMP_NAME = /\.[0-9a-f-]{36}\.tmp$/;

interface Replacement {
  readonly path: string;
  readonly content: string;
  /** Who may read it; default: as the system has it for new files. */
  readonly mode?: number;
  /** Flush file and folder: what was acknowledged survives a power cut, and no reader finds an empty file after one. */
  readonly flush: boolean;
  /** Where the temporary file stands until it is whole; on the same file system. Default: beside the file. */
  readonly tempFolder?: string;
  readonly disk?: DiskCalls;
}

/** Puts a whole file in the place of another, or leaves the other as it is. */
export async function replaceFile({ path, content, mode, flush, tempFolder, disk = DISK }: Replacement): Promise<void> {
  const temp = join(tempFolder ?? dirname(path), `${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await disk.open(temp, "wx", mode);
    try {
      // FileHandle.writeFile goes on after a short write; a single write() on a nearly full disk would not.
      await file.writeFile(content);
      if (flush) await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(temp, path);
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
  if (flush) await syncFolder(dirname(path), disk);
}

/** Flushes the names in a folder: without it a rename may be undone by a power cut. */
export async function syncFolder(path: string, disk: DiskCalls = DISK): Promise<void> {
  const folder = await disk.open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Flushes the names in a folder; those who ask meanwhile share the next flush, however many they are. */
export type FlushFolder = (path: string) => Promise<void>;

export function createFolderFlush(disk: DiskCalls = DISK): FlushFolder {
  return createRounds(async (paths) => {
    await Promise.all([...new Set(paths)].map((path) => syncFolder(path, disk)));
  });
}

/**
 * Makes a folder and those above it, and flushes the names of the new ones. Step by step: where the folder above is
 * there and takes no entries (`/proc`), Node's own `recursive` tries without end.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) await makeFolder(above);
  await mkdir(path).catch(async (error: unknown) => {
    // Somebody else may have been faster.
    if (!(await isFolder(path))) throw error;
  });
  await syncFolder(above);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Removes what a killed process left half written in a folder. */
export async function removeTempFiles(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => TEMP_NAME.test(name));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
}

/** Whether there is something, at the end of a link. */
export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Whether there is something by that name, a link that leads nowhere included. */
export function entryExists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** The text of a file; undefined where it cannot be read, or has more bytes: a device has no end. */
export function readTextUpTo(path: string, limit: number): string | undefined {
  const bytes = Buffer.alloc(limit + 1);
  let length = 0;
  try {
    const file = openSync(path, "r");
    try {
      for (let read = -1; read !== 0 && length <= limit; length += read)
        read = readSync(file, bytes, length, limit + 1 - length, null);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
  return length > limit ? undefined : bytes.toString("utf8", 0, length);
}
