import type { RunDocument } from "../contracts/document.ts";
import type { RunId } from "../contracts/id.ts";
import type { Run } from "../contracts/run.ts";
import { messageOf } from "../errors.ts";
import { translatorFor } from "../i18n.ts";
import { envelopeOf, planningFilesOf, spineStateOf } from "../spine/projection.ts";
import type { Control } from "./deps.ts";

export interface Projector {
  /** Writes the public files of a run anew (G12, G21, G31), and never in the way of the run. */
  project(document: RunDocument): void;
  idle(): Promise<void>;
}

/** Runs are written one after the other; what moves on before its turn comes is written once, as it is then. */
export function createProjector({ files, log }: Control): Projector {
  /** The newest state of each run that is to be written; the one that moved last stands last. */
  const waiting = new Map<RunId, Run>();
  let writing: Promise<void> | undefined;

  const write = async (run: Run): Promise<void> => {
    const words = translatorFor(run.language.language);
    const envelope = json(envelopeOf(run, words));
    const spine = json(spineStateOf(run));
    const own = { "status.json": envelope, "spine-state.json": spine, ...planningFilesOf(run, words) };
    // Of several only the one that moved last is to be seen at the root.
    const shared = { "active-run.json": envelope, "spine/spine-state.json": spine };
    await files.project(run.runId, own, waiting.size === 0 ? shared : {});
  };
  const writeAll = async (): Promise<void> => {
    for (const [runId, run] of waiting) {
      waiting.delete(runId);
      await write(run).catch((error: unknown) =>
        log.warn({ runId, err: messageOf(error) }, "public files were not written"),
      );
    }
    writing = undefined;
  };

  return {
    project: ({ run }) => {
      waiting.delete(run.runId);
      waiting.set(run.runId, run);
      // Not in this turn: what is told of the same commit comes first.
      writing ??= Promise.resolve().then(writeAll);
    },
    idle: async () => {
      while (writing !== undefined) await writing;
    },
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
