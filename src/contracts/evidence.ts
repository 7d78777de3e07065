import { z } from "zod";
import { Instant } from "./id.ts";
import { Text } from "./text.ts";

/** What Fetch saw in a workspace, by reading only. Paths are relative to its root, with `/`. */
export const WorkspaceEvidence = z.object({
  root: z.string(),
  inspectedAt: Instant,
  isRepository: z.boolean(),
  /** The commit that the run works on; null where there is none. */
  revision: z.string().nullable(),
  branch: z.string().nullable(),
  /** Files with changes that are not committed: the run's copy does not hold them. */
  uncommittedFiles: z.number().int().nonnegative(),
  trackedFiles: z.number().int().nonnegative(),
  trackedBytes: z.number().nonnegative(),
  languages: z.array(z.object({ name: z.string(), files: z.number().int().positive() })),
  manifests: z.array(
    z.object({ path: z.string(), ecosystem: z.string(), dependencies: z.number().int().nonnegative() }),
  ),
  lockfiles: z.array(z.string()),
  history: z.object({
    commits: z.number().int().nonnegative(),
    authors: z.number().int().nonnegative(),
    firstCommitAt: Instant.nullable(),
    lastCommitAt: Instant.nullable(),
    shallow: z.boolean(),
  }),
  /** AGENTS.md and Cursor rule files, with their text (first 20 kB each). */
  ruleFiles: z.array(z.object({ path: z.string(), text: z.string() })),
  /** As argv, with the file and key that names it; null where none was found. */
  testCommand: z.object({ argv: z.array(z.string()).min(1), source: z.string() }).nullable(),
  markdownFiles: z.number().int().nonnegative(),
  /** Capability indexes that the workspace itself brings (runtime mirrors, G22), by path. */
  capabilityMirrors: z.array(z.object({ path: z.string(), text: z.string() })),
  /** Hash over everything in the workspace that a run could change; equal before and after a read-only run. */
  fingerprint: z.string(),
  /** What could not be read, and why. */
  gaps: z.array(Text),
});
export type WorkspaceEvidence = z.infer<typeof WorkspaceEvidence>;
