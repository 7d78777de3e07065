import { z } from "zod";
import { Instant, Sha256 } from "./id.ts";
import { Text } from "./text.ts";

/** Files of a workspace that are not as in its commit. `paths`: the first of them, those that are changed before those that git does not know. */
export const UncommittedFiles = z.object({
  changed: z.number().int().nonnegative(),
  untracked: z.number().int().nonnegative(),
  paths: z.array(z.string().max(4096)).max(50),
});
export type UncommittedFiles = z.infer<typeof UncommittedFiles>;

/** What the project's own files and tags say about its next release, at the commit that the run works on. */
export const ReleaseState = z.object({
  /** Versions that files at the top level name; the first one counts. */
  versions: z.array(z.object({ file: z.string(), version: z.string().max(200) })),
  changelog: z
    .object({
      file: z.string(),
      /** The version of its first entry; null where it has none. */
      newest: z.string().nullable(),
      /** What it says about the version that counts. */
      entry: z.enum(["filled", "empty", "none"]),
    })
    .nullable(),
  /** The tag of the version that counts; null where there is no version. `commit`: null where it is free. */
  tag: z.object({ name: z.string(), commit: z.string().nullable() }).nullable(),
  /** The next patch version that no tag names; null where no version can be counted on from. */
  nextFree: z.string().nullable(),
});
export type ReleaseState = z.infer<typeof ReleaseState>;

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
  uncommitted: UncommittedFiles.optional(),
  /** Address of the remote repository `origin`, without credentials. */
  remote: z.string().optional(),
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
  /** The same for the build. */
  buildCommand: z
    .object({ argv: z.array(z.string()).min(1), source: z.string() })
    .nullable()
    .optional(),
  release: ReleaseState.optional(),
  markdownFiles: z.number().int().nonnegative(),
  /** Capability indexes that the workspace itself brings (runtime mirrors, G22), by path. */
  capabilityMirrors: z.array(z.object({ path: z.string(), text: z.string() })),
  /** Hash over everything in the workspace that a run could change; equal before and after a read-only run. */
  fingerprint: z.string(),
  /** What could not be read, and why. */
  gaps: z.array(Text),
});
export type WorkspaceEvidence = z.infer<typeof WorkspaceEvidence>;

/** Most places that are kept of a search, and most that are counted. */
export const KEPT_MATCHES = 200;
export const COUNTED_MATCHES = 10_000;

/** Where a text stands in the files of a workspace as they are now; found by reading only. */
export const TextSearch = z.object({
  text: z.string().min(1),
  /** The command that searched, and how it ended; null where the files were read one by one. */
  command: z.object({ argv: z.array(z.string()), exitCode: z.number().int() }).nullable(),
  /** The first places, in the order of the files. `sha256` is of the line's bytes without its end. */
  matches: z
    .array(
      z.object({
        path: z.string(),
        line: z.number().int().positive(),
        sha256: Sha256,
        excerpt: z.string().max(400),
      }),
    )
    .max(KEPT_MATCHES),
  /** How many lines hold the text; at least, where `cut`. */
  total: z.number().int().nonnegative(),
  /** The search was ended before the last file: there are more lines than are counted, or too many files. */
  cut: z.boolean(),
});
export type TextSearch = z.infer<typeof TextSearch>;
