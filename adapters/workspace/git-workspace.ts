import { mkdir, opendir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { RunId } from "../../src/contracts/id.ts";
import { InputError, parseAtDoor } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Clock, Workspace } from "../../src/ports.ts";
import { linesOf } from "./copy-lines.ts";
import { openCopy, requireRepository } from "./copy.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { evidenceOf } from "./inspect.ts";
import { keepFile } from "./keep.ts";
import { createIsOwn } from "./own-folders.ts";
import { isInsideGit, locate } from "./place.ts";
import { removeAll } from "./remove-all.ts";
import { searchText } from "./search-text.ts";
import { branchFromSeal, sealCopy } from "./seal.ts";

const COPY_NAME = /^[a-z0-9][a-z0-9_.-]{0,99}$/i;

interface GitWorkspaceOptions {
  /** Folder for the runs' copies; made when needed. */
  readonly root: string;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** More folders that the bot itself writes: they are no part of a workspace that they lie in. */
  readonly ownFolders?: readonly string[];
}

/**
 * Workspaces in git repositories and in plain folders. A folder inside a repository is a workspace of its own:
 * only what is below it is read, and the root of its copies is that folder inside a copy of the repository.
 */
export function createGitWorkspace({ root, clock, log, ownFolders = [] }: GitWorkspaceOptions): Workspace {
  const copyOf = async (runId: RunId, name: string): Promise<string> => {
    if (!COPY_NAME.test(name))
      throw new InputError(
        "workspace.copy_name",
        `"${name}" cannot name a copy: use letters, digits, "-", "_" and ".".`,
      );
    await mkdir(root, { recursive: true, mode: 0o700 });
    return join(await realpath(root), parseAtDoor(RunId, runId, "The run id"), name);
  };
  const look = async (folder: string, signal: AbortSignal | undefined) => {
    const place = await locate(folder, signal);
    return { place, isOwn: await createIsOwn(place.folder, [root, ...ownFolders]) };
  };
  return {
    // Readable and searchable; what is in it is for `inspect` to judge.
    isFolder: (folder) =>
      opendir(folder).then(
        (handle) => handle.close().then(() => true),
        () => false,
      ),
    isInsideGit,
    inspect: async (folder, signal) => {
      const evidence = await evidenceOf(await look(folder, signal), clock.now(), signal);
      log.debug({ folder, revision: evidence.revision, files: evidence.trackedFiles }, "workspace inspected");
      return evidence;
    },
    search: async (folder, text, signal) => searchText(await look(folder, signal), text, signal),
    fingerprint: async (folder, signal) => {
      const { place, isOwn } = await look(folder, signal);
      return (await fingerprintOf(place, isOwn, signal)).sha256;
    },
    open: async (runId, name, folder, revision, signal) => {
      const target = await copyOf(runId, name);
      const { place, isOwn } = await look(folder, signal);
      await openCopy(place, target, revision, isOwn, signal);
      const inside = place.kind === "repository" && revision !== null ? place.prefix : "";
      return { root: join(target, inside, "."), revision };
    },
    seal: async (runId, name, folder, note, signal) => {
      const { place } = await look(folder, signal);
      return sealCopy(requireRepository(place), await copyOf(runId, name), note, signal);
    },
    keepBranch: async (runId, name, folder, wanted) => {
      const { place } = await look(folder, undefined);
      await branchFromSeal(requireRepository(place), await copyOf(runId, name), wanted);
      log.info({ folder, ...wanted }, "branch made");
    },
    lines: (copy, path) => linesOf(copy.root, path),
    keep: async (folder, name, content) => keepFile(await realpath(folder), name, content),
    close: (runId) => removeAll(join(root, parseAtDoor(RunId, runId, "The run id"))),
  };
}
