import type { RunDocument } from "../contracts/document.ts";
import { isFinished, type Run } from "../contracts/run.ts";
import { deepFreeze, runInBrief, type RunInBrief } from "./snapshot.ts";

/** The runs that are not finished, as a snapshot lists them; kept up to date, so that a snapshot costs no look at them. */
export interface LiveRuns {
  remember(document: RunDocument): void;
  get(runId: string): Run | undefined;
  /** Frozen, and the same until something changes. */
  list(): readonly RunInBrief[];
  count(status: RunInBrief["status"]): number;
}

export function createLiveRuns(): LiveRuns {
  const runs = new Map<string, { readonly run: Run; readonly brief: RunInBrief }>();
  const counts = new Map<RunInBrief["status"], number>();
  let listed: readonly RunInBrief[] | undefined;

  const add = (status: RunInBrief["status"] | undefined, by: number): void => {
    if (status !== undefined) counts.set(status, (counts.get(status) ?? 0) + by);
  };
  return {
    remember: ({ run }) => {
      listed = undefined;
      add(runs.get(run.runId)?.brief.status, -1);
      if (isFinished(run)) {
        runs.delete(run.runId);
        return;
      }
      const brief = deepFreeze(runInBrief(run));
      runs.set(run.runId, { run, brief });
      add(brief.status, 1);
    },
    get: (runId) => runs.get(runId)?.run,
    list: () => (listed ??= Object.freeze(Array.from(runs.values(), ({ brief }) => brief))),
    count: (status) => counts.get(status) ?? 0,
  };
}
