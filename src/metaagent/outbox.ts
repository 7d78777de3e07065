import PQueue from "p-queue";
import type { OutboxEntry, RunDocument } from "../contracts/document.ts";
import type { Run } from "../contracts/run.ts";
import { messageOf } from "../errors.ts";
import { createSerial } from "../serial.ts";
import { retryDelay, type Control } from "./deps.ts";
import { keepChange } from "./keep-change.ts";
import { earliest, editNotice, publish, type Delivered } from "./publish.ts";
import { tellDelivery } from "./tell-delivery.ts";
import type { Operators } from "./operators.ts";

/** A thousand at once would keep everybody's first page after a restart waiting behind their writes. */
const CHANNELS_AT_ONCE = 4;
/** A run whose surface does not answer holds up the next one of its channel for so long. */
const TURN_MS = 1000;

export interface Outbox {
  /** Delivers what a run's outbox holds, in order; called after every commit. */
  flush(runId: string): void;
  /** Delivers what an earlier process left: channel by channel in the order of its runs, a few channels at a time. */
  resume(runs: readonly Run[]): void;
  /** Edits the notice where it is shown, though the run has not changed: what it says of the queue has. */
  refreshNotice(runId: string): void;
  /** Tries once more what is left; what is due later or fails stays saved. Resolves when nothing is being delivered. */
  stop(): Promise<void>;
}

/**
 * Delivers effects that were saved with their run. Delivered means: done in the world, then taken out of the outbox
 * in a durable write. A crash in between repeats a delivery, so each one must be harmless to repeat.
 */
export function createOutbox(control: Control, operators: Operators): Outbox {
  const turns = createSerial();
  const alarms = new Map<string, () => void>();
  const backlog = new PQueue({ concurrency: CHANNELS_AT_ONCE });
  let stopped = false;

  /** One alarm a run; every look at its outbox sets it anew. */
  const flushAfter = (runId: string, delayMs: number, attempt: number): void => {
    alarms.get(runId)?.();
    alarms.delete(runId);
    if (stopped) return;
    alarms.set(
      runId,
      control.clock.after(delayMs, () => {
        alarms.delete(runId);
        void flush(runId, attempt);
      }),
    );
  };
  const flushOnce = async (runId: string, attempt: number): Promise<void> => {
    try {
      const due = await deliverAll(control, operators, runId);
      if (due === undefined) return;
      const delayMs = due - control.clock.now();
      if (delayMs > 0) flushAfter(runId, delayMs, 1);
      else void flush(runId);
    } catch (error) {
      control.log.warn({ runId, attempt, err: messageOf(error) }, "a delivery failed; it stays in the outbox");
      flushAfter(runId, retryDelay(control.retry, Math.min(attempt, 10), control.random()), attempt + 1);
    }
  };
  const flush = (runId: string, attempt = 1): Promise<void> => turns.run(runId, () => flushOnce(runId, attempt));

  /** Until the run's delivery has ended, or its turn. */
  const flushInTurn = async (runId: string): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const callOff = control.clock.after(TURN_MS, resolve);
    await Promise.race([flush(runId), promise]);
    callOff();
  };
  const resumeChannel = async (runs: readonly Run[]): Promise<void> => {
    for (const { runId } of runs) {
      if (stopped) return;
      await flushInTurn(runId);
    }
  };

  return {
    flush: (runId) => void flush(runId),
    resume: (runs) => {
      const channels = Map.groupBy(
        runs.toSorted((a, b) => a.startedAt - b.startedAt),
        homeOf,
      );
      for (const runsThere of channels.values()) void backlog.add(() => resumeChannel(runsThere));
    },
    refreshNotice: (runId) => {
      if (stopped) return;
      turns
        .run(runId, () => editNotice(control, runId))
        .catch((error: unknown) => control.log.warn({ runId, err: messageOf(error) }, "a notice was not edited"));
    },
    stop: async () => {
      stopped = true;
      backlog.clear();
      // Once more: what waited for workers to end can be done now.
      for (const [runId, callOff] of alarms) {
        callOff();
        void flush(runId);
      }
      alarms.clear();
      await turns.idle();
    },
  };
}

function homeOf({ runId, task }: Run): string {
  const [home] = task.bindings;
  return home === undefined ? runId : `${home.surface}/${home.channel}`;
}

/** How soon to look again whether a run's workers have ended. */
const WORKERS_END_MS = 500;

/**
 * Delivers what is due, each entry once; returns when the next one is, if any is left. What fails stays in the outbox
 * and holds up nothing else: a surface that is away must not keep operators from an alert.
 */
async function deliverAll(control: Control, operators: Operators, runId: string): Promise<number | undefined> {
  const tried = new Set<string>();
  const later: number[] = [];
  let failure: { readonly cause: unknown } | undefined;
  for (;;) {
    const document = await control.engine.read(runId);
    const left = document?.outbox.filter((waiting) => !tried.has(waiting.id)) ?? [];
    const due = left.filter((waiting) => effectDueAt(waiting) <= control.clock.now());
    // First what the run waits for.
    const entry = due.find(({ effect }) => effect.kind === "keep_change") ?? due[0];
    if (document === undefined || entry === undefined) {
      if (failure !== undefined) throw failure.cause;
      return earliest([...left.map(effectDueAt), ...later]);
    }
    tried.add(entry.id);
    const begun = control.clock.now();
    const { messages, problem, notBefore } = await deliver(control, operators, document, entry).catch(
      (cause: unknown): Delivered => ({ messages: {}, problem: cause }),
    );
    if (entry.effect.kind !== "publish" && notBefore === undefined) {
      tellDelivery(control, { runId, effect: entry.effect.kind, savedAt: entry.savedAt, begun, to: null, problem });
    }
    if (problem !== undefined) failure ??= { cause: problem };
    if (notBefore !== undefined) later.push(notBefore);
    await control.state.settle(
      runId,
      problem === undefined && notBefore === undefined ? entry.id : undefined,
      messages,
    );
  }
}

function hasWorker(control: Control, { run }: RunDocument): boolean {
  const leased = new Set(control.engine.queue(0).leased.map((entry) => entry.dispatchId));
  return run.dispatches.some(({ dispatchId, work }) => work.kind !== "stage" && leased.has(dispatchId));
}

/** Not to be delivered earlier; 0 where it may be at once. */
export function effectDueAt({ effect }: OutboxEntry): number {
  return effect.kind === "keep_change" ? effect.notBefore : 0;
}

async function deliver(
  control: Control,
  operators: Operators,
  document: RunDocument,
  entry: OutboxEntry,
): Promise<Delivered> {
  const { effect } = entry;
  switch (effect.kind) {
    case "publish":
      return publish(control, operators, document, effect.card, entry.savedAt);
    case "alert":
      await operators.raise([effect.alert]);
      return { messages: {} };
    case "alert_over":
      await operators.resolve(effect.key);
      return { messages: {} };
    case "keep_change":
      await keepChange(control, document.run);
      return { messages: {} };
    case "remove_artifact":
      await control.files.removeArtifact(document.run.runId, effect.path);
      return { messages: {} };
    case "close_workspace":
      // A worker that is being stopped still works in its copy.
      if (hasWorker(control, document)) {
        return { messages: {}, notBefore: control.clock.now() + WORKERS_END_MS };
      }
      await control.workspace.close(document.run.runId);
      return { messages: {} };
    // Both are carried out by the queue, which is saved with the run.
    case "dispatch":
    case "revoke":
      return { messages: {} };
  }
}
