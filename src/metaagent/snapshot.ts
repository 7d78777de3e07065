import type { QueueEntry } from "../contracts/document.ts";
import type { RunId } from "../contracts/id.ts";
import type { QueueTarget } from "../contracts/queue.ts";
import type { Run, RunStatus } from "../contracts/run.ts";
import type { StageKey } from "../contracts/stage.ts";

/** A live run in a snapshot. */
export interface RunInBrief {
  readonly runId: RunId;
  /** Its beginning, as long as a heading may be. */
  readonly goal: string;
  readonly tenant: string;
  readonly status: RunStatus["kind"];
  readonly stage: StageKey;
  readonly version: number;
  /** Its dispatches that wait for their turn. */
  readonly queued: number;
  /** Since when it waits for a person; null when it does not. */
  readonly waitingSince: number | null;
  /** Since when nothing can move it any more although it is active; null where something waits or works. */
  readonly idleSince: number | null;
}

/** An immutable view of queues, running tasks and metrics (M12). */
export interface MetaStateSnapshot {
  readonly at: number;
  readonly strategy: string;
  readonly queue: {
    /** The first of what waits, in the order in which it will start. */
    readonly waiting: readonly Readonly<QueueEntry>[];
    readonly waitingTotal: number;
    readonly paused: readonly QueueTarget[];
    readonly draining: boolean;
  };
  readonly running: readonly Readonly<QueueEntry>[];
  readonly runs: readonly RunInBrief[];
  readonly metrics: {
    readonly queued: number;
    readonly running: number;
    readonly waitingForPeople: number;
    readonly deadLetters: number;
    /** Since this process started. */
    readonly completed: number;
  };
}

export function runInBrief(run: Run): RunInBrief {
  const { status } = run;
  const open =
    status.kind === "waiting" ? run.decisions.find((known) => known.decisionId === status.decisionId) : undefined;
  return {
    runId: run.runId,
    goal: run.task.goal.slice(0, 100),
    tenant: run.tenant,
    status: status.kind,
    stage: run.stage,
    version: run.version,
    queued: run.dispatches.filter(({ status: state }) => state === "queued").length,
    waitingSince: open?.openedAt ?? null,
    idleSince: isIdle(run) ? run.updatedAt : null,
  };
}

/** Active, and no work of it waits or runs; approved changes wait for their time by themselves. */
function isIdle({ status, dispatches, change }: Run): boolean {
  const open = dispatches.some((dispatch) => dispatch.status === "queued" || dispatch.status === "started");
  return status.kind === "active" && !open && change?.status !== "approved";
}

/** Freezes a value and everything in it, so that a holder of the view cannot change what others see. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
