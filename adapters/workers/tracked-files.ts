import type { Brief } from "../../src/contracts/worker.ts";
import { walkFolder } from "../folder-walk.ts";
import { gitRecords } from "./git.ts";

/** A file of the workspace; `path` is relative to its root, with `/`. */
export interface TrackedFile {
  readonly path: string;
  readonly kind: "file" | "link" | "submodule";
}

/**
 * Every file that belongs to the workspace, sorted by path: what git tracks, or all files where there is no
 * commit to go by. Links are named and never followed.
 */
export async function trackedFiles(brief: Pick<Brief, "revision">): Promise<TrackedFile[]> {
  // Not "is there a .git above": the copy of a plain folder may lie inside somebody else's repository.
  const files = await Array.fromAsync(brief.revision === null ? inFolder() : fromIndex());
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** How many files these are, as Fetch counts them too: a submodule is a folder of another repository's. */
export function fileCount(files: readonly TrackedFile[]): number {
  return files.filter(({ kind }) => kind !== "submodule").length;
}

async function* fromIndex(): AsyncGenerator<TrackedFile> {
  let before: string | undefined;
  for await (const record of gitRecords("ls-files", "--stage", "-z")) {
    const tab = record.indexOf("\t");
    const path = record.slice(tab + 1);
    // A path in conflict is listed once for each side.
    if (path === before) continue;
    before = path;
    yield { path, kind: kindOfMode(record.slice(0, 6)) };
  }
}

function kindOfMode(mode: string): TrackedFile["kind"] {
  if (mode === "120000") return "link";
  return mode === "160000" ? "submodule" : "file";
}

/** All of it, and nothing of the bot's own: a copy holds only what Fetch counted. */
async function* inFolder(): AsyncGenerator<TrackedFile> {
  const { files } = await walkFolder(process.cwd(), { limit: Number.POSITIVE_INFINITY, isOwn: () => false });
  for (const { path, kind } of files) yield { path, kind: kind === "symlink" ? "link" : "file" };
}
