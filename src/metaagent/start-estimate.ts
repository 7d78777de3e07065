import { Heap } from "heap-js";
import type { QueueEntry } from "../contracts/document.ts";
import type { Instant } from "../contracts/id.ts";
import type { StartEstimate } from "../contracts/view.ts";

export interface QueueNow {
  readonly now: Instant;
  readonly slots: number;
  /** What runs, and since when. */
  readonly running: readonly { readonly entry: QueueEntry; readonly since: Instant }[];
  /** In the order in which it will start. */
  readonly waiting: readonly QueueEntry[];
  /** Operators have stopped it from starting; it is then in nobody's way. */
  readonly isHeld: (entry: QueueEntry) => boolean;
}

/** The places that a limit gives: when each becomes free. Infinity: nobody knows. */
interface Places {
  readonly free: Heap<number>;
  /** Who took one last, where the limit counts holders. */
  holder: string | undefined;
}

/**
 * When each waiting entry will start, judged by the learned costs of what runs and of what is ahead of it, for every
 * limit that it counts in: work ahead by places, the latest of the limits counts (list scheduling, R. L. Graham 1966).
 * What was never measured, or runs longer than it ever did, makes the place that it takes unknown; no figure is made up.
 */
export function estimateStarts({ now, slots, running, waiting, isHeld }: QueueNow): StartEstimate[] {
  const limits = new Map<string, Places>();
  const slotPlaces = placesOf(slots, running.map(endOf(now)), now);
  const placesFor = ({ name, limit }: QueueEntry["groups"][number]): Places => {
    const known = limits.get(name);
    if (known !== undefined) return known;
    const members = running.filter(({ entry }) => entry.groups.some((group) => group.name === name));
    const holder = members.at(-1)?.entry.groups.find((group) => group.name === name)?.holder;
    const places = placesOf(limit, members.map(endOf(now)), now, holder);
    limits.set(name, places);
    return places;
  };

  return waiting.map((entry): StartEstimate => {
    if (isHeld(entry)) return { kind: "held" };
    const inItsWay = entry.groups
      .filter((group) => group.holder === undefined || placesFor(group).holder !== group.holder)
      .map((group) => ({ places: placesFor(group), holder: group.holder }));
    const costMs = entry.learned === true ? entry.costMs : Number.POSITIVE_INFINITY;
    let at = Math.max(now, entry.notBefore ?? 0);
    for (const { places, holder } of [{ places: slotPlaces, holder: undefined }, ...inItsWay]) {
      const free = places.free.pop() ?? now;
      at = Math.max(at, free);
      places.free.push(free + costMs);
      places.holder = holder;
    }
    return Number.isFinite(at) ? { kind: "estimated", at: Math.round(at), inMs: Math.round(at - now) } : NO_HISTORY;
  });
}

const NO_HISTORY = { kind: "no_history" } as const satisfies StartEstimate;

function endOf(now: Instant): (running: QueueNow["running"][number]) => number {
  return ({ entry, since }) => {
    const end = since + entry.costMs;
    return entry.learned === true && end >= now ? end : Number.POSITIVE_INFINITY;
  };
}

function placesOf(limit: number, ends: readonly number[], now: Instant, holder?: string): Places {
  const sorted = ends.toSorted((a, b) => a - b);
  // More may run than a limit that was lowered allows; only what ends last then frees a place.
  const busy = sorted.slice(Math.max(0, sorted.length - limit));
  const free = new Heap<number>((a, b) => a - b);
  free.init([...busy, ...Array.from({ length: limit - busy.length }, () => now)]);
  return { free, holder };
}
