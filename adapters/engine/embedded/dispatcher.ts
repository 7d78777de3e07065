import { isDeepStrictEqual } from "node:util";
import PQueue from "p-queue";
import type { QueueEntry } from "../../../src/contracts/document.ts";
import type { DispatchId } from "../../../src/contracts/id.ts";
import { CoxswainError, messageOf } from "../../../src/errors.ts";
import type { Log } from "../../../src/log.ts";
import type { Clock, Engine, ReadyQueue } from "../../../src/ports.ts";
import { createGroupLimits } from "./group-limits.ts";

/** How long an entry waits after its handler left it as it was: doubled each time, so that nothing spins. */
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 300_000;

type Handler = Parameters<Engine["work"]>[0];
type WorkOptions = Parameters<Engine["work"]>[1];

/**
 * Hands out what may start now. An entry is in one of three places: ready (in the fair queue), deferred
 * (until its time has come) or leased.
 */
export interface Dispatcher {
  offer(entry: QueueEntry): void;
  /** Follows a saved change: what is new is offered, what is gone is withdrawn. Leases go on. */
  reconcile(before: readonly QueueEntry[], after: readonly QueueEntry[]): void;
  work(handler: Handler, options: WorkOptions): void;
  revoke(dispatchId: DispatchId): void;
  hold(): void;
  open(): void;
  queue: Engine["queue"];
  stop(): Promise<void>;
}

interface DispatcherParts {
  readonly queue: ReadyQueue;
  readonly clock: Clock;
  readonly log: Log;
  /** A worker past this much time goes on; its tenant is charged for it at once, and after each further slice. */
  readonly sliceMs: number;
  /** The entry as the last durable document of its run holds it. */
  readonly saved: (entry: QueueEntry) => QueueEntry | undefined;
}

export function createDispatcher({ queue, clock, log, sliceMs, saved }: DispatcherParts): Dispatcher {
  const ready = new Set<DispatchId>();
  const deferred = new Map<DispatchId, { entry: QueueEntry; until: number; callOff: () => void }>();
  const leased = new Map<DispatchId, { entry: QueueEntry; abort: AbortController }>();
  const fruitless = new Map<DispatchId, number>();
  const groups = createGroupLimits();
  let workers: { handler: Handler; options: WorkOptions; pool: PQueue } | undefined;
  let stopped = false;
  let handOutIsDue = false;
  let held = false;

  const withdraw = (dispatchId: DispatchId): void => {
    if (ready.delete(dispatchId)) queue.remove(dispatchId);
    deferred.get(dispatchId)?.callOff();
    deferred.delete(dispatchId);
  };

  const admit = (entry: QueueEntry): void => {
    ready.add(entry.dispatchId);
    queue.add(entry);
    handOutSoon();
  };

  const offer = (entry: QueueEntry, earliest = 0): void => {
    const { dispatchId } = entry;
    if (stopped || leased.has(dispatchId)) return;
    withdraw(dispatchId);
    const until = Math.max(entry.notBefore ?? 0, earliest);
    if (until <= clock.now()) return admit(entry);
    // The time has passed when the timer fires, whatever the clock says then: set back by a day, it would hold a retry for a day.
    const callOff = clock.after(until - clock.now(), () => {
      if (deferred.delete(dispatchId)) admit(entry);
    });
    deferred.set(dispatchId, { entry, until, callOff });
  };

  /** One pass for all that became free or new in the same turn. */
  const handOutSoon = (): void => {
    if (handOutIsDue) return;
    handOutIsDue = true;
    queueMicrotask(() => {
      handOutIsDue = false;
      handOut();
    });
  };

  const handOut = (): void => {
    if (stopped || held || workers === undefined) return;
    const { handler, options, pool } = workers;
    while (leased.size < options.slots) {
      const entry = queue.take((candidate) => {
        const accepted = options.accepts(candidate);
        return accepted === true ? groups.admit(candidate) : accepted;
      });
      if (entry === undefined) return;
      ready.delete(entry.dispatchId);
      groups.enter(entry);
      const abort = new AbortController();
      leased.set(entry.dispatchId, { entry, abort });
      void pool.add(() => runLease(handler, entry, abort.signal));
    }
  };

  const runLease = async (handler: Handler, entry: QueueEntry, signal: AbortSignal): Promise<void> => {
    const startedAt = clock.now();
    let extraCostMs = 0;
    let failed = false;
    const costMs = (): number => Math.max(0, clock.now() - startedAt) + extraCostMs;
    const charge = (added: number): void => {
      if (Number.isFinite(added) && added > 0) extraCostMs += added;
    };
    const endSlices = eachSlice(() => queue.accrue(entry, costMs()));
    try {
      await handler({ entry, signal, charge });
    } catch (error) {
      failed = true;
      // A full disk ends here. The terminal program shows nothing milder than this, and would wait without a word.
      if (!signal.aborted)
        log.error(
          { dispatchId: entry.dispatchId, err: messageOf(error) },
          "a piece of work could not be saved or begun",
        );
    }
    endSlices();
    leased.delete(entry.dispatchId);
    groups.leave(entry);
    queue.settle(entry, costMs());
    offerAgain(entry, failed);
    handOutSoon();
  };

  /** Calls `action` at the end of each slice, until the returned function is called. */
  const eachSlice = (action: () => void): (() => void) => {
    let callOff = (): void => undefined;
    const next = (): void => {
      callOff = clock.after(sliceMs, () => {
        action();
        next();
      });
    };
    next();
    return () => callOff();
  };

  /** What the saved document still queues after its lease was left undone, or is to be done once more. */
  const offerAgain = (entry: QueueEntry, failed: boolean): void => {
    const { dispatchId } = entry;
    const left = saved(entry);
    if (left === undefined || (!failed && !isDeepStrictEqual(left, entry))) fruitless.delete(dispatchId);
    else fruitless.set(dispatchId, (fruitless.get(dispatchId) ?? 0) + 1);
    if (left !== undefined) offer(left, clock.now() + delayAfter(fruitless.get(dispatchId) ?? 0));
  };

  return {
    offer,
    reconcile(before, after) {
      const kept = new Map(after.map((entry) => [entry.dispatchId, entry]));
      for (const { dispatchId } of before) {
        if (kept.has(dispatchId)) continue;
        withdraw(dispatchId);
        fruitless.delete(dispatchId);
      }
      const known = new Map(before.map((entry) => [entry.dispatchId, entry]));
      for (const entry of after) if (!isDeepStrictEqual(known.get(entry.dispatchId), entry)) offer(entry);
    },
    work(handler, options) {
      if (workers !== undefined) {
        throw new CoxswainError("engine.already_working", "Work was asked for twice; one handler takes all leases.");
      }
      workers = { handler, options, pool: new PQueue({ concurrency: options.slots }) };
      handOutSoon();
    },
    revoke(dispatchId) {
      withdraw(dispatchId);
      leased
        .get(dispatchId)
        ?.abort.abort(new CoxswainError("engine.revoked", `The dispatch ${dispatchId} was taken back; stop its work.`));
    },
    hold() {
      held = true;
    },
    open() {
      held = false;
      handOutSoon();
    },
    queue(limit) {
      const later = [...deferred.values()].toSorted((a, b) => a.until - b.until).map(({ entry }) => entry);
      return {
        waiting: [...queue.inOrder(limit), ...later].slice(0, limit),
        leased: [...leased.values()].map(({ entry }) => entry),
        waitingTotal: queue.size + deferred.size,
      };
    },
    async stop() {
      stopped = true;
      for (const { callOff } of deferred.values()) callOff();
      const reason = "The process is shutting down; the dispatch is taken up again at the next start.";
      for (const { abort } of leased.values()) {
        abort.abort(new CoxswainError("engine.stopping", reason, { retryable: true }));
      }
      await workers?.pool.onIdle();
    },
  };
}

function delayAfter(fruitlessLeases: number): number {
  return fruitlessLeases === 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (fruitlessLeases - 1));
}
