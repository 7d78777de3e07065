import { randomUUID } from "node:crypto";
import { constants, copyFile, mkdir, readlink, rename, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { entryExists } from "../files.ts";
import { InputError } from "../../src/errors.ts";
import { walkFolder } from "../folder-walk.ts";
import { createGit, type Setting } from "./git.ts";
import type { IsOwn } from "./own-folders.ts";
import type { Place, Repository } from "./place.ts";
import { removeAll } from "./remove-all.ts";
import { WALK_LIMIT } from "./tree.ts";

const COPY_LIMIT_BYTES = 5_000_000_000;

/** Large files stay pointers, also where git-lfs is set up but not installed. */
const NO_LFS: readonly Setting[] = [
  ["filter.lfs.smudge", ""],
  ["filter.lfs.process", ""],
  ["filter.lfs.required", "false"],
];

/**
 * Makes a copy of a workspace in `target`, or finds it again. The copy stands under its name only when it is
 * complete, so that half a copy of a killed bot is never taken for one.
 */
export async function openCopy(
  place: Place,
  target: string,
  revision: string | null,
  isOwn: IsOwn,
  signal: AbortSignal,
): Promise<void> {
  if (await entryExists(target)) return;
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  // No copy can have a name that begins with a dot; what is left over goes with the run.
  const partial = join(dirname(target), `.partial-${randomUUID()}`);
  try {
    if (revision === null) await copyFiles(place.folder, partial, isOwn, signal);
    else await cloneAt(requireRepository(place), partial, revision, signal);
    await rename(partial, target);
  } catch (error) {
    await removeAll(partial);
    // Opened twice at the same time: the other one was faster, and made the same.
    if (!(await entryExists(target))) throw error;
  }
}

export function requireRepository(place: Place): Repository {
  if (place.kind === "repository") return place;
  throw new InputError(
    "workspace.no_repository",
    `${place.folder} was to be opened at a commit, but is no git repository now.`,
  );
}

/**
 * A clone that borrows the objects of the workspace. `git worktree add` would be shorter, but it writes into the
 * user's own `.git`, and its entry stays there when the bot is killed. Changes that are not committed are not in it.
 */
async function cloneAt(
  { git, top, folder }: Repository,
  target: string,
  revision: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await git.maybe(["cat-file", "-e", `${revision}^{commit}`])) === undefined) {
    throw new InputError(
      "workspace.revision_missing",
      `Commit ${revision} is not in ${folder} any more. Start a new run on what is there now.`,
    );
  }
  const outside = createGit(dirname(target), { signal, protocols: "file" });
  // The settings stay in the copy: housekeeping in the background would outlive the worker that caused it.
  const kept = ["gc.auto=0", "maintenance.auto=false", "core.hooksPath=/dev/null"].flatMap((setting) => [
    "--config",
    setting,
  ]);
  const how = ["--quiet", "--shared", "--no-checkout", "--no-recurse-submodules", "--origin=origin", "--template="];
  await outside.text(["clone", ...how, ...kept, "--", top, target]);
  const copy = createGit(target, { signal, config: NO_LFS });
  await copy.text(["checkout", "--quiet", "--detach", revision]);
  // A worker must not be able to push into the workspace by habit.
  await copy.text(["remote", "remove", "origin"]);
}

/** Copies what has no commit, without node_modules; as clones where the file system can. */
async function copyFiles(folder: string, target: string, isOwn: IsOwn, signal: AbortSignal): Promise<void> {
  const { files, cut } = await walkFolder(folder, { limit: WALK_LIMIT, isOwn, signal });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (cut || bytes > COPY_LIMIT_BYTES) {
    throw new InputError(
      "workspace.too_large",
      `${folder} is too large to copy: at most ${WALK_LIMIT} files and ${COPY_LIMIT_BYTES / 1e9} GB. Give a smaller folder, or make it a git repository with a commit.`,
    );
  }
  await mkdir(target);
  for (const { path, kind } of files) {
    signal.throwIfAborted();
    const [from, to] = [join(folder, path), join(target, path)];
    await mkdir(dirname(to), { recursive: true });
    if (kind === "file") await copyFile(from, to, constants.COPYFILE_FICLONE);
    else await symlink(await readlink(from), to);
  }
}
