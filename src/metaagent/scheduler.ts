import type { Dispatch } from "../contracts/dispatch.ts";
import { QueueEntry } from "../contracts/document.ts";
import type { OperationsDocument } from "../contracts/operations.ts";
import type { Run } from "../contracts/run.ts";
import { createFairQueue, type FairQueue, type FairTags } from "./fair-queue.ts";
import { costNameOf, expectedCost } from "./learned-cost.ts";
import { concurrencyGroups } from "./strategies/concurrency-groups.ts";
import type {
  ConcurrencyLimits,
  Placement,
  PlacementRequest,
  SchedulerStrategy,
} from "./strategies/scheduler-strategy.ts";
import { DEFAULT_STRATEGY } from "./strategies/strategy-named.ts";

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
  readonly queueControl: OperationsDocument["queueControl"];
}

/** Orders what waits (M1): the strategy places each dispatch, the fair queue hands them out. */
export interface Scheduler {
  readonly strategy: string;
  readonly rules: SchedulerStrategy["rules"];
  readonly queue: FairQueue;
  /** The place of a dispatch in the queue, by what has been learned so far. Never throws: see `onFallback`. */
  readonly place: (run: Run, dispatch: Dispatch) => QueueEntry;
  /** The weight that a tenant has now. */
  readonly weightOf: (tenant: string) => number;
  /** Called with the reason whenever the default strategy had to place what the configured one could not. */
  onFallback(listener: (error: unknown) => void): void;
}

/**
 * `tags` are those that were saved last; `operations` reads learned costs and operators' acts as they are now.
 *
 * Time slicing: a run yields at each stage and worker boundary, since each is a dispatch of its own. A worker that
 * runs past its slice goes on, and its tenant is charged for it meanwhile (ports: ReadyQueue.accrue); when it ends,
 * the charge becomes what it really took.
 */
export function createScheduler(
  settings: Omit<SchedulingContext, "costs" | "queueControl">,
  tags: FairTags,
  operations: () => Pick<OperationsDocument, "costs" | "queueControl">,
): Scheduler {
  const listeners = new Set<(error: unknown) => void>();
  const strategy: SchedulerStrategy = {
    ...settings.strategy,
    place: (request) =>
      placedBy(settings.strategy, request, (error) => {
        for (const listener of listeners) listener(error);
      }),
  };
  const context = (): SchedulingContext => ({ ...settings, strategy, ...operations() });
  return {
    strategy: strategy.name,
    rules: strategy.rules,
    queue: createFairQueue(
      tags,
      (flow) => own(operations().queueControl.weights, flow),
      () => operations().queueControl.weights,
    ),
    place: (run, dispatch) => entryFor(run, dispatch, context()),
    weightOf: (tenant) => weightOf(tenant, context()),
    onFallback: (listener) => void listeners.add(listener),
  };
}

const Place = QueueEntry.pick({ flow: true, order: true, costMs: true, weight: true, groups: true });

/**
 * A strategy that throws, or gives what is no place (NaN would spoil the order for good), must stop no run. It may
 * narrow limits and add some; the limits that there are it cannot lift.
 */
function placedBy(
  strategy: SchedulerStrategy,
  request: PlacementRequest,
  onFallback: (error: unknown) => void,
): Placement {
  try {
    const placement = Place.parse(strategy.place(request));
    const named = new Set(placement.groups.map(({ name }) => name));
    const missing = concurrencyGroups(request).filter(({ name }) => !named.has(name));
    return { ...placement, groups: [...missing, ...placement.groups] };
  } catch (error) {
    onFallback(error);
    return DEFAULT_STRATEGY.place(request);
  }
}

/** The queue entry of a dispatch. Pure. */
export function entryFor(run: Run, dispatch: Dispatch, context: SchedulingContext): QueueEntry {
  const notBefore = dispatch.status === "queued" ? dispatch.notBefore : undefined;
  const cost = costOf(run, dispatch, context.costs);
  return {
    dispatchId: dispatch.dispatchId,
    runId: run.runId,
    ...context.strategy.place(requestFor(run, dispatch, context, cost.expectedMs)),
    ...(cost.learned ? { learned: true } : {}),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

function requestFor(run: Run, dispatch: Dispatch, context: SchedulingContext, expectedMs: number): PlacementRequest {
  const { task, tenant, packets } = run;
  const isWorker = dispatch.work.kind !== "stage";
  const macroId = packets.taskClassification?.macroId ?? null;
  return {
    dispatchId: dispatch.dispatchId,
    runId: run.runId,
    tenant,
    weight: weightOf(tenant, context),
    priority: priorityOf(task.priority, macroId, context),
    deadline: task.deadline,
    queuedAt: dispatch.queuedAt,
    // Until Critical has classified the run nothing speaks for a risk.
    risk: packets.taskClassification?.risk ?? "low",
    expectedMs,
    work: dispatch.work.kind,
    workspace: task.workspace,
    writesWorkspace: writesWorkspace(run, dispatch),
    macroId,
    runConcurrency: isWorker ? (packets.dispatchEnvelopePacket?.concurrency ?? null) : null,
    limits: context.limits,
    ageStepMs: context.ageStepMs,
  };
}

/** What operators said last counts before the settings. */
function weightOf(tenant: string, { weights, queueControl }: SchedulingContext): number {
  return own(queueControl.weights, tenant) ?? own(weights, tenant) ?? 1;
}

/** Within the range that a task may have, so that aging bounds every wait whatever operators say. */
function priorityOf(priority: number, macroId: string | null, { queueControl }: SchedulingContext): number {
  const steps = macroId === null ? 0 : (own(queueControl.steps, macroId) ?? 0);
  return Math.min(2, Math.max(-2, priority + steps));
}

function own(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/**
 * A lane whose changes may be kept has the workspace to itself, and so has the step that leaves a report there. What
 * writes only in its copy, to be thrown away, is in nobody's way.
 */
function writesWorkspace({ packets }: Run, { work }: Dispatch): boolean {
  switch (work.kind) {
    case "stage":
      return work.step === "evolution" && packets.runHeader?.outcome === "report_in_workspace";
    case "lane":
      return packets.workerTaskPackets?.find(({ laneId }) => laneId === work.laneId)?.keeps !== undefined;
    case "check":
      return false;
  }
}

function costOf(
  run: Run,
  { work }: Dispatch,
  costs: OperationsDocument["costs"],
): { expectedMs: number; learned: boolean } {
  const { macroId, laneId } = costNameOf(run, work);
  const learned = expectedCost(costs, macroId, laneId, 0);
  return learned > 0 ? { expectedMs: learned, learned: true } : { expectedMs: guessedMs(run, work), learned: false };
}

function guessedMs(run: Run, work: Dispatch["work"]): number {
  switch (work.kind) {
    case "stage":
      return STAGE_EXPECTED_MS;
    case "lane": {
      const packet = run.packets.workerTaskPackets?.find((candidate) => candidate.laneId === work.laneId);
      return packet?.expectedMs ?? WORKER_EXPECTED_MS;
    }
    case "check":
      return WORKER_EXPECTED_MS;
  }
}
