import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import type { PracticalLane } from "./practical-lanes.ts";
import { localized } from "./refusals.ts";

/** An expected time in words that are no more exact than an expectation can be. */
export function duration(milliseconds: number): Text {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  if (seconds < 90) return keyed("context.duration.seconds", { count: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return keyed("context.duration.minutes", { count: minutes });
  return keyed("context.duration.hours", { count: Math.round(minutes / 6) / 10 });
}

/** Titles of lanes; "nothing" where there are none, so that a sentence never has a hole. */
export function titles(lanes: readonly PracticalLane[]): Text[] {
  return lanes.length === 0 ? [keyed("context.nothing")] : lanes.map(({ lane }) => localized(lane.title));
}

export function slowest(lanes: readonly PracticalLane[]): PracticalLane[] {
  return lanes.toSorted((a, b) => b.expectedMs - a.expectedMs).slice(0, 1);
}

export function quickest(lanes: readonly PracticalLane[]): PracticalLane[] {
  return lanes.toSorted((a, b) => a.expectedMs - b.expectedMs).slice(0, 1);
}
