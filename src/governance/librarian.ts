import type { MacroLane } from "../contracts/macro.ts";
import type { LearnedCost, OwnerRecord, Scar } from "../contracts/operations.ts";

/** meta-librarian: what earlier runs have left that this one should know (G16, G29). */

export type Costs = Readonly<Record<string, LearnedCost>>;

/** What a lane will probably cost, in milliseconds: learned where it ran before, else the macro's guess. */
export function expectedMs(macroId: string, lane: MacroLane, costs: Costs): number {
  return costs[`${macroId}/${lane.id}`]?.meanMs ?? lane.expectedMs;
}

export function samplesOf(macroId: string, laneId: string, costs: Costs): number {
  return costs[`${macroId}/${laneId}`]?.samples ?? 0;
}

const SCARS_REMEMBERED = 5;

/** So long what went wrong is held against an owner, and told on the card: then it gets another chance. */
const LATELY_MS = 7 * 24 * 3600_000;

export function ownerKey(macroId: string, laneId: string, owner: string): string {
  return `${macroId}/${laneId}/${owner}`;
}

/** How often an owner failed lately at a lane, where it failed more often than not; undefined where it did not. */
export function latelyFailed(
  record: OwnerRecord | undefined,
  now: number,
): { readonly failed: number; readonly of: number } | undefined {
  if (record === undefined || record.at < now - LATELY_MS) return undefined;
  const failed = record.recent.split("-").length - 1;
  return failed * 2 > record.recent.length ? { failed, of: record.recent.length } : undefined;
}

/** The scars of the last run of a macro that had any, where it is not long ago. */
export function lastScars(macroId: string, scars: readonly Scar[], now: number): Scar[] {
  const own = scars.filter((scar) => scar.macroId === macroId && scar.at >= now - LATELY_MS);
  return own.filter(({ runId }) => runId === own.at(-1)?.runId);
}

/** Lines for the evidence packet: learned times and the latest scars of the process. */
export function memoryLines(
  macroId: string,
  lanes: readonly MacroLane[],
  costs: Costs,
  scars: readonly Scar[],
): string[] {
  const learned = lanes.flatMap((lane) => {
    const cost = costs[`${macroId}/${lane.id}`];
    return cost === undefined ? [] : [`${lane.id}: ${Math.round(cost.meanMs)} ms on average over ${cost.samples} runs`];
  });
  const own = scars.filter((scar) => scar.macroId === undefined || scar.macroId === macroId);
  return [...learned, ...own.slice(-SCARS_REMEMBERED).map((scar) => `scar (${scar.kind}): ${scar.detail}`)];
}
