import { join, resolve } from "node:path";
import { RunId } from "../../../src/contracts/id.ts";
import { parseAtDoor } from "../../../src/errors.ts";

/** Name of an audit trail, beside the document that it belongs to. */
export const AUDIT_NAME = "audit.jsonl";

/** Where everything lies below a state root. All paths are absolute. */
export interface Layout {
  readonly root: string;
  readonly runs: string;
  readonly archive: string;
  readonly quarantine: string;
  readonly operations: string;
  /** The audit trail of what belongs to no run. */
  readonly audit: string;
  readonly lock: string;
  /** Folder of a run, live or archived; throws an InputError for what is no run id. */
  runFolder(runId: RunId): string;
  /** Link to where a run is being moved, as long as it is; see archive. */
  pendingLink(runId: RunId): string;
  /** The run's document. */
  runFile(runId: RunId): string;
}

export function layoutOf(stateRoot: string): Layout {
  const root = resolve(stateRoot);
  const runs = join(root, "runs");
  // An id becomes a path here, so what is no id must not pass.
  const runFolder = (runId: RunId): string => join(runs, parseAtDoor(RunId, runId, "The run id"));
  return {
    root,
    runs,
    archive: join(root, "archive"),
    quarantine: join(root, "quarantine"),
    operations: join(root, "operations.json"),
    audit: join(root, AUDIT_NAME),
    lock: join(root, "owner.lock"),
    runFolder,
    pendingLink: (runId) => join(runs, `.${parseAtDoor(RunId, runId, "The run id")}.link`),
    runFile: (runId) => join(runFolder(runId), "run.json"),
  };
}
