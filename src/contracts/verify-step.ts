import { z } from "zod";
import { Slug } from "./id.ts";

/** The capability of the agent that runs commands which are written down: in a lane, or in a verify step. */
export const DECLARED_COMMAND = "run a declared command";

const base = { id: Slug };

/**
 * How Review checks a lane's result. All kinds but `command` only read; `command` runs something, so it is
 * dispatched to a worker (G1), in the run's worktree, and its exit code is the evidence.
 */
export const VerifyStep = z.discriminatedUnion("kind", [
  /** The worker's process ended with this code. */
  z.object({ ...base, kind: z.literal("exit_code"), equals: z.number().int().default(0) }),
  /** The worker said that it was done, with all the facts it had promised. */
  z.object({ ...base, kind: z.literal("facts_present"), facts: z.array(z.string()).min(1) }),
  /** A fact that the worker counted is at least this. */
  z.object({ ...base, kind: z.literal("fact_at_least"), fact: z.string(), value: z.number() }),
  /** A fact that the worker counted equals what Fetch had counted on its own. */
  z.object({
    ...base,
    kind: z.literal("fact_equals_evidence"),
    fact: z.string(),
    evidence: z.enum(["trackedFiles", "commits", "authors", "revision"]),
  }),
  /** Every finding points to a file and line that exist, and the line is the one that the worker saw. */
  z.object({ ...base, kind: z.literal("findings_resolve") }),
  /** The artifact exists, is not empty, and has the hash that was recorded. */
  z.object({ ...base, kind: z.literal("artifact"), path: z.string() }),
  /** A command without a shell; passes when it exits 0. */
  z.object({
    ...base,
    kind: z.literal("command"),
    argv: z.array(z.string().min(1)).min(1),
    timeLimitMs: z.number().int().positive().default(60_000),
  }),
]);
export type VerifyStep = z.infer<typeof VerifyStep>;

/** What checking one step showed. */
export const StepOutcome = z.object({
  laneId: Slug,
  stepId: Slug,
  passed: z.boolean(),
  /** True where the step would also pass on an empty or wrong result, so its pass proves little. */
  weak: z.boolean().default(false),
  detail: z.string(),
});
export type StepOutcome = z.infer<typeof StepOutcome>;

/** The last outcome of each step: what was checked in earlier rounds was checked again. */
export function latestOutcomes({ stepOutcomes }: { readonly stepOutcomes: readonly StepOutcome[] }): StepOutcome[] {
  return [...new Map(stepOutcomes.map((outcome) => [`${outcome.laneId}\n${outcome.stepId}`, outcome])).values()];
}
