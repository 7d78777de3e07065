import type { QueueEntry } from "../contracts/document.ts";
import { messageOf } from "../errors.ts";
import { keyed } from "../i18n.ts";
import type { Admission, Lease } from "../ports.ts";
import type { Control } from "./deps.ts";
import type { Operators } from "./operators.ts";
import { groupOf } from "./strategies/concurrency-groups.ts";

/** Lets through what operators let start: nothing of what is paused, and nothing at all during a drain. */
export interface Gate {
  /** May it start, as far as operators are concerned? A paused tenant or macro costs one question for all of it. */
  admits(entry: QueueEntry): Admission;
  /** Works on a lease, and knows by it what runs. */
  readonly work: (lease: Lease) => Promise<void>;
  /** A drain is over with the process that was to be stopped. */
  start(): Promise<void>;
  /** Nothing new starts; resolves when nothing runs any more, or after the limit. */
  drain(limitMs: number): Promise<void>;
  /** The process is to end: nothing new starts in it, whatever operators say. */
  isEnding(): boolean;
}

export function createGate(control: Control, operators: Operators, work: (lease: Lease) => Promise<void>): Gate {
  const { engine, clock, events, log } = control;
  let running = 0;
  let ending = false;
  const idle = new Set<() => void>();
  const pausedGroups = createPausedGroups(control);

  const tell = (): void => {
    for (const listener of idle) listener();
    const { draining } = engine.operations().queueControl;
    if (draining === null) return;
    log.info("the queue is drained; nothing runs");
    operators
      .raise([
        {
          key: drainedKey(draining.since),
          severity: "info",
          since: clock.now(),
          what: keyed("alert.drained.what"),
          todo: keyed("alert.drained.todo"),
        },
      ])
      .catch((error: unknown) => log.warn({ err: messageOf(error) }, "an alert was not saved"));
  };
  const over = (since: number): Promise<void> =>
    operators
      .resolve(drainedKey(since))
      .catch((error: unknown) => log.warn({ err: messageOf(error) }, "an alert that is over was not saved"));
  let drainedSince = engine.operations().queueControl.draining?.since;
  events.on("queue.changed", () => {
    const now = engine.operations().queueControl.draining?.since;
    if (drainedSince !== undefined && now === undefined) void over(drainedSince);
    drainedSince = now;
    if (running === 0) tell();
  });

  return {
    admits: ({ groups }) => {
      // Whatever an operator does to the queue meanwhile opens the engine again.
      if (ending) return false;
      const paused = pausedGroups();
      const full = paused.size === 0 ? undefined : groups.find(({ name }) => paused.has(name));
      return full === undefined || { full: full.name };
    },
    work: async (lease) => {
      running += 1;
      try {
        await work(lease);
      } finally {
        running -= 1;
        if (running === 0) tell();
      }
    },
    start: async () => {
      const { draining } = engine.operations().queueControl;
      if (draining === null) return;
      drainedSince = undefined;
      await over(draining.since);
      await engine.transactOperations((operations) => ({
        ...operations,
        queueControl: { ...operations.queueControl, draining: null },
      }));
    },
    drain: async (limitMs) => {
      ending = true;
      engine.hold();
      if (running === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      idle.add(resolve);
      const callOff = clock.after(limitMs, resolve);
      await promise;
      callOff();
      idle.delete(resolve);
    },
    isEnding: () => ending,
  };
}

/** Each drain is told by itself. */
function drainedKey(since: number): string {
  return `drained:${since}`;
}

/** The names of the paused groups, made anew only when operators have changed them. */
function createPausedGroups({ engine }: Control): () => ReadonlySet<string> {
  let from: unknown;
  let groups: ReadonlySet<string> = new Set();
  return () => {
    const { paused } = engine.operations().queueControl;
    if (paused !== from) {
      from = paused;
      groups = new Set(paused.map(({ target }) => groupOf(target)));
    }
    return groups;
  };
}
