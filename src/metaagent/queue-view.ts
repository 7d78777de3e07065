import type { QueueEntry } from "../contracts/document.ts";
import type { Instant, RunId } from "../contracts/id.ts";
import type { QueueControl } from "../contracts/queue.ts";
import type { QueueView } from "../contracts/view.ts";
import type { Control } from "./deps.ts";
import { estimateStarts } from "./start-estimate.ts";
import { groupOf, macroIn, tenantIn } from "./strategies/concurrency-groups.ts";

/** As many places of the queue as a listing shows. */
const LISTED = 1000;
/** As many runs ahead as are named. */
const NAMED = 5;
/** The name that `heldBy` gives to the number of pieces of work that may run at once at all. */
const SLOTS = "slots";

type Waiting = QueueView["waiting"][number];

/** The queue as people and programs see it: what runs, what waits, why, and when it will start. */
export async function queueViewOf({ engine, clock, slots, scheduler }: Control): Promise<QueueView> {
  const { waiting, leased, waitingTotal } = engine.queue(LISTED);
  const { queueControl } = engine.operations();
  const { draining, paused, weights, steps } = queueControl;
  const now = clock.now();
  const running = await Promise.all(leased.map(async (entry) => ({ entry, since: await startOf(engine, entry, now) })));
  const pausedOf = pausesOf(queueControl);
  const isHeld = (entry: QueueEntry): boolean => draining !== null || pausedOf(entry).length > 0;
  const starts = estimateStarts({ now, slots, running, waiting, isHeld });
  const counts = countByGroup(leased);
  const passed = runsPassed();
  const entries = waiting.map(async (entry, at): Promise<Waiting> => {
    const ahead = passed.before(entry);
    if (!isHeld(entry)) passed.pass(entry);
    return {
      position: at + 1,
      ...named(entry),
      queuedAt: await queuedAt(engine, entry),
      notBefore: entry.notBefore ?? null,
      heldBy: limitsHolding(entry, counts, slots),
      paused: pausedOf(entry),
      ahead,
      start: starts[at] ?? { kind: "no_history" },
    };
  });
  return {
    strategy: scheduler.strategy,
    rules: scheduler.rules,
    slots,
    drainingSince: draining?.since ?? null,
    paused,
    weights,
    steps,
    running: leased.map(named),
    waiting: await Promise.all(entries),
    waitingTotal,
  };
}

function named(entry: QueueEntry): Pick<Waiting, "dispatchId" | "runId" | "flow" | "tenant" | "macroId"> {
  const { dispatchId, runId, flow } = entry;
  return { dispatchId, runId, flow, tenant: tenantIn(entry), macroId: macroIn(entry) };
}

/** Since when it runs; one that is just being handed out begins now. */
async function startOf(engine: Control["engine"], { runId, dispatchId }: QueueEntry, now: Instant): Promise<Instant> {
  const dispatch = await dispatchOf(engine, runId, dispatchId);
  return dispatch?.status === "started" ? dispatch.startedAt : now;
}

async function queuedAt(engine: Control["engine"], { runId, dispatchId }: QueueEntry): Promise<Instant | null> {
  return (await dispatchOf(engine, runId, dispatchId))?.queuedAt ?? null;
}

async function dispatchOf(engine: Control["engine"], runId: RunId, dispatchId: string) {
  const run = (await engine.read(runId))?.run;
  return run?.dispatches.find((known) => known.dispatchId === dispatchId);
}

/** What of an entry operators have paused. */
function pausesOf({ paused }: QueueControl): (entry: QueueEntry) => Waiting["paused"] {
  const targets = paused.map(({ target }) => ({ target, group: groupOf(target) }));
  return ({ groups }) =>
    targets.filter(({ group }) => groups.some(({ name }) => name === group)).map(({ target }) => target);
}

/** Counts, along the order of the queue, the runs that go first: those of each tenant, and all. */
function runsPassed(): { before(entry: QueueEntry): Waiting["ahead"]; pass(entry: QueueEntry): void } {
  const byTenant = new Map<string, Set<RunId>>();
  const all = new Set<RunId>();
  return {
    before: (entry) => {
      const own = byTenant.get(tenantIn(entry)) ?? new Set();
      const isOwn = own.has(entry.runId) ? 1 : 0;
      return {
        own: { count: own.size - isOwn, runs: first(own, (runId) => runId !== entry.runId) },
        others: { count: all.size - own.size, runs: first(all, (runId) => !own.has(runId)) },
      };
    },
    pass: (entry) => {
      const tenant = tenantIn(entry);
      byTenant.set(tenant, (byTenant.get(tenant) ?? new Set()).add(entry.runId));
      all.add(entry.runId);
    },
  };
}

function first(runs: ReadonlySet<RunId>, isMeant: (runId: RunId) => boolean): RunId[] {
  return runs.values().filter(isMeant).take(NAMED).toArray();
}

/** How many of the leased dispatches count in each group (holders once); all of them count in the slots. */
function countByGroup(leased: readonly QueueEntry[]): ReadonlyMap<string, ReadonlySet<string>> {
  const counts = new Map<string, Set<string>>([[SLOTS, new Set(leased.map(({ dispatchId }) => dispatchId))]]);
  for (const { groups, dispatchId } of leased) {
    for (const { name, holder } of groups) {
      counts.set(name, (counts.get(name) ?? new Set()).add(holder ?? dispatchId));
    }
  }
  return counts;
}

/** The limits that are reached now and that this entry counts in; none where it waits for its turn only. */
function limitsHolding(
  { groups }: QueueEntry,
  counts: ReadonlyMap<string, ReadonlySet<string>>,
  slots: number,
): Waiting["heldBy"] {
  const limits: QueueEntry["groups"] = [{ name: SLOTS, limit: slots }, ...groups];
  return limits
    .filter(({ name, limit, holder }) => {
      const members = counts.get(name);
      return members !== undefined && members.size >= limit && !(holder !== undefined && members.has(holder));
    })
    .map(({ name, limit }) => ({ limit: name, value: limit }));
}
