import { lstat, readlink, rename, rm, symlink, unlink } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { type RunDocument, summaryOf } from "../../../src/contracts/document.ts";
import type { RunId } from "../../../src/contracts/id.ts";
import type { ArchiveIndex } from "./archive-index.ts";
import { exists, isMissing, makeFolder, type FlushFolder } from "../../files.ts";
import type { Layout } from "./layout.ts";

const PENDING_LINK = /^\.(run_[a-z0-9]+)\.link$/;

/**
 * Finished runs, out of the way of the start: `runs/<id>` becomes a link to `archive/<month>/<id>`.
 * A move is made under a pending link, `runs/.<id>.link`: a kill between its steps leaves that link,
 * and `heal` ends the move or undoes it.
 */
export interface Archive {
  has(runId: RunId): Promise<boolean>;
  put(document: RunDocument): Promise<void>;
  /** Makes an archived run a live one again. */
  takeBack(runId: RunId): Promise<void>;
  /** Mends an interrupted move; true where that made it an archived run. */
  heal(runId: RunId): Promise<boolean>;
}

/** The run whose interrupted move a name in `runs/` stands for. */
export function pendingRunOf(name: string): RunId | undefined {
  return PENDING_LINK.exec(name)?.[1];
}

export function createArchive(layout: Layout, index: ArchiveIndex, flushFolder: FlushFolder): Archive {
  const pendingLink = (runId: RunId): string => layout.pendingLink(runId);

  const link = async (runId: RunId): Promise<void> => {
    const folder = layout.runFolder(runId);
    try {
      await rename(pendingLink(runId), folder);
    } catch (error) {
      // A projection may have made the folder anew in the moment between the two renames.
      if (await exists(layout.runFile(runId))) throw error;
      await rm(folder, { recursive: true, force: true });
      await rename(pendingLink(runId), folder);
    }
  };

  return {
    async has(runId) {
      const found = await lstat(layout.runFolder(runId)).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      return found?.isSymbolicLink() ?? false;
    },
    async put(document) {
      const { runId, updatedAt } = document.run;
      const month = new Date(updatedAt).toISOString().slice(0, 7);
      const target = join(layout.archive, month, runId);
      await makeFolder(join(layout.archive, month));
      // First the line: a kill after it leaves a line too many, which the live run hides, and never one too few.
      await index.add(month, summaryOf(document));
      await symlink(relative(layout.runs, target), pendingLink(runId));
      await flushFolder(layout.runs);
      await rename(layout.runFolder(runId), target);
      await flushFolder(join(layout.archive, month));
      // Not flushed: a power cut brings the pending link back, and that is healed.
      await link(runId);
    },
    async takeBack(runId) {
      const folder = layout.runFolder(runId);
      const target = resolve(layout.runs, await readlink(folder));
      await rename(folder, pendingLink(runId));
      await rename(target, folder);
      await unlink(pendingLink(runId));
      await flushFolder(layout.runs);
    },
    async heal(runId) {
      // The document shows where the run is; a folder without it is only a projection's.
      if (!(await exists(layout.runFile(runId))) && (await exists(pendingLink(runId)))) {
        await link(runId);
        return true;
      }
      await rm(pendingLink(runId), { force: true });
      return false;
    },
  };
}
