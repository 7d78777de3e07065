import { z } from "zod";
import { Actor, CommitHash, DecisionId, Instant, Slug } from "./id.ts";
import { LocalizedText } from "./text.ts";

/** Where rules come from, strongest first (M6). An exception of a stronger source silences a weaker prohibition. */
export const POLICY_SOURCES = ["policies_file", "security", "agents_md", "cursor", "fairness"] as const;
export const PolicySource = z.enum(POLICY_SOURCES);
export type PolicySource = z.infer<typeof PolicySource>;

/** What can be checked. Globs are relative to the workspace's root, with `/` (picomatch, dot files included). */
export const PolicyCheck = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("deny_paths"), globs: z.array(z.string()).min(1) }),
  z.object({ kind: z.literal("allow_paths"), globs: z.array(z.string()).min(1) }),
  /** A command is its words: `rm -rf` means every call of `rm` with both options. */
  z.object({ kind: z.literal("deny_command"), words: z.array(z.string()).min(1) }),
  z.object({ kind: z.literal("allow_command"), words: z.array(z.string()).min(1) }),
  /** Nothing but these may be run. */
  z.object({ kind: z.literal("only_commands"), commands: z.array(z.array(z.string()).min(1)).min(1) }),
  /** A change leaves its copy only after this command ended with 0 in it. */
  z.object({ kind: z.literal("require_command"), words: z.array(z.string()).min(1) }),
  /** Nothing outside the workspace is written or named in a command. */
  z.object({ kind: z.literal("inside_workspace") }),
  z.object({ kind: z.literal("no_secrets") }),
  /** Milliseconds that the workers of one run may take altogether. */
  z.object({ kind: z.literal("worker_time"), limitMs: z.number().int().positive() }),
]);
export type PolicyCheck = z.infer<typeof PolicyCheck>;

/** A rule as it is named to people: which words, in which file, at which line. */
export const PolicyRef = z.object({
  source: PolicySource,
  /** Relative to the workspace, or the path of a policy file of the bot. */
  file: z.string(),
  line: z.number().int().positive(),
  /** The words of the rule, as they stand there or as the file's keys say. */
  text: z.string(),
});
export type PolicyRef = z.infer<typeof PolicyRef>;

export const PolicyRule = PolicyRef.extend({
  check: PolicyCheck,
  /** Folders deep below the root: of two files of a source, the nearer one has the last word. */
  depth: z.number().int().nonnegative(),
  /** Applies only to work that touches one of these globs; empty: to all work. */
  scope: z.array(z.string()),
  /** Applies only to these procedures and tenants; empty: to all. A `*` in a tenant stands for anything. */
  macros: z.array(Slug),
  tenants: z.array(z.string()),
});
export type PolicyRule = z.infer<typeof PolicyRule>;

/** Why words of a rule file are told to agents and not enforced. */
export const NotEnforcedBecause = z.enum([
  /** No sentence that forbids, allows or demands something checkable. */
  "no_rule",
  /** It depends on something that no check can see: a condition, an exception, a way of doing it. */
  "conditional",
  "example",
  "quotation",
  /** It forbids or demands, but not a path, glob or command that is written down in full. */
  "unclear",
  /** A Cursor rule that is neither always applied nor bound to files: the agent asks for it. */
  "on_request",
  /** The head of a Cursor rule, which says when it is applied, is not valid. */
  "broken_head",
  /** Nested or marked up so much that the file cannot be read in little time. */
  "too_complex",
]);
export type NotEnforcedBecause = z.infer<typeof NotEnforcedBecause>;

/** Words of a rule file that go into the brief and are checked by nobody. */
export const PolicyContext = PolicyRef.extend({ because: NotEnforcedBecause });
export type PolicyContext = z.infer<typeof PolicyContext>;

/** All rules that hold for one workspace. */
export interface Policy {
  readonly rules: readonly PolicyRule[];
  readonly context: readonly PolicyContext[];
}

/** What one rule says to one piece of work. Rules that have nothing to say leave no verdict. */
export const PolicyVerdict = z.object({
  rule: PolicyRef,
  kind: z.enum(PolicyCheck.options.map((option) => option.shape.kind.value)),
  outcome: z.enum(["denied", "unmet", "met", "excepted", "waived"]),
  /** The path, command or argument that it is about. */
  subject: z.string(),
  /** The stronger rule that allows it, where it is excepted. */
  exception: PolicyRef.optional(),
});
export type PolicyVerdict = z.infer<typeof PolicyVerdict>;

/** Forbids the work until somebody finds a way out. */
export function isViolation({ outcome }: PolicyVerdict): boolean {
  return outcome === "denied" || outcome === "unmet";
}

/**
 * An operator's single exception: for this rule and subject, in this round of this lane of this run, and, where it
 * lets a change go, for this very commit. It covers nothing else, and ends with the run.
 */
export const PolicyWaiver = z.object({
  rule: PolicyRef,
  subject: z.string(),
  laneId: Slug,
  revision: z.number().int().nonnegative(),
  commit: CommitHash.optional(),
  decisionId: DecisionId,
  by: Actor,
  at: Instant,
  reason: z.string().min(1),
});
export type PolicyWaiver = z.infer<typeof PolicyWaiver>;

const glob = z.string().min(1).max(300);
const command = z.string().trim().min(1).max(300);
const scoped = {
  id: Slug,
  /** Why: shown with the verdict. */
  reason: LocalizedText.optional(),
  macros: z.array(Slug).default([]),
  tenants: z.array(z.string().min(1)).default([]),
};
const targets = z
  .object({ paths: z.array(glob).default([]), commands: z.array(command).default([]) })
  .refine(({ paths, commands }) => paths.length + commands.length > 0, "name at least one path or command");

/** `policies.yaml`: in `config/`, and in each folder of the setting `configFolders`; rules add up. */
export const PoliciesFile = z.object({
  schemaVersion: z.literal(1),
  /** The operator's own rules: stronger than all others. */
  rules: z
    .array(
      z
        .object({
          ...scoped,
          deny: targets.optional(),
          allow: targets.optional(),
          /** A command that must have ended with 0 in the changed copy before a change may leave it. */
          require: z.object({ command }).optional(),
        })
        .refine(
          (rule) => [rule.deny, rule.allow, rule.require].filter((part) => part !== undefined).length === 1,
          "exactly one of deny, allow and require",
        ),
    )
    .default([]),
  security: z
    .object({
      denyCommands: z.array(command).default([]),
      /** Where one is named, nothing but these commands may be run. */
      onlyCommands: z.array(command).default([]),
      /** Files that no change may hold. */
      sensitiveFiles: z.array(glob).default([]),
      pathsOutsideWorkspace: z.enum(["deny", "allow"]).default("allow"),
      secretsInArguments: z.enum(["deny", "allow"]).default("allow"),
    })
    .prefault({}),
  fairness: z.array(z.object({ ...scoped, maxWorkerMinutesPerRun: z.number().positive().max(100_000) })).default([]),
});
export type PoliciesFile = z.infer<typeof PoliciesFile>;
