import type { MacroLane } from "../contracts/macro.ts";
import type { LearnedCost } from "../contracts/operations.ts";

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

/** Lines for the evidence packet: learned times and the latest scars of the process. */
export function memoryLines(
  macroId: string,
  lanes: readonly MacroLane[],
  costs: Costs,
  scars: readonly { kind: string; detail: string }[],
): string[] {
  const learned = lanes.flatMap((lane) => {
    const cost = costs[`${macroId}/${lane.id}`];
    return cost === undefined ? [] : [`${lane.id}: ${Math.round(cost.meanMs)} ms on average over ${cost.samples} runs`];
  });
  return [...learned, ...scars.slice(-SCARS_REMEMBERED).map((scar) => `scar (${scar.kind}): ${scar.detail}`)];
}
