import { join } from "node:path";
import type { IsOwn } from "./own-folders.ts";
import type { Repository } from "./place.ts";

export interface Changes {
  /** What git says, record by record: kinds of change, modes and hashes. */
  readonly records: readonly string[];
  /** Absolute paths of what differs from the commit; a folder (with an end slash) is a repository of its own. */
  readonly paths: readonly string[];
}

/** Number of fields before the path, by the kind of record (git-status, porcelain version 2). */
const FIELDS: Readonly<Record<string, number>> = { "1": 8, u: 10, "?": 1 };

/** Everything in the workspace that is not committed, the bot's own files left out. */
export async function changesOf({ git, top }: Repository, isOwn: IsOwn): Promise<Changes> {
  const all = await git.records([
    "status",
    "--porcelain=v2",
    "-z",
    "--untracked-files=all",
    // A submodule has a configuration of its own, which this git was not told to distrust.
    "--ignore-submodules=all",
    "--no-renames",
    "--",
    ".",
  ]);
  const changes = all
    .map((record) => ({ record, path: join(top, pathIn(record)) }))
    .filter(({ path }) => !isOwn(path.replace(/\/$/, "")));
  return { records: changes.map(({ record }) => record), paths: changes.map(({ path }) => path) };
}

function pathIn(record: string): string {
  let at = 0;
  for (let field = FIELDS[record[0] ?? ""] ?? 1; field > 0; field -= 1) at = record.indexOf(" ", at) + 1;
  return record.slice(at);
}
