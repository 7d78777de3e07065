import { z } from "zod";
import { Actor, CommitHash, DecisionId, Instant, Sha256, Slug } from "./id.ts";
import { PolicyVerdict } from "./policy.ts";

/**
 * What a lane changed in its copy, sealed as one commit that lies beside the copy and nowhere else. Paths are
 * relative to the workspace's root, with `/`; one that leads out of it begins with `../`.
 */
export const WorkspaceChange = z.object({
  commit: CommitHash,
  /** The commit that it was made on. */
  base: CommitHash,
  files: z
    .array(
      z.object({
        path: z.string().min(1),
        /** Lines; null where the file is not text. */
        added: z.number().int().nonnegative().nullable(),
        removed: z.number().int().nonnegative().nullable(),
        /** False for links and repositories inside the repository: a kept change holds plain files only. */
        plain: z.boolean(),
      }),
    )
    .min(1),
  /** The artifact that holds the whole patch, relative to the run's folder. */
  patch: z.string(),
  /** Present where rules of the policy forbid it: then the patch lies outside the artifacts until they are waived. */
  withheld: z.object({ sha256: Sha256, bytes: z.number().int().nonnegative() }).optional(),
  /** The first lines of the patch, for the card. */
  preview: z.array(z.string()),
  patchLines: z.number().int().nonnegative(),
});
export type WorkspaceChange = z.infer<typeof WorkspaceChange>;

const common = {
  laneId: Slug,
  change: WorkspaceChange,
  /** Name of the branch that it becomes where it is kept. */
  branch: z.string().min(1),
  /** The question that was put about it last. */
  decisionId: DecisionId,
  /** What rules said to it, when it was to leave its copy. */
  policy: z.array(PolicyVerdict).optional(),
};

/** The life of a change: nothing leaves the run's copies before `keeping`. */
export const ChangeState = z.discriminatedUnion("status", [
  /** Rules forbid it: people are asked about that first. */
  z.object({ ...common, status: z.literal("blocked") }),
  z.object({ ...common, status: z.literal("offered") }),
  /** Approved, and not done yet: until `keepAt` the approval can be taken back. */
  z.object({ ...common, status: z.literal("approved"), approvedBy: Actor, keepAt: Instant }),
  /** The branch is being made; it may exist already. */
  z.object({ ...common, status: z.literal("keeping"), since: Instant }),
  z.object({ ...common, status: z.literal("kept"), keptAt: Instant }),
  /** Only the patch file stays, among the artifacts. */
  z.object({ ...common, status: z.literal("patch_only"), by: Actor, at: Instant }),
  z.object({ ...common, status: z.literal("thrown_away"), by: Actor, at: Instant }),
]);
export type ChangeState = z.infer<typeof ChangeState>;
