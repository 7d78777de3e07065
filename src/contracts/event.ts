import { z } from "zod";
import { Answers, OpenDecision } from "./decision.ts";
import { Failure } from "./failure.ts";
import { WorkFinding } from "./finding.ts";
import { Actor, CommitHash, DecisionId, DispatchId, Instant, RunId, Sha256, Slug } from "./id.ts";
import { LanguageResolution } from "./language.ts";
import { ArgumentValue } from "./macro-argument.ts";
import { MacroOnRedrive } from "./macro.ts";
import { Packets } from "./packets/packets.ts";
import { PolicyVerdict } from "./policy.ts";
import { Invocation } from "./run.ts";
import { SpinePath } from "./stage.ts";
import { MetaTask } from "./task.ts";
import { Text } from "./text.ts";
import { StepOutcome } from "./verify-step.ts";
import { Artifact, WorkerResult } from "./worker.ts";

/** `id` makes an event idempotent: the same id is applied once. */
const base = { id: z.string().min(1).max(300), at: Instant };
/** Events of a dispatch carry its attempt as fence: a late result of an older attempt is refused. */
const fenced = { ...base, dispatchId: DispatchId, attempt: z.number().int().positive() };
const stageResult = { ...fenced, invocations: z.array(Invocation), packets: Packets };

/** Everything that can happen to a run, in the past tense. `transition` is the only reader that acts on it. */
export const RunEvent = z.discriminatedUnion("kind", [
  z.object({
    ...base,
    kind: z.literal("run.started"),
    runId: RunId,
    task: MetaTask,
    tenant: z.string(),
    language: LanguageResolution,
  }),

  z.object({
    ...fenced,
    kind: z.literal("dispatch.started"),
    agent: z.string(),
    /** What rules said to it; none of it forbids it. */
    policy: z.array(PolicyVerdict).optional(),
    /** How many rules were asked, and the hash of them all: what let it through can be told apart later. */
    judgedBy: z.object({ rules: z.number().int().nonnegative(), hash: Sha256 }).optional(),
  }),
  /** A rule forbids it: it does not start, and people are asked (M6). */
  z.object({ ...fenced, kind: z.literal("dispatch.blocked"), policy: z.array(PolicyVerdict).min(1) }),
  /** The process that watched it is gone, or it was cut off while it worked. `repeatable` decides between a new attempt and "outcome unknown". */
  z.object({
    ...fenced,
    kind: z.literal("dispatch.interrupted"),
    repeatable: z.boolean(),
    /** What is known of it, where the watcher itself saw how the work was cut off. */
    failure: Failure.optional(),
  }),
  z.object({
    ...fenced,
    kind: z.literal("dispatch.failed"),
    failure: Failure,
    retryAt: Instant.nullable(),
    result: WorkerResult.optional(),
  }),

  z.object({
    ...stageResult,
    kind: z.literal("critical.completed"),
    path: SpinePath,
    queryBypass: z.boolean(),
    /** Asked only where Fetch cannot proceed safely (G3, G18). */
    clarification: OpenDecision.optional(),
    /** Not a task that can be done here. */
    refusal: Text.optional(),
  }),
  z.object({
    ...stageResult,
    kind: z.literal("fetch.completed"),
    /** What was seen leaves nothing to do here. */
    refusal: Text.optional(),
  }),
  z.object({
    ...stageResult,
    kind: z.literal("thinking.framed"),
    /** The confirmation, also where `standing` answers it: what was decided in advance is kept and shown. */
    decision: OpenDecision,
    /** Answers by standing instruction; with it nobody is asked, and the frame records the skip (G8). */
    standing: z.object({ answers: Answers, args: z.record(Slug, ArgumentValue) }).optional(),
  }),
  /** A query is answered from what Fetch gathered: nobody is asked, and nothing is dispatched (G8, G14). */
  z.object({ ...stageResult, kind: z.literal("thinking.answered") }),
  z.object({ ...stageResult, kind: z.literal("thinking.planned") }),
  z.object({ ...fenced, kind: z.literal("lane.succeeded"), result: WorkerResult }),
  z.object({ ...fenced, kind: z.literal("check.completed"), outcome: StepOutcome, result: WorkerResult }),
  z.object({
    ...stageResult,
    kind: z.literal("review.completed"),
    outcomes: z.array(StepOutcome),
    findings: z.array(WorkFinding),
  }),
  z.object({ ...stageResult, kind: z.literal("meta_review.completed"), outcomes: z.array(StepOutcome) }),
  z.object({
    ...stageResult,
    kind: z.literal("verification.completed"),
    outcomes: z.array(StepOutcome),
    findings: z.array(WorkFinding),
    /** What rules say to a change that is to leave its copy. */
    policy: z.array(PolicyVerdict).optional(),
  }),
  z.object({ ...stageResult, kind: z.literal("evolution.completed"), artifacts: z.array(Artifact) }),

  z.object({
    ...base,
    kind: z.literal("decision.answered"),
    decisionId: DecisionId,
    answers: Answers,
    args: z.record(Slug, ArgumentValue),
    by: Actor,
    /** Until when it can be taken back, where it is a permission to keep a change. */
    undoUntil: Instant.optional(),
    /** The person had said so before there was a card. */
    inAdvance: z.boolean().optional(),
  }),
  /** Something was selected on the open card; nothing is decided yet. */
  z.object({
    ...base,
    kind: z.literal("decision.selected"),
    decisionId: DecisionId,
    answers: Answers,
    args: z.record(Slug, ArgumentValue),
    by: Actor,
  }),
  /** A permission was taken back in time; it is asked for anew. */
  z.object({ ...base, kind: z.literal("decision.undone"), by: Actor }),
  /** The time to undo is over and the branch is being made: saved before anything is done. */
  z.object({ ...base, kind: z.literal("change.keeping") }),
  /** The branch stands in the workspace's repository. */
  z.object({ ...base, kind: z.literal("change.kept"), branch: z.string().min(1), commit: CommitHash }),
  z.object({ ...base, kind: z.literal("change.not_kept"), failure: Failure }),
  z.object({ ...base, kind: z.literal("language.changed"), language: LanguageResolution }),
  z.object({ ...base, kind: z.literal("run.canceled"), by: Actor }),
  z.object({
    ...base,
    kind: z.literal("dead_letter.retried"),
    by: Actor,
    /** The arguments that were changed, and where the plan stood already, its packets with them. */
    args: z.record(Slug, ArgumentValue).optional(),
    packets: Packets.optional(),
    macro: MacroOnRedrive.optional(),
  }),
  z.object({ ...base, kind: z.literal("dead_letter.discarded"), by: Actor, reason: z.string().min(1).max(1000) }),
]);
export type RunEvent = z.infer<typeof RunEvent>;
export type EventOf<K extends RunEvent["kind"]> = Extract<RunEvent, { kind: K }>;
