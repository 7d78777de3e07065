import { type RunSummary, summaryOf } from "../../../src/contracts/document.ts";
import type { RunId } from "../../../src/contracts/id.ts";
import { FINISHED_STATUSES } from "../../../src/contracts/run.ts";
import type { RunFilter } from "../../../src/ports.ts";
import type { ArchiveIndex } from "./archive-index.ts";
import type { RunStore } from "./run-store.ts";

/** A page of runs, the one that moved last first. Reads no more months than the page needs, unless it has to search. */
export async function listRuns(
  store: RunStore,
  index: ArchiveIndex,
  filter: RunFilter,
): Promise<{ runs: RunSummary[]; total: number }> {
  const end = filter.offset + filter.limit;
  const searches = filter.status !== undefined || filter.search !== undefined;
  const found = new Map<RunId, RunSummary>(
    store.allLive().map((document) => [document.run.runId, summaryOf(document)]),
  );
  const liveCount = found.size;
  for (const month of mayBeArchived(filter.status) ? await index.months() : []) {
    // A month holds what ended in it, so older months cannot have anything for this page.
    if (!searches && found.size - liveCount >= end) break;
    for (const [runId, summary] of await index.read(month)) if (!found.has(runId)) found.set(runId, summary);
  }
  // Most calls ask for everything, and then nothing has to be compared.
  const all = [...found.values()];
  const runs = searches ? all.filter((summary) => matches(summary, filter)) : all;
  runs.sort((a, b) => b.updatedAt - a.updatedAt || (a.runId < b.runId ? 1 : -1));
  return {
    runs: runs.slice(filter.offset, end),
    total: searches ? runs.length : liveCount + store.archivedCount,
  };
}

/** Only what has finished is moved to the archive. */
function mayBeArchived(status: RunFilter["status"]): boolean {
  return status === undefined || FINISHED_STATUSES.some((finished) => finished === status);
}

function matches(summary: RunSummary, { status, search }: RunFilter): boolean {
  if (status !== undefined && summary.status !== status) return false;
  if (search === undefined) return true;
  const wanted = search.toLowerCase();
  return summary.goal.toLowerCase().includes(wanted) || summary.runId.includes(wanted);
}
