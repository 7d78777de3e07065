import type { RunDocument } from "../contracts/document.ts";
import { messageOf } from "../errors.ts";
import { translatorFor } from "../i18n.ts";
import { envelopeOf, planningFilesOf, spineStateOf } from "../spine/projection.ts";
import type { Control } from "./deps.ts";

export interface Projector {
  /** Writes the public files of a run anew (G12, G21, G31); in order, and never in the way of the run. */
  project(document: RunDocument): void;
  idle(): Promise<void>;
}

export function createProjector({ files, log }: Control): Projector {
  let last: Promise<void> = Promise.resolve();
  return {
    project: ({ run }) => {
      const words = translatorFor(run.language.language);
      const envelope = json(envelopeOf(run, words));
      const spine = json(spineStateOf(run));
      const own = { "status.json": envelope, "spine-state.json": spine, ...planningFilesOf(run, words) };
      const shared = { "active-run.json": envelope, "spine/spine-state.json": spine };
      last = last
        .then(() => files.project(run.runId, own, shared))
        .catch((error: unknown) =>
          log.warn({ runId: run.runId, err: messageOf(error) }, "public files were not written"),
        );
    },
    idle: () => last,
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
