import { Heap } from "heap-js";
import type { QueueEntry } from "../contracts/document.ts";
import type { DispatchId } from "../contracts/id.ts";
import type { FlowTag, OperationsDocument } from "../contracts/operations.ts";
import type { Admission, ReadyQueue } from "../ports.ts";
import { comparePlaces, createFlow, dropTicket, putTicket, ticketsInOrder } from "./flow.ts";
import type { Flow, FlowPlace, Ticket } from "./flow.ts";
import { accrue, baseTag, beginBacklog, charge, correct, finishTag, isUnsettled, openAccount } from "./flow-account.ts";
import type { Charge } from "./flow-account.ts";
import { createLazyHeap, type LazyHeap } from "./lazy-heap.ts";

/** The part of the operations document that survives a restart. */
export type FairTags = Pick<OperationsDocument, "virtualTime" | "flows">;

export interface FairQueue extends ReadyQueue {
  /** The tags to keep in the operations document: flows that have work waiting, or owe. */
  snapshot(at: number): FairTags;
}

/** The weight that a flow has now; undefined: the one that its entries came with. */
export type WeightOf = (flow: string) => number | undefined;

interface State {
  readonly weightOf: WeightOf;
  virtualTime: number;
  readonly flows: Map<string, Flow>;
  /** Flows with waiting work, by start tag. */
  readonly places: LazyHeap<FlowPlace>;
  placed: number;
  readonly tickets: Map<DispatchId, Ticket>;
  /** Charges of taken entries that are not settled yet. */
  readonly charges: Map<DispatchId, { readonly flow: Flow; readonly charge: Charge }>;
  /** Counts arrivals and backlogs, for ties. */
  counter: number;
  /** Until the first entry is taken after a restart, flows come back as they were. */
  restoring: boolean;
  /** The number of flows at which the next clean-up is due. */
  forgetAt: number;
}

const FORGET_FROM = 1024;
const NOTHING_FULL: ReadonlySet<string> = new Set();

/**
 * Start-time fair queueing over flows (Goyal, Vin, Cheng 1996; see flow-account.ts): between flows only cost by
 * weight orders, inside a flow the entry's `order`, and arrival where that is equal.
 *
 * `add` and `take` cost O(log n), with n waiting in the flow. A take that has to pass over blocked work costs more
 * only by what it asks about: one question for each full group of a flow, and one for each single entry that may
 * not start for a reason of its own. Memory is bounded by what waits, is taken and not settled, or owes.
 *
 * `tags` are those of the last `snapshot`. After a restart what waits is added again before the first `take`; flows
 * then stand where they stood, debt and refund included.
 *
 * `weightOf` is asked at each charge, so that a weight that operators change counts for what waits already; `weights`
 * gives something else whenever they have changed one.
 */
export function createFairQueue(
  tags: FairTags,
  weightOf: WeightOf = () => undefined,
  weights: () => unknown = () => undefined,
): FairQueue {
  const state = restore(tags, weightOf);
  /** The order as it was last asked for; working it out anew costs a look at every flow. */
  let listed: { readonly limit: number; readonly by: unknown; readonly entries: readonly QueueEntry[] } | undefined;
  const changing = (): State => {
    listed = undefined;
    return state;
  };
  return {
    add: (entry) => add(changing(), entry),
    remove: (dispatchId) => remove(changing(), dispatchId),
    take: (mayStart) => take(changing(), mayStart),
    accrue: (entry, costSoFarMs) => accrueFor(changing(), entry.dispatchId, costSoFarMs),
    settle: (entry, actualCostMs) => settle(changing(), entry.dispatchId, actualCostMs),
    inOrder: (limit) => {
      if (limit === 0) return [];
      const by = weights();
      if (listed?.limit !== limit || listed.by !== by) listed = { limit, by, entries: inOrder(state, limit) };
      return [...listed.entries];
    },
    snapshot: (at) => snapshot(state, at),
    get size() {
      return state.tickets.size;
    },
  };
}

function restore({ virtualTime, flows }: FairTags, weightOf: WeightOf): State {
  const state: State = {
    weightOf,
    virtualTime,
    flows: new Map(),
    places: createLazyHeap(comparePlaces, (place: FlowPlace) => place.flow.place === place),
    placed: 0,
    tickets: new Map(),
    charges: new Map(),
    counter: 0,
    restoring: true,
    forgetAt: FORGET_FROM,
  };
  for (const [name, tag] of Object.entries(flows)) {
    state.flows.set(name, createFlow(name, openAccount(tag.weight, { since: 0, before: tag.finish })));
  }
  return state;
}

function snapshot(state: State, at: number): FairTags {
  const flows: [string, FlowTag][] = [];
  for (const flow of state.flows.values()) {
    const finish = finishTag(flow.account);
    if (flow.size === 0 && finish <= state.virtualTime) continue;
    flows.push([flow.name, { finish, weight: flow.account.weight, updatedAt: at }]);
  }
  return { virtualTime: state.virtualTime, flows: Object.fromEntries(flows) };
}

/** Adding what waits already brings it up to date and keeps its arrival. */
function add(state: State, entry: QueueEntry): void {
  const known = state.tickets.get(entry.dispatchId);
  const arrival = known?.arrival ?? ++state.counter;
  const flow = flowFor(state, entry);
  flow.account.weight = entry.weight;
  if (flow.size === 0) {
    if (!state.restoring) beginBacklog(flow.account, state.virtualTime);
    place(state, flow);
  }
  state.tickets.set(entry.dispatchId, putTicket(flow, entry, arrival));
  if (known !== undefined) withdraw(state, known);
}

function remove(state: State, dispatchId: DispatchId): void {
  const ticket = state.tickets.get(dispatchId);
  if (ticket === undefined) return;
  state.tickets.delete(dispatchId);
  withdraw(state, ticket);
}

function withdraw(state: State, ticket: Ticket): void {
  const { flow } = ticket.shelf;
  dropTicket(ticket);
  if (flow.size > 0) return;
  flow.place = undefined;
  state.placed -= 1;
  state.places.sweep(state.placed);
}

function take(state: State, mayStart: (entry: QueueEntry) => Admission): QueueEntry | undefined {
  if (state.restoring) {
    state.restoring = false;
    forget(state);
  }
  const full = new Set<string>();
  const passed: Flow[] = [];
  for (const { flow, start } of state.places.ascending()) {
    const ticket = firstAdmitted(flow, mayStart, full);
    if (ticket === undefined) {
      passed.push(flow);
      continue;
    }
    state.virtualTime = Math.max(state.virtualTime, start);
    for (const blocked of passed) catchUp(state, blocked);
    return handOut(state, ticket);
  }
  return undefined;
}

/** First entry of a flow that may start. Groups that turn out to be full are added to `full`. */
function firstAdmitted(flow: Flow, mayStart: (entry: QueueEntry) => Admission, full: Set<string>): Ticket | undefined {
  for (const ticket of ticketsInOrder(flow, full)) {
    if (full.size > 0 && ticket.entry.groups.some((group) => full.has(group.name))) continue;
    const admission = mayStart(ticket.entry);
    if (admission === true) return ticket;
    if (admission !== false) full.add(admission.full);
  }
  return undefined;
}

function handOut(state: State, ticket: Ticket): QueueEntry {
  const { entry, shelf } = ticket;
  const { flow } = shelf;
  state.tickets.delete(entry.dispatchId);
  withdraw(state, ticket);
  // Taken before and never settled: that charge stays as it is.
  settle(state, entry.dispatchId, undefined);
  const weight = weightNow(state, entry);
  state.charges.set(entry.dispatchId, { flow, charge: charge(flow.account, entry.costMs, weight) });
  if (flow.size > 0) place(state, flow);
  return entry;
}

function weightNow({ weightOf }: State, { flow, weight }: QueueEntry): number {
  return weightOf(flow) ?? weight;
}

/** Charges a piece of work that goes on; what is not taken, or settled already, changes nothing. */
function accrueFor(state: State, dispatchId: DispatchId, costSoFarMs: number): void {
  const taken = state.charges.get(dispatchId);
  if (taken === undefined) return;
  const { flow } = taken;
  state.charges.set(dispatchId, { flow, charge: accrue(taken.charge, costSoFarMs) });
  if (flow.size > 0) place(state, flow);
}

/** A flow whose turn was passed over begins its backlog anew; a refund that comes later then finds it there. */
function catchUp(state: State, flow: Flow): void {
  beginBacklog(flow.account, state.virtualTime);
  place(state, flow);
}

/** An entry that was not taken, or is settled already, changes nothing: nobody is refunded twice. */
function settle(state: State, dispatchId: DispatchId, actualCostMs: number | undefined): void {
  const taken = state.charges.get(dispatchId);
  if (taken === undefined) return;
  state.charges.delete(dispatchId);
  const { flow } = taken;
  correct(flow.account, taken.charge, actualCostMs);
  if (flow.size > 0) place(state, flow);
}

/** Gives a flow with waiting work its place by its present tag; a place that it had before is dead. */
function place(state: State, flow: Flow): void {
  if (flow.place === undefined) state.placed += 1;
  flow.place = { flow, start: finishTag(flow.account), joined: flow.place?.joined ?? ++state.counter };
  state.places.push(flow.place);
  state.places.sweep(state.placed);
}

function flowFor(state: State, entry: QueueEntry): Flow {
  const known = state.flows.get(entry.flow);
  if (known !== undefined) return known;
  if (state.flows.size >= state.forgetAt) forget(state);
  const flow = createFlow(entry.flow, openAccount(entry.weight, { since: state.virtualTime, before: 0 }));
  state.flows.set(entry.flow, flow);
  return flow;
}

/** Drops the flows that neither wait nor owe: opened anew they would get the same tag. */
function forget(state: State): void {
  for (const [name, flow] of state.flows) {
    if (flow.size === 0 && !isUnsettled(flow.account) && finishTag(flow.account) <= state.virtualTime) {
      state.flows.delete(name);
    }
  }
  state.forgetAt = Math.max(FORGET_FROM, 2 * state.flows.size);
}

interface SimulatedFlow {
  readonly joined: number;
  readonly base: number;
  readonly served: number;
  readonly start: number;
  readonly ticket: Ticket;
  readonly rest: Iterator<Ticket, undefined>;
}

/** Charges copies of the tags; flows join the simulation only when their turn can have come. */
function inOrder(state: State, limit: number): QueueEntry[] {
  const order: QueueEntry[] = [];
  const running = new Heap<SimulatedFlow>(comparePlaces);
  const outside = state.places.ascending();
  let next = outside.next().value;
  while (order.length < limit) {
    for (; next !== undefined; next = outside.next().value) {
      const first = running.peek();
      if (first !== undefined && comparePlaces(first, next) < 0) break;
      const flow = simulate(next);
      if (flow !== undefined) running.add(flow);
    }
    const flow = running.pop();
    if (flow === undefined) break;
    const { entry } = flow.ticket;
    order.push(entry);
    const ticket = flow.rest.next().value;
    if (ticket === undefined) continue;
    const served = flow.served + entry.costMs / weightNow(state, entry);
    running.add({ ...flow, ticket, served, start: flow.base + served });
  }
  return order;
}

function simulate({ flow, joined, start }: FlowPlace): SimulatedFlow | undefined {
  const rest = ticketsInOrder(flow, NOTHING_FULL);
  const ticket = rest.next().value;
  if (ticket === undefined) return undefined;
  return { joined, base: baseTag(flow.account), served: flow.account.present.served, start, ticket, rest };
}
