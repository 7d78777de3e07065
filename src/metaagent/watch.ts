import type { RunDocument } from "../contracts/document.ts";
import type { RunId } from "../contracts/id.ts";
import { messageOf } from "../errors.ts";
import { isOpen } from "./alerts.ts";
import type { Control } from "./deps.ts";
import { anomaliesIn, telemetryOf, type Readings } from "./monitor.ts";
import type { Operators } from "./operators.ts";
import { effectDueAt } from "./outbox.ts";
import type { MetaStateSnapshot } from "./snapshot.ts";

const LOOK_EVERY_MS = 60_000;

/** Looks at the whole once a minute: keeps telemetry (M2), and tells operators what is wrong and what is over (M3). */
export interface Watch {
  /** Called after every commit: what waits for its delivery. */
  remember(document: RunDocument): void;
  /** Effects that are due and not delivered yet, and since when the oldest of them is. */
  undelivered(): Readings["undelivered"];
  start(): void;
  stop(): void;
}

export function createWatch(control: Control, getState: () => MetaStateSnapshot, operators: Operators): Watch {
  const { engine, clock, log, machine } = control;
  const outboxes = new Map<RunId, RunDocument["outbox"]>();
  let dueBefore: ReadonlySet<string> = new Set();
  let callOff: () => void = () => undefined;

  const dueEffects = (at: number): Map<string, number> => {
    const due = new Map<string, number>();
    for (const [runId, entries] of outboxes) {
      for (const entry of entries) {
        const since = Math.max(entry.savedAt, effectDueAt(entry));
        if (since <= at) due.set(`${runId}/${entry.id}`, since);
      }
    }
    return due;
  };
  /** Since when effects have been due that were due at the look before too: a machine that slept has not tried them yet. */
  const lateEffects = (at: number): number[] => {
    const due = dueEffects(at);
    const late = [...due].flatMap(([id, since]) => (dueBefore.has(id) ? [since] : []));
    dueBefore = new Set(due.keys());
    return late;
  };
  const readings = async (snapshot: MetaStateSnapshot): Promise<Readings> => {
    const { telemetry, macros } = engine.operations();
    const { at } = snapshot;
    const late = lateEffects(at);
    return {
      at,
      queued: snapshot.metrics.queued,
      runs: snapshot.runs,
      history: telemetry,
      macros,
      undelivered: countOf(late),
      freeBytes: await machine.freeBytes(),
      loopLagMs: machine.loopLagMs(),
    };
  };
  const look = async (): Promise<void> => {
    const snapshot = getState();
    const seen = await readings(snapshot);
    const open = engine.operations().alerts.filter(isOpen);
    const anomalies = anomaliesIn(seen, control.alerts, new Set(open.map(({ key }) => key)));
    await operators.see([...anomalies, ...control.surfaceTroubles(open)]);
    await engine.transactOperations((operations) => ({
      ...operations,
      agents: [...control.catalog.agents],
      telemetry: [...operations.telemetry, telemetryOf(snapshot)].slice(-1000),
    }));
  };
  const lookAndGoOn = (): void => {
    look().catch((error: unknown) => log.warn({ err: messageOf(error) }, "the state was not looked at in full"));
    callOff = clock.after(LOOK_EVERY_MS, lookAndGoOn);
  };

  return {
    remember: ({ run, outbox }) => {
      if (outbox.length === 0) outboxes.delete(run.runId);
      else outboxes.set(run.runId, outbox);
    },
    undelivered: () => countOf([...dueEffects(clock.now()).values()]),
    start: lookAndGoOn,
    stop: () => callOff(),
  };
}

function countOf(since: readonly number[]): Readings["undelivered"] {
  return { count: since.length, since: since.length === 0 ? null : since.reduce((a, b) => Math.min(a, b)) };
}
