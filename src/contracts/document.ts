import { z } from "zod";
import { AuditHead } from "./audit.ts";
import { Effect, CardKind } from "./effect.ts";
import { Failure } from "./failure.ts";
import { Actor, DispatchId, Instant, RunId } from "./id.ts";
import { isFinished, Run, RunStatus } from "./run.ts";
import { StageKey } from "./stage.ts";

/** A place in the fair queue. The strategy fills it in; the engine stores it and hands it out. */
export const QueueEntry = z.object({
  dispatchId: DispatchId,
  runId: RunId,
  /** The tenant's queue that it stands in. */
  flow: z.string(),
  /** Order inside the flow: lowest first. */
  order: z.number(),
  /** Expected cost in milliseconds of a worker; charged at the start and corrected at the end. */
  costMs: z.number().positive(),
  /** The flow's share relative to the others. */
  weight: z.number().positive(),
  /** True where the cost was learned from such work; absent where it is its author's guess. */
  learned: z.boolean().optional(),
  /**
   * Concurrency groups that it counts in, with their limits. With `holder` the limit counts holders, each once
   * however many of its entries run: a run that writes has its workspace to itself, and not against itself.
   */
  groups: z.array(z.object({ name: z.string(), limit: z.number().int().positive(), holder: z.string().optional() })),
  notBefore: Instant.optional(),
});
export type QueueEntry = z.infer<typeof QueueEntry>;

/** Where a run's card stands on a surface, and which version is shown there. */
export const MessageRecord = z.object({
  surface: z.string(),
  channel: z.string(),
  thread: z.string().optional(),
  message: z.string(),
  card: CardKind,
  deliveredVersion: z.number().int().nonnegative(),
});
export type MessageRecord = z.infer<typeof MessageRecord>;

/** An effect that waits for its delivery. `id` is unique in the run; deliveries are idempotent by it. */
export const OutboxEntry = z.object({ id: z.string(), effect: Effect, savedAt: Instant });
export type OutboxEntry = z.infer<typeof OutboxEntry>;

/** One line of a run's audit trail (M2): saved in the same write as what it tells of. */
export const HistoryEntry = z.object({
  version: z.number().int().positive(),
  at: Instant,
  event: z.string(),
  /** The dispatch, decision or lane that it was about. */
  subject: z.string().optional(),
  by: Actor.optional(),
});
export type HistoryEntry = z.infer<typeof HistoryEntry>;

/** Everything of one run, saved in one atomic write: that is what makes a decision never lost or doubled. */
export const RunDocument = z.object({
  schemaVersion: z.literal(1),
  run: Run,
  queue: z.array(QueueEntry),
  outbox: z.array(OutboxEntry),
  /** Ids of the commands and events that were applied: a redelivery acts once. */
  inbox: z.array(z.string()),
  messages: z.record(z.string(), MessageRecord),
  history: z.array(HistoryEntry),
  /** Absent in documents from before the audit trail. */
  audit: AuditHead.optional(),
});
export type RunDocument = z.infer<typeof RunDocument>;

/** A line of a list of runs. */
export const RunSummary = z.object({
  runId: RunId,
  goal: z.string(),
  macroId: z.string().nullable(),
  status: z.enum(RunStatus.options.map((option) => option.shape.kind.value)),
  stage: StageKey,
  /** Why it is a dead letter; absent where it is none. */
  failureCode: Failure.shape.code.optional(),
  tenant: z.string(),
  /** Absent in the index of runs that were archived before it was kept. */
  requestedBy: Actor.optional(),
  workspace: z.string(),
  startedAt: Instant,
  updatedAt: Instant,
});
export type RunSummary = z.infer<typeof RunSummary>;

export function summaryOf({ run }: RunDocument): RunSummary {
  return {
    runId: run.runId,
    goal: run.task.goal,
    macroId: run.packets.taskClassification?.macroId ?? null,
    status: run.status.kind,
    stage: run.stage,
    ...(run.status.kind === "dead_letter" && { failureCode: run.status.failure.code }),
    tenant: run.tenant,
    requestedBy: run.task.requestedBy,
    workspace: run.task.workspace,
    startedAt: run.startedAt,
    updatedAt: run.updatedAt,
  };
}

/** Nothing can happen to it any more, so the engine may move it to the archive. */
export function isArchivable(document: RunDocument): boolean {
  return isFinished(document.run) && document.queue.length === 0 && document.outbox.length === 0;
}
