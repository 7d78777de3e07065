import { BusyError } from "../../src/errors.ts";
import { pause } from "../../src/pause.ts";
import type { Clock } from "../../src/ports.ts";
import { RATES, type Rate } from "./limits.ts";

/** Whether a call may use the room that is kept free for what people wait for. */
export type Urgency = "routine" | "important";

/**
 * Keeps to Slack's limits before Slack has to say so, and to what it says. A lane is a method, or a method in a channel:
 * a channel that is told to wait holds up no other.
 */
export interface Pace {
  /** Takes a place for a call now. Throws a BusyError that says when to ask again; `key` keeps its place in the order. */
  take(rate: Rate, lane: string, urgency: Urgency, key?: string): void;
  /** Resolves when a call may be made: for what somebody waits for, and what is not asked for again by itself. */
  turn(rate: Rate, lane: string): Promise<void>;
  /** Slack said so. */
  limited(rate: Rate, lane: string, retryAfterMs: number): void;
}

interface Lane {
  /** When calls were made, and will be: ascending. */
  readonly planned: number[];
  /** Places that were promised to a key. */
  readonly promised: Map<string, number>;
  closedUntil: number;
}

export function createPace(clock: Clock): Pace {
  const lanes = new Map<string, Lane>();
  const laneOf = (rate: Rate, name: string): Lane => {
    const id = `${rate}/${name}`;
    const known = lanes.get(id) ?? { planned: [], promised: new Map(), closedUntil: 0 };
    lanes.set(id, known);
    const forgotten = clock.now() - 2 * RATES[rate].windowMs;
    const gone = known.planned.splice(0, placeOf(known.planned, forgotten));
    // Whoever has not come for its place by now has none any more.
    if (gone.length > 0) for (const [key, at] of known.promised) if (at < forgotten) known.promised.delete(key);
    return known;
  };
  /** The first moment at which one more call fits into every window around it. */
  const freeAt = (rate: Rate, lane: Lane, urgency: Urgency): number => {
    const { calls, windowMs, reserve } = RATES[rate];
    const allowed = urgency === "routine" ? calls - reserve : calls;
    const from = Math.max(clock.now(), lane.closedUntil);
    const isFree = (at: number): boolean => fits(lane.planned, at, allowed, windowMs);
    if (isFree(from)) return from;
    const next = lane.planned.find(
      (at, place) => at !== lane.planned[place - 1] && at + windowMs > from && isFree(at + windowMs),
    );
    return next === undefined ? from : next + windowMs;
  };
  const plan = (lane: Lane, at: number): void => {
    lane.planned.splice(placeOf(lane.planned, at), 0, at);
  };
  /** One call alone: others may be planned for the same moment. */
  const unplan = (lane: Lane, at: number): void => {
    const place = placeOf(lane.planned, at);
    if (lane.planned[place] === at) lane.planned.splice(place, 1);
  };

  return {
    take: (rate, name, urgency, key) => {
      const lane = laneOf(rate, name);
      const now = clock.now();
      const promised = key === undefined ? undefined : lane.promised.get(key);
      if (promised !== undefined && urgency === "important" && promised > now) {
        // It was progress when it was promised, and is the final state by now.
        lane.promised.delete(key ?? "");
        unplan(lane, promised);
      } else if (promised !== undefined) {
        const at = Math.max(promised, lane.closedUntil);
        if (at > now) throw busy(rate, at - now);
        lane.promised.delete(key ?? "");
        return;
      }
      const at = freeAt(rate, lane, urgency);
      if (at <= now || key !== undefined) plan(lane, at);
      if (at <= now) return;
      if (key !== undefined) lane.promised.set(key, at);
      throw busy(rate, at - now);
    },
    turn: async (rate, name) => {
      const lane = laneOf(rate, name);
      const at = freeAt(rate, lane, "important");
      plan(lane, at);
      const waitMs = at - clock.now();
      if (waitMs > 0) await pause(clock, waitMs);
    },
    limited: (rate, name, retryAfterMs) => {
      const lane = laneOf(rate, name);
      lane.closedUntil = Math.max(lane.closedUntil, clock.now() + retryAfterMs);
    },
  };
}

/** May a call be made at `at`, so that no window has more than allowed? `planned` is ascending. */
function fits(planned: readonly number[], at: number, allowed: number, windowMs: number): boolean {
  const own = placeOf(planned, at);
  /** The calls with the one in question among them. */
  const call = (place: number): number | undefined => (place === own ? at : planned[place < own ? place : place - 1]);
  for (let first = Math.max(0, own - allowed); first <= own; first += 1) {
    const last = call(first + allowed);
    if (last !== undefined && last - (call(first) ?? 0) < windowMs) return false;
  }
  return true;
}

/** Where the first of ascending moments stands that is not before `at`. Thousands may wait, and each asks often. */
function placeOf(moments: readonly number[], at: number): number {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((moments[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function busy(rate: Rate, retryAfterMs: number): BusyError {
  return new BusyError("slack.busy", `Slack allows no more calls of the kind “${rate}” now.`, retryAfterMs);
}
