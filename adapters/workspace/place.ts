import { realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InputError, messageOf } from "../../src/errors.ts";
import { createGit, silencedFilters, type Git } from "./git.ts";

/** What a workspace folder is. Paths are real paths. */
export type Place =
  | { readonly kind: "folder"; readonly folder: string }
  | {
      readonly kind: "repository";
      readonly folder: string;
      /** Top level of the work tree that holds the folder. */
      readonly top: string;
      /** Path from `top` to `folder` with an end slash; empty where they are the same. */
      readonly prefix: string;
      /** The repository's own folder; shared by all work trees. */
      readonly gitFolder: string;
      /** Commit of HEAD; null before the first commit. */
      readonly revision: string | null;
      /** Null where HEAD is detached. */
      readonly branch: string | null;
      readonly git: Git;
    };

export type Repository = Extract<Place, { kind: "repository" }>;

/** Looks what a folder is. Throws an InputError for what cannot be a workspace, with the way out. */
export async function locate(given: string, signal: AbortSignal | undefined): Promise<Place> {
  const folder = await realFolder(given);
  const git = createGit(folder, { signal });
  const kind = await workTreeOf(git);
  if (kind === "none") return { kind: "folder", folder };
  if (kind !== "work tree") {
    throw new InputError(
      "workspace.not_a_work_tree",
      `${folder} is ${kind}. Give a folder with a checked-out work tree, for example a clone of it.`,
    );
  }
  // One question at a time: a path may hold line ends, and could not be told from the next answer.
  const [top, prefix, commonFolder, revision, branch, filters] = await Promise.all([
    git
      .text(["rev-parse", "--show-toplevel"])
      .then(withoutEnd)
      .then((path) => realpath(path)),
    git.text(["rev-parse", "--show-prefix"]).then(withoutEnd),
    git.text(["rev-parse", "--git-common-dir"]).then(withoutEnd),
    git.maybe(["rev-parse", "--quiet", "--verify", "HEAD^{commit}"]),
    git.maybe(["symbolic-ref", "--quiet", "--short", "HEAD"]),
    silencedFilters(git),
  ]);
  if (join(top, prefix, ".") !== join(folder, ".")) {
    throw new InputError(
      "workspace.work_tree_elsewhere",
      `The work tree of ${folder} is ${top}: core.worktree points there. Give that folder, or mend the setting.`,
    );
  }
  // A folder that the repository around it ignores (build output, a dependency) is no part of it.
  if (prefix !== "" && (await isIgnored(git))) return { kind: "folder", folder };
  return {
    kind: "repository",
    folder,
    top,
    prefix,
    gitFolder: await realpath(resolve(folder, commonFolder)),
    revision: revision?.trim() ?? null,
    branch: branch?.trim() ?? null,
    git: createGit(folder, { signal, config: filters }),
  };
}

async function realFolder(given: string): Promise<string> {
  try {
    const folder = await realpath(given);
    if ((await stat(folder)).isDirectory()) return folder;
  } catch (error) {
    throw new InputError(
      "workspace.not_readable",
      `${given} cannot be read: ${messageOf(error)}. Give an existing folder that you may read.`,
      error,
    );
  }
  throw new InputError("workspace.not_a_folder", `${given} is a file. Give the folder that the run is about.`);
}

/** A bare repository or the inside of .git; false where git cannot say, which `locate` tells in words. */
export async function isInsideGit(folder: string): Promise<boolean> {
  const kind = await workTreeOf(createGit(folder, {})).catch(() => "none");
  return kind !== "none" && kind !== "work tree";
}

/** What git takes the folder for; what is no work tree is said in words for the person who gave it. */
async function workTreeOf(git: Git): Promise<string> {
  try {
    const answer = await git.text(["rev-parse", "--is-inside-work-tree", "--is-bare-repository"]);
    const [inside, bare] = answer.split("\n");
    if (inside === "true") return "work tree";
    return bare === "true" ? "a bare repository, without files to work on" : "a folder inside .git";
  } catch (error) {
    if (error instanceof InputError && error.message.includes("not a git repository")) return "none";
    throw error;
  }
}

async function isIgnored(git: Git): Promise<boolean> {
  if ((await git.maybe(["check-ignore", "--quiet", "--", "."])) === undefined) return false;
  return (await git.records(["ls-files", "-z", "--", "."])).length === 0;
}

/** Only the line end: a path may itself begin or end with spaces. */
function withoutEnd(output: string): string {
  return output.replace(/\n$/, "");
}
