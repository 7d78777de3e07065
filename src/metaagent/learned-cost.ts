import type { Work } from "../contracts/dispatch.ts";
import type { LearnedCost, OperationsDocument } from "../contracts/operations.ts";
import type { Run } from "../contracts/run.ts";

type Costs = OperationsDocument["costs"];

/** How much one more run counts against all before it; the first few runs count alike. */
const NEWEST_SHARE = 0.2;
/** Kinds of work that are remembered; past it the one that was not seen for longest is forgotten. */
export const COST_LIMIT = 2000;

/**
 * What a piece of work counts as, for its cost: a lane of a macro, and under names that no macro can have a stage's
 * own step, and the check of a macro's lane.
 */
export function costNameOf({ packets }: Run, work: Work): { macroId: string | null; laneId: string } {
  const macroId = packets.taskClassification?.macroId ?? null;
  switch (work.kind) {
    case "stage":
      return { macroId: "@stage", laneId: work.step };
    case "lane":
      return { macroId, laneId: work.laneId };
    case "check":
      return { macroId: macroId === null ? null : `@check/${macroId}`, laneId: `${work.laneId}/${work.stepId}` };
  }
}

/** The name under which the cost of a lane is learned. */
function costKey(macroId: string, laneId: string): string {
  return `${macroId}/${laneId}`;
}

/** What a lane of a macro is expected to take, in milliseconds; `fallbackMs` until it was seen once. */
export function expectedCost(
  costs: Readonly<Record<string, LearnedCost>>,
  macroId: string | null,
  laneId: string,
  fallbackMs: number,
): number {
  if (macroId === null) return fallbackMs;
  const key = costKey(macroId, laneId);
  return Object.hasOwn(costs, key) ? (costs[key]?.meanMs ?? fallbackMs) : fallbackMs;
}

/**
 * The costs with one more measurement: an exponentially weighted mean, so that a lane that became slower is known
 * after a few runs. `actualMs` that is no duration (a clock that jumped) teaches nothing.
 */
export function learnCost(costs: Costs, macroId: string, laneId: string, actualMs: number): Costs {
  if (!Number.isFinite(actualMs) || actualMs < 0) return costs;
  const key = costKey(macroId, laneId);
  const { [key]: known, ...others } = costs;
  const samples = (known?.samples ?? 0) + 1;
  const share = Math.max(NEWEST_SHARE, 1 / samples);
  const meanMs = Math.max(1, known === undefined ? actualMs : known.meanMs + share * (actualMs - known.meanMs));
  // Last in the record is seen last: a record keeps the order in which its keys were set, in JSON too.
  const kept = Object.entries(others).slice(-(COST_LIMIT - 1));
  return Object.fromEntries([...kept, [key, { meanMs, samples }]]);
}
