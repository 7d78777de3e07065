import type { Dispatch } from "../contracts/dispatch.ts";
import type { QueueEntry } from "../contracts/document.ts";
import type { OperationsDocument } from "../contracts/operations.ts";
import type { Run } from "../contracts/run.ts";
import { createFairQueue, type FairQueue, type FairTags } from "./fair-queue.ts";
import { expectedCost } from "./learned-cost.ts";
import type { ConcurrencyLimits, PlacementRequest, SchedulerStrategy } from "./strategies/scheduler-strategy.ts";

/** A stage's own work is a few deterministic checks. */
const STAGE_EXPECTED_MS = 200;
/** For lanes and checks of which nothing is known yet. */
const WORKER_EXPECTED_MS = 5000;

/** What the order depends on beside the run itself; from the configuration and the operations document. */
export interface SchedulingContext {
  readonly strategy: SchedulerStrategy;
  /** By tenant; a tenant that is not named has 1. */
  readonly weights: Readonly<Record<string, number>>;
  readonly limits: ConcurrencyLimits;
  readonly ageStepMs: number;
  readonly costs: OperationsDocument["costs"];
}

/** Orders what waits (M1): the strategy places each dispatch, the fair queue hands them out. */
export interface Scheduler {
  readonly strategy: string;
  readonly queue: FairQueue;
  /** The place of a dispatch in the queue, by what has been learned so far. */
  readonly place: (run: Run, dispatch: Dispatch) => QueueEntry;
}

/**
 * `tags` are those that were saved last; `costs` reads the learned costs as they are now.
 *
 * Time slicing: a run yields at each stage and worker boundary, since each is a dispatch of its own, and its tenant
 * is charged with the time that it really used when the dispatch ends.
 */
export function createScheduler(
  settings: Omit<SchedulingContext, "costs">,
  tags: FairTags,
  costs: () => OperationsDocument["costs"],
): Scheduler {
  return {
    strategy: settings.strategy.name,
    queue: createFairQueue(tags),
    place: (run, dispatch) => entryFor(run, dispatch, { ...settings, costs: costs() }),
  };
}

/** The queue entry of a dispatch. Pure. */
export function entryFor(run: Run, dispatch: Dispatch, context: SchedulingContext): QueueEntry {
  const notBefore = dispatch.status === "queued" ? dispatch.notBefore : undefined;
  return {
    dispatchId: dispatch.dispatchId,
    runId: run.runId,
    ...context.strategy.place(requestFor(run, dispatch, context)),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

function requestFor(run: Run, dispatch: Dispatch, context: SchedulingContext): PlacementRequest {
  const { task, tenant, packets } = run;
  const isWorker = dispatch.work.kind !== "stage";
  return {
    dispatchId: dispatch.dispatchId,
    runId: run.runId,
    tenant,
    weight: Object.hasOwn(context.weights, tenant) ? (context.weights[tenant] ?? 1) : 1,
    priority: task.priority,
    deadline: task.deadline,
    queuedAt: dispatch.queuedAt,
    // Until Critical has classified the run nothing speaks for a risk.
    risk: packets.taskClassification?.risk ?? "low",
    expectedMs: expectedMs(run, dispatch, context.costs),
    work: dispatch.work.kind,
    workspace: task.workspace,
    // Every worker works in a copy, and what is kept leaves it by a stage's own explicit step. A way to let a lane
    // write in place would say so here, and gets the workspace to itself.
    writesWorkspace: false,
    macroId: packets.taskClassification?.macroId ?? null,
    runConcurrency: isWorker ? (packets.dispatchEnvelopePacket?.concurrency ?? null) : null,
    limits: context.limits,
    ageStepMs: context.ageStepMs,
  };
}

function expectedMs(run: Run, { work }: Dispatch, costs: OperationsDocument["costs"]): number {
  switch (work.kind) {
    case "stage":
      return STAGE_EXPECTED_MS;
    case "lane": {
      const packet = run.packets.workerTaskPackets?.find((candidate) => candidate.laneId === work.laneId);
      const macroId = run.packets.taskClassification?.macroId ?? null;
      return expectedCost(costs, macroId, work.laneId, packet?.expectedMs ?? WORKER_EXPECTED_MS);
    }
    case "check":
      return WORKER_EXPECTED_MS;
  }
}
