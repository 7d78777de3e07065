import { z } from "zod";
import { GovernanceAgent } from "./agent.ts";
import { ChangeState } from "./change.ts";
import { ChoiceSurfaceState, Decision } from "./decision.ts";
import { Dispatch } from "./dispatch.ts";
import { Failure } from "./failure.ts";
import { WorkFinding } from "./finding.ts";
import { Actor, DecisionId, DispatchId, Instant, RunId, Slug } from "./id.ts";
import { LanguageResolution } from "./language.ts";
import { ArgumentValue } from "./macro-argument.ts";
import { MacroOnRedrive } from "./macro.ts";
import { Packets } from "./packets/packets.ts";
import { PolicyRef, PolicyWaiver } from "./policy.ts";
import { SpinePath, StageKey } from "./stage.ts";
import { MetaTask } from "./task.ts";
import { Text } from "./text.ts";
import { StepOutcome } from "./verify-step.ts";
import { Artifact, WorkerResult } from "./worker.ts";

/** A governance agent that really ran (G2, G31). They are deterministic checks, never independent opinions. */
export const Invocation = z.object({
  agent: GovernanceAgent,
  stage: StageKey,
  duty: z.string(),
  nature: z.literal("deterministic_check"),
  at: Instant,
  state: z.enum(["returned", "escalated"]),
});
export type Invocation = z.infer<typeof Invocation>;

/** Where a stage stands. `skipped` is `pending` that will not be walked, with its reason (G31). */
export const StageState = z.discriminatedUnion("status", [
  z.object({ status: z.literal("pending"), skipReason: z.string().optional() }),
  z.object({ status: z.literal("in_progress"), startedAt: Instant }),
  z.object({ status: z.literal("completed"), startedAt: Instant, completedAt: Instant }),
]);
export type StageState = z.infer<typeof StageState>;

const laneCommon = { laneId: Slug, revision: z.number().int().nonnegative(), attempts: z.number().int().nonnegative() };

/** A lane that was chosen to run. */
export const LaneState = z.discriminatedUnion("status", [
  z.object({ ...laneCommon, status: z.literal("waiting") }),
  z.object({ ...laneCommon, status: z.literal("dispatched") }),
  z.object({ ...laneCommon, status: z.literal("succeeded"), result: WorkerResult, endedAt: Instant }),
  z.object({
    ...laneCommon,
    status: z.literal("failed"),
    failure: Failure,
    result: WorkerResult.optional(),
    endedAt: Instant,
  }),
  /** Interrupted, not repeatable, and nothing committed: a person decides (never repeated silently). */
  z.object({ ...laneCommon, status: z.literal("outcome_unknown"), since: Instant }),
  /** A rule forbids the dispatch; people are asked. */
  z.object({ ...laneCommon, status: z.literal("blocked"), dispatchId: DispatchId, since: Instant }),
  /** A person narrowed the work: the rule forbids it, or what it waits for was left out. */
  z.object({ ...laneCommon, status: z.literal("left_out"), rule: PolicyRef, endedAt: Instant }),
  /** A person accepted that it is unknown how far it came. */
  z.object({ ...laneCommon, status: z.literal("accepted_unknown"), endedAt: Instant }),
]);
export type LaneState = z.infer<typeof LaneState>;

/** Status decides shape: a failed run without a failure cannot be written. */
export const RunStatus = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("active") }),
  z.object({ kind: z.literal("waiting"), decisionId: DecisionId }),
  z.object({ kind: z.literal("dead_letter"), failure: Failure, failedAt: Instant, stage: StageKey }),
  z.object({ kind: z.literal("completed"), completedAt: Instant }),
  z.object({ kind: z.literal("canceled"), canceledAt: Instant, canceledBy: Actor }),
  z.object({ kind: z.literal("discarded"), discardedAt: Instant, discardedBy: Actor, reason: z.string().min(1) }),
  /** Not a task that can be done: refused honestly, with what is possible instead. */
  z.object({ kind: z.literal("refused"), refusedAt: Instant, reason: Text }),
]);
export type RunStatus = z.infer<typeof RunStatus>;

/** The whole state of a run. Only `transition` makes a new one. */
export const Run = z.object({
  schemaVersion: z.literal(1),
  runId: RunId,
  /** Counts the events that were applied; never falls. */
  version: z.number().int().positive(),
  task: MetaTask,
  tenant: z.string(),
  startedAt: Instant,
  updatedAt: Instant,
  status: RunStatus,
  stage: StageKey,
  stages: z.record(StageKey, StageState),
  path: SpinePath,
  choiceSurfaceState: ChoiceSurfaceState,
  queryBypass: z.boolean(),
  language: LanguageResolution,
  clarifications: z.array(z.object({ question: Slug, option: Slug, at: Instant })),
  packets: Packets,
  decisions: z.array(Decision),
  lanes: z.record(Slug, LaneState),
  dispatches: z.array(Dispatch),
  invocations: z.array(Invocation),
  stepOutcomes: z.array(StepOutcome),
  workFindings: z.array(WorkFinding),
  revisionRound: z.number().int().nonnegative(),
  /** Each time that work was sent back, with a digest of what was known then (G15); since the last redrive. */
  bounces: z.array(z.object({ by: GovernanceAgent, at: Instant, evidence: z.string() })).optional(),
  artifacts: z.array(Artifact),
  /** What a lane changed and offers to keep, and what became of it. */
  change: ChangeState.optional(),
  /** Exceptions that operators made for this run alone (M6). */
  waivers: z.array(PolicyWaiver).default([]),
  /** How often an operator sent the run back from the dead letters. */
  redrives: z.number().int().nonnegative(),
  /** Who did so last, and when; absent where it never was, or before that was noted. */
  redriven: z.object({ by: Actor, at: Instant, macro: MacroOnRedrive.optional() }).optional(),
  /** Arguments that operators changed when they sent it back; they win over all that was given before. */
  redriveArgs: z.record(Slug, ArgumentValue).optional(),
});
export type Run = z.infer<typeof Run>;

export const FINISHED_STATUSES = ["completed", "canceled", "discarded", "refused"] as const;

/** A finished run never moves again. A dead letter is not finished: it waits for an operator. */
export function isFinished(run: Run): boolean {
  return FINISHED_STATUSES.some((kind) => kind === run.status.kind);
}
