import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { walkFolder } from "../folder-walk.ts";
import type { IsOwn } from "./own-folders.ts";
import type { Repository } from "./place.ts";

export interface TreeFile {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  readonly kind: "file" | "symlink" | "submodule";
  readonly bytes: number;
}

/** The files that a run's copy will hold, wherever they are read from. */
export interface Tree {
  readonly files: readonly TreeFile[];
  /** True where there were too many files, and only some are listed. */
  readonly cut: boolean;
  /** What is there and no part of the copy, by why. */
  readonly leftOut: { readonly [why in "unreadable" | "outside" | "special"]: readonly string[] };
  /** Contents of listed files as text, by path; what cannot be read is left out. */
  read(paths: readonly string[]): Promise<Map<string, string>>;
}

export const WALK_LIMIT = 50_000;

/** The files of the commit at HEAD: read from git, so that nothing outside the commit can be reached through links. */
export async function commitTree({ git, revision }: Repository & { readonly revision: string }): Promise<Tree> {
  // Inside a sub-folder ls-tree lists that folder only, with paths relative to it.
  const records = await git.records(["ls-tree", "-r", "-l", "-z", revision]);
  const entries = records.flatMap((record) => {
    const match = /^(\d{6}) (?:blob|commit) ([0-9a-f]+) +(\d+|-|BAD)\t(.+)$/s.exec(record);
    return match === null
      ? []
      : [{ mode: match[1], id: match[2] ?? "", bytes: Number(match[3]) || 0, path: match[4] ?? "" }];
  });
  const ids = new Map(entries.map(({ path, id }) => [path, id]));
  return {
    files: entries.map(({ path, mode, bytes }) => ({ path, bytes, kind: KINDS[mode ?? ""] ?? "file" })),
    cut: false,
    leftOut: { unreadable: [], outside: [], special: [] },
    read: async (paths) => {
      const known = paths.filter((path) => ids.has(path));
      if (known.length === 0) return new Map();
      const output = await git.bytes(["cat-file", "--batch"], known.map((path) => `${ids.get(path)}\n`).join(""));
      const texts = blobsIn(Buffer.from(output));
      return new Map(
        known.flatMap((path, index): [string, string][] => {
          const text = texts[index];
          return text === undefined ? [] : [[path, text]];
        }),
      );
    },
  };
}

const KINDS: Readonly<Record<string, TreeFile["kind"]>> = { 120000: "symlink", 160000: "submodule" };

/**
 * Output of `git cat-file --batch`: a line `<id> blob <size>`, the content, and a line end, for each object.
 * An object that is not here (partial clone) is a line `<id> missing`.
 */
function blobsIn(output: Buffer): (string | undefined)[] {
  const texts: (string | undefined)[] = [];
  for (let at = 0; at < output.length;) {
    const contentAt = output.indexOf("\n", at) + 1;
    const [, type, size] = output.subarray(at, contentAt).toString().trimEnd().split(" ");
    const contentEnd = contentAt + Number(size ?? 0);
    texts.push(type === "blob" ? output.subarray(contentAt, contentEnd).toString() : undefined);
    at = size === undefined ? contentAt : contentEnd + 1;
  }
  return texts;
}

/** The files of a folder that has no commit. */
export async function folderTree(folder: string, isOwn: IsOwn, signal: AbortSignal | undefined): Promise<Tree> {
  const { files, cut, ...leftOut } = await walkFolder(folder, { limit: WALK_LIMIT, isOwn, signal });
  const plain = new Set(files.filter(({ kind }) => kind === "file").map(({ path }) => path));
  return {
    files,
    cut,
    leftOut,
    read: async (paths) => {
      const texts = new Map<string, string>();
      for (const path of paths) {
        if (!plain.has(path)) continue;
        const text = await readFile(join(folder, path), "utf8").catch(() => undefined);
        if (text !== undefined) texts.set(path, text);
      }
      return texts;
    },
  };
}
