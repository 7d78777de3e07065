import { BusyError } from "../../src/errors.ts";
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
  planned: number[];
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
    if ((known.planned[0] ?? Infinity) < forgotten) known.planned = known.planned.filter((at) => at >= forgotten);
    return known;
  };
  /** The first moment at which one more call fits into every window around it. */
  const freeAt = (rate: Rate, lane: Lane, urgency: Urgency): number => {
    const { calls, windowMs, reserve } = RATES[rate];
    const allowed = urgency === "routine" ? calls - reserve : calls;
    const from = Math.max(clock.now(), lane.closedUntil);
    const later = lane.planned.map((at) => at + windowMs).filter((at) => at > from);
    return [from, ...later].find((at) => fits(lane.planned, at, allowed, windowMs)) ?? from;
  };
  const plan = (lane: Lane, at: number): void => {
    lane.planned.push(at);
    lane.planned.sort((a, b) => a - b);
  };

  return {
    take: (rate, name, urgency, key) => {
      const lane = laneOf(rate, name);
      const now = clock.now();
      const promised = key === undefined ? undefined : lane.promised.get(key);
      if (promised !== undefined && urgency === "important" && promised > now) {
        // It was progress when it was promised, and is the final state by now.
        lane.promised.delete(key ?? "");
        lane.planned = lane.planned.filter((planned) => planned !== promised);
      } else if (promised !== undefined) {
        const at = Math.max(promised, lane.closedUntil);
        if (at > now) throw busy(rate, at - now);
        lane.promised.delete(key ?? "");
        return;
      }
      const at = freeAt(rate, lane, urgency);
      plan(lane, at);
      if (at <= now) return;
      if (key !== undefined) lane.promised.set(key, at);
      else lane.planned = lane.planned.filter((planned) => planned !== at);
      throw busy(rate, at - now);
    },
    turn: async (rate, name) => {
      const lane = laneOf(rate, name);
      const at = freeAt(rate, lane, "important");
      plan(lane, at);
      const waitMs = at - clock.now();
      if (waitMs > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    },
    limited: (rate, name, retryAfterMs) => {
      const lane = laneOf(rate, name);
      lane.closedUntil = Math.max(lane.closedUntil, clock.now() + retryAfterMs);
    },
  };
}

/** May a call be made at `at`, so that no window has more than allowed? `planned` is ascending. */
function fits(planned: readonly number[], at: number, allowed: number, windowMs: number): boolean {
  const calls = [...planned, at].toSorted((a, b) => a - b);
  const own = calls.indexOf(at);
  for (let first = Math.max(0, own - allowed); first <= own; first += 1) {
    const last = calls[first + allowed];
    if (last !== undefined && last - (calls[first] ?? 0) < windowMs) return false;
  }
  return true;
}

function busy(rate: Rate, retryAfterMs: number): BusyError {
  return new BusyError("slack.busy", `Slack allows no more calls of the kind “${rate}” now.`, retryAfterMs);
}
