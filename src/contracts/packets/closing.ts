import { z } from "zod";
import { GovernanceAgent } from "../agent.ts";
import { Finding, Unavailable } from "../finding.ts";
import { Instant, Slug } from "../id.ts";
import { Verdict } from "../verdict.ts";

/** What Review saw (G33, G34). */
export const ReviewPacket = z.object({
  checkedAt: Instant,
  /** Lanes and how many of their steps passed. */
  lanes: z.array(z.object({ laneId: z.string(), passed: z.number().int(), failed: z.number().int() })),
  findings: z.array(Finding),
  unavailable: z.array(Unavailable),
  designPrinciples: z.array(z.object({ principle: z.string(), kept: z.boolean(), detail: z.string() })),
});
export type ReviewPacket = z.infer<typeof ReviewPacket>;

/** What checking the checks showed. */
export const MetaReviewPacket = z.object({
  checkedAt: Instant,
  weakSteps: z.array(z.object({ laneId: z.string(), stepId: z.string(), why: z.string() })),
  lanesWithoutStrongStep: z.array(z.string()),
  unproven: z.array(z.object({ laneId: z.string(), stepId: z.string(), why: z.string() })),
});
export type MetaReviewPacket = z.infer<typeof MetaReviewPacket>;

export const VerificationPacket = z.object({
  checkedAt: Instant,
  closed: z.array(z.string()),
  open: z.array(z.string()),
  workspaceUnchanged: z.object({
    checked: z.boolean(),
    unchanged: z.boolean(),
    before: z.string(),
    after: z.string(),
  }),
  /** Every condition of «completed»; it is said only when all hold. */
  publication: z.array(z.object({ condition: z.string(), holds: z.boolean(), detail: z.string() })).min(1),
  /** Where the macro gives one. */
  verdict: Verdict.optional(),
});
export type VerificationPacket = z.infer<typeof VerificationPacket>;

/** How the warden ends a loop that brings nothing new (G15). */
export const Arbitration = z.enum(["proceed_with_assumption", "narrow_scope", "ask_user", "stop_blocked"]);
export type Arbitration = z.infer<typeof Arbitration>;

/** Work was sent back more than twice and came back the same (G15): why the loop was stopped, and what follows. */
export const ArbitrationPacket = z.object({
  at: Instant,
  outcome: Arbitration,
  /** Why this outcome and no other, for the trace. */
  reason: z.string().min(1),
  /** How often the same had been sent back before, and by whom. */
  bounces: z.number().int().nonnegative(),
  bouncedBy: z.array(GovernanceAgent),
  /** The lanes that it is about. */
  lanes: z.array(Slug).min(1),
  /** May the scope go on without them? Nothing that is kept stands on them, and the procedure does not need them. */
  separable: z.boolean(),
  /** Counts the redrives before it: an operator who sends the run back opens the loop anew. */
  redrives: z.number().int().nonnegative(),
});
export type ArbitrationPacket = z.infer<typeof ArbitrationPacket>;

/** The last word of every run (G33). */
export const EvolutionWritebackPacket = z
  .object({
    writebackDecision: z.enum(["writeback", "none"]),
    targets: z.array(z.object({ target: z.string(), change: z.string() })),
    /** One reason for each item of the checklist. */
    decisionReason: z.array(z.object({ item: z.string(), found: z.boolean(), reason: z.string() })).length(6),
    scars: z.array(z.object({ kind: z.string(), detail: z.string() })),
    /** What a read-only run would write, and why. */
    writebackSuggestion: z.array(z.object({ target: z.string(), rationale: z.string() })),
  })
  .refine((packet) => packet.writebackDecision === "none" || packet.targets.length > 0, {
    error: "a writeback names its targets",
    path: ["targets"],
  });
export type EvolutionWritebackPacket = z.infer<typeof EvolutionWritebackPacket>;
