import type { LaneState, Run } from "../../contracts/run.ts";
import { change, type Transition } from "../run-changes.ts";

export function setLane(transition: Transition, lane: LaneState): Transition {
  return change(transition, { lanes: { ...transition.run.lanes, [lane.laneId]: lane } });
}

/** What a lane keeps through all its states. */
export function laneCounts(run: Run, laneId: string): { laneId: string; revision: number; attempts: number } {
  const lane = run.lanes[laneId];
  return { laneId, revision: lane?.revision ?? 0, attempts: lane?.attempts ?? 0 };
}
