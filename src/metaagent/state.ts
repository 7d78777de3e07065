import type { Dispatch } from "../contracts/dispatch.ts";
import type { HistoryEntry, OutboxEntry, QueueEntry, RunDocument } from "../contracts/document.ts";
import type { Effect } from "../contracts/effect.ts";
import type { RunEvent } from "../contracts/event.ts";
import type { RunId } from "../contracts/id.ts";
import type { Run } from "../contracts/run.ts";
import type { Engine } from "../ports.ts";
import { transition } from "../spine/transition.ts";
import { awaitsKeeping } from "../spine/transitions/changes.ts";
import { chained, noteOf, type AuditNote } from "./audit.ts";
import type { EventHub } from "./event-hub.ts";
import { observedIn } from "./observe-run.ts";

/** How many command ids a run remembers; a run gets a few dozen in its life. */
const INBOX_LIMIT = 5000;

export type Committed =
  | { readonly kind: "applied"; readonly document: RunDocument }
  /** The same event or command had been applied before; nothing was changed. */
  | { readonly kind: "duplicate"; readonly document: RunDocument };

export type Decided<R> = { readonly event: RunEvent } | { readonly declined: R };

export interface Declined<R> {
  readonly kind: "declined";
  readonly declined: R;
}

/** Makes the place in the queue for a dispatch; the scheduler's strategy decides it. */
export type PlaceInQueue = (run: Run, dispatch: Dispatch) => QueueEntry;

export interface State {
  /**
   * Applies one event: run, queue, outbox, inbox and audit trail in one durable write. Resolves after it.
   * Rejects with a GateError where the event breaks a gate or is stale, and then nothing was changed.
   */
  commit(runId: RunId, event: RunEvent): Promise<Committed>;
  /**
   * The same with an event made from the run as it is saved at that moment, under its lock: what was read before may be
   * overtaken by what is just being saved. Anything but an event is handed back, and nothing was changed.
   */
  decide<R>(runId: RunId, decide: (document: RunDocument | undefined) => Decided<R>): Promise<Committed | Declined<R>>;
  /**
   * Saves what delivery learned of messages and takes the delivered effect out of the outbox, in one write. Without
   * `outboxId` the effect stays, to be tried again.
   */
  settle(runId: RunId, outboxId: string | undefined, messages: RunDocument["messages"]): Promise<void>;
  /** Adds to the audit trail alone, once for each id; the run stays as it is. False where there is no such run. */
  note(runId: RunId, note: Omit<AuditNote, "version">): Promise<boolean>;
  /** Gives what waits of a run the places that it would get now. */
  replace(runId: RunId): Promise<void>;
}

type Applied = Extract<Committed, { kind: "applied" }> & {
  readonly event: RunEvent;
  readonly effects: readonly Effect[];
  readonly before: Run | undefined;
};

/** The only writer of run documents (M2). `onApplied` is the control plane's own, and misses nothing. */
export function createState(
  engine: Engine,
  place: PlaceInQueue,
  events: EventHub,
  onApplied: (document: RunDocument, event: RunEvent, before: Run | undefined) => void,
): State {
  const decide: State["decide"] = async <R>(runId: RunId, make: (document: RunDocument | undefined) => Decided<R>) => {
    const committed = await engine.transact<Applied | Exclude<Committed, { kind: "applied" }> | Declined<R>>(
      runId,
      (document) => {
        const decided = make(document);
        if ("declined" in decided) return { result: { kind: "declined", declined: decided.declined } };
        const { event } = decided;
        if (document?.inbox.includes(event.id) === true) return { result: { kind: "duplicate", document } };
        const before = document?.run;
        const { run, effects } = transition(before, event);
        const next = documentAfter(document, run, event, effects, place);
        return { document: next, result: { kind: "applied", document: next, event, effects, before } };
      },
    );
    if (committed.kind !== "applied") return committed;
    const { document, event, effects, before } = committed;
    for (const effect of effects) if (effect.kind === "revoke") engine.revoke(effect.dispatchId);
    onApplied(document, event, before);
    events.emitAll([{ name: "run.changed", payload: { document, event } }, ...observedIn(before, document.run)]);
    return { kind: "applied", document };
  };
  return {
    decide,
    commit: async (runId, event) => {
      const committed = await decide<never>(runId, () => ({ event }));
      if (committed.kind === "declined") throw new TypeError("an event was declined");
      return committed;
    },
    note: (runId, note) =>
      engine.transact(runId, (document) => {
        const id = `${note.what}:${note.id}`;
        if (document === undefined || document.inbox.includes(id)) return { result: document !== undefined };
        const audit = chained(document.audit, { ...note, version: document.run.version });
        return {
          document: { ...document, audit, inbox: [...document.inbox, id].slice(-INBOX_LIMIT) },
          result: true,
        };
      }),
    replace: (runId) =>
      engine.transact(runId, (document) => {
        if (document === undefined) return { result: undefined };
        const { run } = document;
        return { document: { ...document, queue: queueOf([], run, place) }, result: undefined };
      }),
    settle: async (runId, outboxId, messages) => {
      if (outboxId === undefined && Object.keys(messages).length === 0) return;
      await engine.transact(runId, (document) => {
        if (document === undefined) return { result: undefined };
        const outbox = document.outbox.filter((entry) => entry.id !== outboxId);
        return {
          document: { ...document, outbox, messages: { ...document.messages, ...messages } },
          result: undefined,
        };
      });
    },
  };
}

function documentAfter(
  before: RunDocument | undefined,
  run: Run,
  event: RunEvent,
  effects: readonly Effect[],
  place: PlaceInQueue,
): RunDocument {
  return {
    schemaVersion: 1,
    run,
    queue: queueOf(before?.queue ?? [], run, place),
    outbox: outboxAfter(before?.outbox ?? [], run, effects, event.at),
    // Events of a dispatch are fenced by its attempt; only what comes from outside can come twice.
    inbox: [...(before?.inbox ?? []), ...("dispatchId" in event ? [] : [event.id])].slice(-INBOX_LIMIT),
    messages: before?.messages ?? {},
    history: [...(before?.history ?? []), historyEntry(run, event)],
    audit: chained(before?.audit, noteOf(before?.run, run, event)),
  };
}

/** What waits is what the run says waits; a place that was given stays. */
function queueOf(before: readonly QueueEntry[], run: Run, place: PlaceInQueue): QueueEntry[] {
  const known = new Map(before.map((entry) => [entry.dispatchId, entry]));
  return run.dispatches
    .filter((dispatch) => dispatch.status === "queued")
    .map((dispatch) => known.get(dispatch.dispatchId) ?? place(run, dispatch));
}

/** Of two updates of one card only the later is worth delivering: delivery shows the newest state anyway. */
function outboxAfter(before: readonly OutboxEntry[], run: Run, effects: readonly Effect[], at: number): OutboxEntry[] {
  const added = effects.flatMap((effect, index): OutboxEntry[] => {
    if (effect.kind === "dispatch" || effect.kind === "revoke") return [];
    if (effect.kind === "publish" && run.task.bindings.length === 0) return [];
    return [{ id: `${run.version}:${index}`, effect, savedAt: at }];
  });
  const wanted = [...before, ...added].filter(({ effect }) => effect.kind !== "keep_change" || awaitsKeeping(run));
  return wanted.filter(
    (entry, index, all) => !all.slice(index + 1).some((later) => supersedes(later.effect, entry.effect)),
  );
}

function supersedes(later: Effect, earlier: Effect): boolean {
  if (later.kind === "keep_change") return earlier.kind === "keep_change";
  return later.kind === "publish" && earlier.kind === "publish" && later.card === earlier.card;
}

function historyEntry(run: Run, event: RunEvent): HistoryEntry {
  const subject = "dispatchId" in event ? event.dispatchId : "decisionId" in event ? event.decisionId : undefined;
  const by = "by" in event ? event.by : event.kind === "run.started" ? event.task.requestedBy : undefined;
  return {
    version: run.version,
    at: event.at,
    event: event.kind,
    ...(subject === undefined ? {} : { subject }),
    ...(by === undefined ? {} : { by }),
  };
}
