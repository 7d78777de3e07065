import { z } from "zod";
import { Instant, Sha256, Slug } from "./id.ts";
import { Text } from "./text.ts";

export const Severity = z.enum(["critical", "high", "medium", "low", "info"]);
export type Severity = z.infer<typeof Severity>;

/** What a claim stands on. */
export const Evidence = z.discriminatedUnion("kind", [
  /** A command that ran, and how it ended. */
  z.object({
    kind: z.literal("command"),
    argv: z.array(z.string()),
    exitCode: z.number().int().nullable(),
    excerpt: z.string().max(2000).optional(),
  }),
  /** A place in a file of the workspace. `sha256` is the hash of that line's bytes without its end. */
  z.object({
    kind: z.literal("file"),
    path: z.string(),
    line: z.number().int().positive().optional(),
    sha256: Sha256.optional(),
    excerpt: z.string().max(2000).optional(),
  }),
  z.object({ kind: z.literal("artifact"), path: z.string(), sha256: Sha256, bytes: z.number().int().nonnegative() }),
  /** A number that was counted, with its unit. */
  z.object({ kind: z.literal("measure"), name: z.string(), value: z.number(), unit: z.string() }),
]);
export type Evidence = z.infer<typeof Evidence>;

/** Something that a worker found in the workspace. Path and line are relative to the workspace's root. */
export const Finding = z.object({
  /** Stable inside a run: lane, code, place. */
  id: z.string(),
  laneId: Slug,
  /** `<lane>.<what>`: names the text `finding.<code>` of the catalogue where the worker is built in. */
  code: z.string().regex(/^[a-z0-9_-]+\.[a-z0-9_-]+$/),
  severity: Severity,
  file: z.string().optional(),
  line: z.number().int().positive().optional(),
  text: Text,
  evidence: z.array(Evidence).min(1),
});
export type Finding = z.infer<typeof Finding>;

/** Something that could not be checked, and why: never passed over in silence. */
export const Unavailable = z.object({ laneId: Slug, code: z.string(), text: Text });
export type Unavailable = z.infer<typeof Unavailable>;

/** What Review found wrong with the work of a lane (G33). It closes only on evidence taken after the revision. */
export const WorkFinding = z.object({
  id: z.string(),
  laneId: Slug,
  stepId: z.string(),
  severity: Severity,
  text: Text,
  evidence: z.array(Evidence),
  foundAt: Instant,
  round: z.number().int().nonnegative(),
  status: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("open") }),
    z.object({ kind: z.literal("closed"), closedAt: Instant, evidence: z.array(Evidence).min(1) }),
    z.object({ kind: z.literal("not_closable"), reason: Text }),
  ]),
});
export type WorkFinding = z.infer<typeof WorkFinding>;
