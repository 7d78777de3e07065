import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { entryExists } from "../files.ts";
import type { Text } from "../../src/contracts/text.ts";
import { keyed } from "../../src/i18n.ts";
import { changesOf, type Changes } from "./changes.ts";
import { walkFolder } from "../folder-walk.ts";
import type { IsOwn } from "./own-folders.ts";
import { locate, type Place, type Repository } from "./place.ts";
import { WALK_LIMIT } from "./tree.ts";

const IGNORED_LIMIT = 20_000;
/** Larger files are known by size and date: reading them twice in each run would take minutes. */
const CONTENT_LIMIT_BYTES = 64 * 1024 * 1024;
/** Submodules in submodules; a repository that contains itself through a link ends here. */
const DEPTH_LIMIT = 4;

export interface Fingerprint {
  readonly sha256: string;
  /** What is not committed; undefined in a folder without a repository. */
  readonly changes: Changes | undefined;
  /** What it does not see. */
  readonly gaps: Text[];
}

/** Git writes this list of the refs whenever it tidies up, which it does in the background after a large commit. */
const LISTED_BY_GIT = join("info", "refs");

interface Marks {
  add(...parts: readonly (string | number | null)[]): void;
  readonly gaps: Text[];
  largeFiles: number;
}

/**
 * Hash over everything in a workspace that a run could change: commit, branches, index, changed and new files by
 * content, ignored files by size and date, and the repository's configuration and hooks. Tracked files without a
 * change are covered by git's own comparison.
 */
export async function fingerprintOf(place: Place, isOwn: IsOwn, signal: AbortSignal | undefined): Promise<Fingerprint> {
  const hash = createHash("sha256");
  const gaps: Text[] = [];
  const marks: Marks = {
    // As JSON, so that no file name can look like the end of one part and the beginning of another.
    add: (...parts) => hash.update(`${JSON.stringify(parts)}\n`),
    gaps,
    largeFiles: 0,
  };
  const changes = await markPlace(place, isOwn, marks, DEPTH_LIMIT, signal);
  if (marks.largeFiles > 0) gaps.push(keyed("workspace.gap.large_by_date", { count: marks.largeFiles }));
  return { sha256: hash.digest("hex"), changes, gaps };
}

/** Returns what is not committed there. */
async function markPlace(
  place: Place,
  isOwn: IsOwn,
  marks: Marks,
  depth: number,
  signal: AbortSignal | undefined,
): Promise<Changes | undefined> {
  marks.add(place.kind);
  if (place.kind === "folder") {
    await markFolder(place.folder, isOwn, marks, signal);
    return undefined;
  }

  await markRepository(place, marks);
  const index = await place.git.records(["ls-files", "--stage", "-v", "-z"]);
  const changes = await changesOf(place, isOwn);
  marks.add("index", ...index, "changes", ...changes.records);
  const inIndex = index.map(indexEntry);
  const hidden = inIndex.filter(({ hidden }) => hidden).map(({ path }) => join(place.folder, path));
  for (const path of [...changes.paths.filter((path) => !path.endsWith("/")), ...hidden]) await markFile(path, marks);
  await markIgnored(place, isOwn, marks);

  const submodules = inIndex.filter(({ isSubmodule }) => isSubmodule).map(({ path }) => join(place.folder, path));
  for (const folder of [...submodules, ...changes.paths.filter((path) => path.endsWith("/"))]) {
    if (depth === 0 || !(await entryExists(join(folder, ".git")))) continue;
    marks.add("inside", folder);
    await markPlace(await locate(folder, signal), isOwn, marks, depth - 1, signal);
  }
  return changes;
}

/** What belongs to the repository itself; configuration and hooks too, since they could start programs later. */
async function markRepository({ git, gitFolder, revision, branch }: Repository, marks: Marks): Promise<void> {
  marks.add("head", revision, branch);
  marks.add("refs", await git.text(["for-each-ref", "--format=%(refname) %(objectname)"]));
  await markFile(join(gitFolder, "config"), marks);
  for (const folder of ["hooks", "info"].map((name) => join(gitFolder, name))) {
    const names = await readdir(folder).catch((): string[] => []);
    for (const name of names.toSorted((a, b) => (a < b ? -1 : 1))) {
      const path = join(folder, name);
      if (path !== join(gitFolder, LISTED_BY_GIT)) await markFile(path, marks);
    }
  }
}

/** `H 100644 <id> 0\t<path>`: the tag is lower case, or S, for files that git was told not to compare. */
function indexEntry(record: string): { path: string; hidden: boolean; isSubmodule: boolean } {
  const [tag = "", mode] = record.split(" ", 2);
  return { path: record.slice(record.indexOf("\t") + 1), hidden: /[a-zS]/.test(tag), isSubmodule: mode === "160000" };
}

async function markIgnored({ git, folder }: Repository, isOwn: IsOwn, marks: Marks): Promise<void> {
  const all = await git.records(["ls-files", "--others", "--ignored", "--exclude-standard", "-z"]);
  const paths = all.map((path) => join(folder, path)).filter((path) => !isOwn(path));
  marks.add("ignored", paths.length);
  if (paths.length > IGNORED_LIMIT) {
    marks.gaps.push(keyed("workspace.gap.ignored_cut", { read: IGNORED_LIMIT, total: paths.length }));
  }
  for (const path of paths.slice(0, IGNORED_LIMIT)) {
    const found = await lstat(path).catch(() => undefined);
    marks.add(path, found?.size ?? null, found?.mtimeMs ?? null);
  }
}

async function markFolder(folder: string, isOwn: IsOwn, marks: Marks, signal: AbortSignal | undefined): Promise<void> {
  const { files, cut, outside, unreadable } = await walkFolder(folder, { limit: WALK_LIMIT, isOwn, signal });
  marks.add("files", files.length, cut ? 1 : 0);
  for (const path of [...files.map((file) => file.path), ...outside, ...unreadable]) {
    signal?.throwIfAborted();
    await markFile(join(folder, path), marks);
  }
}

/** Kind, permissions and content; links by where they point, never by what is there. */
async function markFile(path: string, marks: Marks): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return marks.add(path, "gone");
  if (found.isSymbolicLink()) return marks.add(path, "link", await readlink(path));
  if (!found.isFile()) return marks.add(path, "special");
  if (found.size <= CONTENT_LIMIT_BYTES) return marks.add(path, found.mode, found.size, await contentHash(path));
  marks.largeFiles += 1;
  marks.add(path, found.mode, found.size, found.mtimeMs);
}

async function contentHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    return hash.digest("hex");
  } catch {
    return "unreadable";
  }
}
