import type { QueueEntry } from "../contracts/document.ts";
import type { FlowAccount } from "./flow-account.ts";
import { createLazyHeap, type LazyHeap } from "./lazy-heap.ts";

/** Prefix of the group in which the dispatches of one run count. */
export const RUN_GROUP = "run:";

/** An entry that waits. */
export interface Ticket {
  readonly entry: QueueEntry;
  /** Counts the arrivals: it decides between equal orders. */
  readonly arrival: number;
  readonly shelf: Shelf;
  waiting: boolean;
}

/**
 * The waiting entries of a flow that count in the same groups, so that one full group passes over all of them at
 * once. A run's own group does not make a shelf: it concerns the few dispatches of one run, and a heap for each
 * run would cost far more memory than passing over those.
 */
interface Shelf {
  readonly key: string;
  readonly flow: Flow;
  readonly groups: readonly string[];
  readonly tickets: LazyHeap<Ticket>;
  size: number;
}

/** A tenant's queue: what waits in it, and the share that it has used. */
export interface Flow {
  readonly name: string;
  readonly account: FlowAccount;
  readonly shelves: Map<string, Shelf>;
  size: number;
  /** The flow's place among the flows; undefined while nothing of it waits. */
  place: FlowPlace | undefined;
}

/** Lowest start tag first; at equal tags the flow whose backlog began first. */
export interface FlowPlace {
  readonly flow: Flow;
  readonly start: number;
  readonly joined: number;
}

export function createFlow(name: string, account: FlowAccount): Flow {
  return { name, account, shelves: new Map(), size: 0, place: undefined };
}

export function comparePlaces(a: Pick<FlowPlace, "start" | "joined">, b: Pick<FlowPlace, "start" | "joined">): number {
  return a.start - b.start || a.joined - b.joined;
}

function compareTickets(a: Ticket, b: Ticket): number {
  return a.entry.order - b.entry.order || a.arrival - b.arrival;
}

/** Puts an entry into its flow. */
export function putTicket(flow: Flow, entry: QueueEntry, arrival: number): Ticket {
  const shelf = shelfFor(flow, entry);
  const ticket: Ticket = { entry, arrival, shelf, waiting: true };
  shelf.tickets.push(ticket);
  shelf.size += 1;
  flow.size += 1;
  return ticket;
}

/** Takes an entry out of its flow, wherever it stands. */
export function dropTicket(ticket: Ticket): void {
  const { shelf } = ticket;
  ticket.waiting = false;
  shelf.size -= 1;
  shelf.flow.size -= 1;
  if (shelf.size === 0) shelf.flow.shelves.delete(shelf.key);
  else shelf.tickets.sweep(shelf.size);
}

function shelfFor(flow: Flow, entry: QueueEntry): Shelf {
  const groups = entry.groups.map((group) => group.name).filter((name) => !name.startsWith(RUN_GROUP));
  const key = JSON.stringify(groups);
  const known = flow.shelves.get(key);
  if (known !== undefined) return known;
  const tickets = createLazyHeap(compareTickets, (ticket: Ticket) => ticket.waiting);
  const shelf: Shelf = { key, flow, groups, tickets, size: 0 };
  flow.shelves.set(key, shelf);
  return shelf;
}

interface ShelfWalk {
  readonly shelf: Shelf;
  readonly rest: Iterator<Ticket, undefined>;
  ticket: Ticket | undefined;
}

/**
 * What waits in a flow, in order. Shelves of a group that is in `full` are left out, also where the group comes into
 * `full` during the walk.
 */
export function* ticketsInOrder(flow: Flow, full: ReadonlySet<string>): Generator<Ticket, undefined> {
  const walks: ShelfWalk[] = [];
  for (const shelf of flow.shelves.values()) {
    if (isClosed(shelf, full)) continue;
    const rest = shelf.tickets.ascending();
    walks.push({ shelf, rest, ticket: rest.next().value });
  }
  for (let walk = lowest(walks, full); walk?.ticket !== undefined; walk = lowest(walks, full)) {
    yield walk.ticket;
    walk.ticket = walk.rest.next().value;
  }
}

/** A flow has few shelves, so the lowest is looked for one by one. */
function lowest(walks: readonly ShelfWalk[], full: ReadonlySet<string>): ShelfWalk | undefined {
  let best: ShelfWalk | undefined;
  for (const walk of walks) {
    if (walk.ticket === undefined) continue;
    if (isClosed(walk.shelf, full)) walk.ticket = undefined;
    else if (best?.ticket === undefined || compareTickets(walk.ticket, best.ticket) < 0) best = walk;
  }
  return best;
}

function isClosed(shelf: Shelf, full: ReadonlySet<string>): boolean {
  return full.size > 0 && shelf.groups.some((name) => full.has(name));
}
