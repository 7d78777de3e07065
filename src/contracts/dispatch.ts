import { z } from "zod";
import { Failure } from "./failure.ts";
import { DispatchId, Instant, Slug } from "./id.ts";
import { PolicyVerdict } from "./policy.ts";

/** The units of a stage's own work: what the governance agents do, in the order of a run. */
export const StageStep = z.enum([
  "critical",
  "fetch",
  "thinking_frame",
  "thinking_plan",
  "review",
  "meta_review",
  "verification",
  "evolution",
]);
export type StageStep = z.infer<typeof StageStep>;

/** What a dispatch works on. */
export const Work = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("stage"), step: StageStep }),
  /** A lane's worker; `revision` counts the times that Review sent the work back. */
  z.object({ kind: z.literal("lane"), laneId: Slug, revision: z.number().int().nonnegative() }),
  /** A verify step that has to run something (G1): Review and Verification dispatch it, and read its exit code. */
  z.object({ kind: z.literal("check"), laneId: Slug, stepId: Slug, round: z.number().int().nonnegative() }),
]);
export type Work = z.infer<typeof Work>;

const common = {
  dispatchId: DispatchId,
  work: Work,
  /** The fence: a result of an older attempt changes nothing. */
  attempt: z.number().int().positive(),
  queuedAt: Instant,
  /** What rules said to it, where any had something to say (M6). */
  policy: z.array(PolicyVerdict).optional(),
  /** Who does it: a governance agent for a stage, an execution agent for a lane or check. */
  agent: z.string(),
};

/** A leased piece of work. An agent counts as dispatched from `started` on, never before (G2). */
export const Dispatch = z.discriminatedUnion("status", [
  /** `notBefore`: not to be started earlier, after a failed attempt. */
  z.object({ ...common, status: z.literal("queued"), notBefore: Instant.optional() }),
  z.object({ ...common, status: z.literal("started"), startedAt: Instant }),
  z.object({ ...common, status: z.literal("succeeded"), startedAt: Instant, endedAt: Instant }),
  z.object({ ...common, status: z.literal("failed"), startedAt: Instant, endedAt: Instant, failure: Failure }),
  /** Started and cut off, or the process that watched it is gone: nobody knows how far it came. */
  z.object({
    ...common,
    status: z.literal("outcome_unknown"),
    startedAt: Instant,
    endedAt: Instant,
    failure: Failure.optional(),
  }),
  z.object({ ...common, status: z.literal("canceled"), endedAt: Instant }),
  /** Forbidden by a rule, so it never started. */
  z.object({ ...common, status: z.literal("blocked"), endedAt: Instant }),
]);
export type Dispatch = z.infer<typeof Dispatch>;
