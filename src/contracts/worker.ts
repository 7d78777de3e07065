import { z } from "zod";
import { ArgumentValue } from "./macro-argument.ts";
import { WorkspaceChange } from "./change.ts";
import { UncommittedFiles } from "./evidence.ts";
import { Evidence, Severity } from "./finding.ts";
import { DispatchId, RunId, Sha256, Slug } from "./id.ts";
import { Language } from "./language.ts";
import { Text } from "./text.ts";

/**
 * What a worker is told, as one JSON document on its standard input (G37): everything it needs, since it
 * sees neither the chat nor the run.
 */
export const Brief = z.object({
  schemaVersion: z.literal(1),
  runId: RunId,
  dispatchId: DispatchId,
  attempt: z.number().int().positive(),
  laneId: Slug,
  role: z.string(),
  goal: z.string(),
  coreProblem: z.string(),
  task: z.string(),
  /** The run's own copy of the workspace; the worker's current folder. */
  workspace: z.string(),
  revision: z.string().nullable(),
  files: z.object({
    tracked: z.number().int().nonnegative(),
    manifests: z.array(z.string()),
    testCommand: z.array(z.string()).nullable(),
    /** What Fetch saw in the workspace and this copy does not hold; absent where Fetch did not look. */
    uncommitted: UncommittedFiles.optional(),
    /** Address of the workspace's remote repository, without credentials. */
    remote: z.string().optional(),
  }),
  args: z.record(z.string(), ArgumentValue),
  /** Globs that it may write; empty means nothing. */
  mayWrite: z.array(z.string()),
  mayUseNetwork: z.boolean(),
  mayRunRepositoryCode: z.boolean(),
  timeLimitMs: z.number().int().positive(),
  /** Give a sign of life at least so often, or be stopped; absent where silence means nothing. */
  heartbeatMs: z.number().int().positive().optional(),
  language: Language,
  /** Rules of AGENTS.md and Cursor files that apply, and the design principles (G34). */
  constraints: z.array(z.string()),
  /** What Review found wrong with the result before this one; empty at first. */
  revisions: z.array(z.object({ stepId: z.string(), detail: z.string() })),
});
export type Brief = z.infer<typeof Brief>;

/** One line of a worker's standard output. Anything else that it prints is kept as log. */
export const WorkerReport = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("progress"),
    done: z.number().nonnegative(),
    total: z.number().nonnegative().optional(),
    text: Text.optional(),
  }),
  z.object({
    type: z.literal("finding"),
    code: z.string().regex(/^[a-z0-9_-]+\.[a-z0-9_-]+$/),
    severity: Severity,
    file: z.string().max(4096).optional(),
    line: z.number().int().positive().optional(),
    text: Text,
    evidence: z.array(Evidence).min(1).max(20),
  }),
  z.object({ type: z.literal("unavailable"), code: z.string().max(200), text: Text }),
  /** A fact that was counted or read, for the verify steps and the report. */
  z.object({
    type: z.literal("fact"),
    name: z.string().max(100),
    value: z.union([z.number(), z.string().max(1000), z.boolean()]),
  }),
  /** "Still there", for work that has nothing to tell for a while; it counts as every other report does. */
  z.object({ type: z.literal("heartbeat") }),
  /** Tokens that a model used since the last such line; counted together. */
  z.object({
    type: z.literal("usage"),
    inputTokens: z.number().int().nonnegative(),
    outputTokens: z.number().int().nonnegative(),
  }),
  /** Last line of a worker that is done. */
  z.object({ type: z.literal("done"), summary: Text }),
]);
export type WorkerReport = z.infer<typeof WorkerReport>;

export const Artifact = z.object({
  /** Relative to the run's folder. */
  path: z.string(),
  sha256: Sha256,
  bytes: z.number().int().nonnegative(),
});
export type Artifact = z.infer<typeof Artifact>;

/** How a worker's process ended and what it left; everything in it was seen, not claimed. */
export const WorkerResult = z.object({
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  /** Why it was stopped from outside, if it was. `stalled`: no sign of life for as long as had been declared (M7). */
  stopped: z.enum(["time_limit", "stalled", "canceled"]).nullable(),
  durationMs: z.number().nonnegative(),
  /** True when the worker's own last line said that it was done. */
  done: z.boolean(),
  summary: Text.optional(),
  facts: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  findings: z.array(
    z.object({
      code: z.string(),
      severity: Severity,
      file: z.string().optional(),
      line: z.number().int().positive().optional(),
      text: Text,
      evidence: z.array(Evidence),
    }),
  ),
  unavailable: z.array(z.object({ code: z.string(), text: Text })),
  artifacts: z.array(Artifact),
  /** What a model used, where the runtime reports it; counts against the tenant beside the time. */
  usage: z
    .object({ inputTokens: z.number().int().nonnegative(), outputTokens: z.number().int().nonnegative() })
    .optional(),
  /** What it changed in its copy, where the lane may keep that; absent where it changed nothing. */
  change: WorkspaceChange.optional(),
  /** Lines that looked like reports and were not; kept in the log, counted here. */
  rejectedReports: z.number().int().nonnegative(),
  /** The end of what it printed, secrets masked. */
  outputTail: z.string(),
});
export type WorkerResult = z.infer<typeof WorkerResult>;
