import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomUUID } from "node:crypto";
import { exists } from "../files.ts";
import { InputError } from "../../src/errors.ts";
import type { SealedChange } from "../../src/ports.ts";
import { createGit, type Git } from "./git.ts";
import type { Repository } from "./place.ts";
import { removeAll } from "./remove-all.ts";

/** Larger patches are no change that a person could read before approving it. */
const PATCH_LIMIT_BYTES = 5_000_000;
const AUTHOR = { name: "Coxswain", email: "coxswain@localhost" } as const;
const PLAIN_MODES = ["000000", "100644", "100755"];

/** Where the sealed change of a copy lies: beside it, so that no worker can reach it by its copy. */
export function sealFolderOf(copy: string): string {
  return join(dirname(copy), `.change-${copy.slice(dirname(copy).length + 1)}.git`);
}

interface Note {
  readonly revision: string;
  readonly message: string;
  readonly at: number;
}

/**
 * Commits what differs from `revision` in a copy, in a repository of its own beside it. The copy's own `.git` is not
 * looked at: its worker may have written anything into it. Undefined where nothing differs.
 */
export async function sealCopy(
  { top, prefix }: Repository,
  copy: string,
  { revision, message, at }: Note,
  signal: AbortSignal,
): Promise<SealedChange | undefined> {
  const target = sealFolderOf(copy);
  const partial = join(dirname(copy), `.partial-${randomUUID()}`);
  const outside = createGit(dirname(copy), { signal, protocols: "file" });
  try {
    await outside.text(["clone", "--quiet", "--shared", "--bare", "--template=", "--", top, partial]);
    const git = sealGit(partial, copy, at, signal);
    await git.text(["read-tree", revision]);
    await git.text(["add", "--all", "--", "."]);
    const tree = (await git.text(["write-tree"])).trim();
    if (tree === (await git.text(["rev-parse", `${revision}^{tree}`])).trim()) return undefined;
    const commit = (await git.text(["commit-tree", tree, "-p", revision, "-F", "-"], message)).trim();
    await git.text(["update-ref", "refs/heads/coxswain-sealed", commit]);
    const files = await changedFiles(git, revision, commit, prefix);
    const patch = await patchOf(git, revision, commit);
    await removeAll(target);
    await rename(partial, target);
    return { commit, base: revision, files, patch };
  } finally {
    await removeAll(partial);
  }
}

/** Git on the sealed repository, with the copy as its work tree, the same author each time, and every object flushed. */
function sealGit(folder: string, copy: string, at: number, signal: AbortSignal): Git {
  const date = `${Math.floor(at / 1000)} +0000`;
  return createGit(copy, {
    signal,
    config: [
      ["core.fsync", "all"],
      ["core.bare", "false"],
      // Large files are pointers in the copy, and stay what they are.
      ["filter.lfs.clean", ""],
      ["filter.lfs.process", ""],
      ["filter.lfs.required", "false"],
    ],
    environment: {
      GIT_DIR: folder,
      GIT_WORK_TREE: copy,
      GIT_AUTHOR_NAME: AUTHOR.name,
      GIT_AUTHOR_EMAIL: AUTHOR.email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: AUTHOR.name,
      GIT_COMMITTER_EMAIL: AUTHOR.email,
      GIT_COMMITTER_DATE: date,
    },
  });
}

const DIFF = ["diff-tree", "-r", "--no-renames", "--no-ext-diff", "--no-textconv"];

async function changedFiles(git: Git, base: string, commit: string, prefix: string): Promise<SealedChange["files"]> {
  // `:<mode> <mode> <id> <id> <status>`, then the path.
  const raw = await git.records([...DIFF, "--raw", "-z", base, commit]);
  const counts = await git.records([...DIFF, "--numstat", "-z", base, commit]);
  const lines = new Map(
    counts.map((record) => {
      const [added = "-", removed = "-", ...path] = record.split("\t");
      return [path.join("\t"), { added: countOf(added), removed: countOf(removed) }] as const;
    }),
  );
  const files: SealedChange["files"] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [before = "", after = ""] = (raw[at] ?? "").slice(1).split(" ");
    const path = raw[at + 1] ?? "";
    const plain = PLAIN_MODES.includes(before) && PLAIN_MODES.includes(after);
    files.push({ path: inWorkspace(path, prefix), plain, ...(lines.get(path) ?? { added: null, removed: null }) });
  }
  return files;
}

function countOf(digits: string): number | null {
  return digits === "-" ? null : Number(digits);
}

/** Relative to the workspace, which may be a folder inside the repository. */
function inWorkspace(path: string, prefix: string): string {
  return path.startsWith(prefix) ? path.slice(prefix.length) : `../${path}`;
}

async function patchOf(git: Git, base: string, commit: string): Promise<string> {
  const patch = await git.text([...DIFF, "--patch", "--binary", "--full-index", base, commit]);
  if (Buffer.byteLength(patch) <= PATCH_LIMIT_BYTES) return patch;
  throw new InputError(
    "workspace.change_too_large",
    `The change is larger than ${PATCH_LIMIT_BYTES / 1e6} MB, which nobody can read before approving it. Let the lane write less.`,
  );
}

/**
 * Makes a branch of the workspace's repository at a sealed commit. Only objects and one new ref are written: no work
 * tree, no index, no HEAD, no FETCH_HEAD, no hook. Returns at once where the branch stands there already.
 */
export async function branchFromSeal(
  { folder }: Repository,
  copy: string,
  { branch, commit }: { readonly branch: string; readonly commit: string },
): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const git = createGit(folder, { protocols: "file", config: [["core.fsync", "all"]] });
  await git.text(["check-ref-format", ref]);
  const present = await tipOf(git, ref);
  if (present === commit) return;
  if (present !== undefined) throw branchTaken(branch, folder, present, commit);
  const sealed = sealFolderOf(copy);
  if (!(await exists(sealed))) {
    throw new InputError(
      "workspace.change_gone",
      `The change that was approved is not in ${sealed} any more. Its patch is among the run's artifacts; apply it with: git apply <patch>`,
    );
  }
  const quiet = ["--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--no-recurse-submodules"];
  await git.text(["fetch", ...quiet, "--no-auto-maintenance", "--", sealed, "refs/heads/coxswain-sealed"]);
  const nothing = "0".repeat(commit.length);
  try {
    // Only where the branch does not exist: somebody may have made one a moment ago.
    await git.text(["update-ref", "-m", "coxswain: kept by permission", ref, commit, nothing]);
  } catch (error) {
    const now = await tipOf(git, ref);
    if (now === commit) return;
    if (now !== undefined) throw branchTaken(branch, folder, now, commit);
    throw error;
  }
}

async function tipOf(git: Git, ref: string): Promise<string | undefined> {
  return (await git.maybe(["rev-parse", "--quiet", "--verify", ref]))?.trim();
}

function branchTaken(branch: string, folder: string, present: string, commit: string): InputError {
  return new InputError(
    "workspace.branch_exists",
    `The branch ${branch} of ${folder} stands at ${present.slice(0, 12)} already, not at ${commit.slice(0, 12)}, and is not moved. Rename or delete it, then retry.`,
  );
}
