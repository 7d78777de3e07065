import { z } from "zod";
import { Slug } from "./id.ts";
import { HeartbeatMs } from "./macro.ts";
import { LocalizedText } from "./text.ts";

/** The nine governance agents (G29). They coordinate and check; none of them may execute (G1). */
export const GOVERNANCE_AGENTS = [
  "meta-warden",
  "meta-conductor",
  "meta-genesis",
  "meta-artisan",
  "meta-sentinel",
  "meta-librarian",
  "meta-prism",
  "meta-scout",
  "meta-chrysalis",
] as const;
export const GovernanceAgent = z.enum(GOVERNANCE_AGENTS);
export type GovernanceAgent = z.infer<typeof GovernanceAgent>;

export function isGovernanceAgent(name: string): name is GovernanceAgent {
  return GOVERNANCE_AGENTS.some((agent) => agent === name);
}

/**
 * An execution agent: one file in `config/agents`. It is found by its capabilities, never by its name.
 * `argv` starts a program without a shell; `{node}` is the running Node, `{root}` the folder of Coxswain.
 */
export const AgentCard = z.object({
  id: Slug.refine((id) => !isGovernanceAgent(id), "governance agents are built in and cannot be redefined"),
  title: LocalizedText,
  capabilities: z.array(z.string().min(3).max(200)).min(1),
  keywords: z.array(z.string().min(2).max(60)).default([]),
  /** `command`, or the kind of a runtime that a plugin adds. */
  runtime: Slug,
  /** What a command runtime starts; other runtimes take from it what they need. */
  argv: z.array(z.string().min(1)).default([]),
  /** `reports`: JSON lines of the worker protocol on standard output. `text`: any output; the exit code is the fact. */
  output: z.enum(["reports", "text"]).default("reports"),
  /** Its workers give a sign of life at least so often; longer silence is a stall (M7). Without it silence is none. */
  heartbeatMs: HeartbeatMs.optional(),
  /** Names of environment variables that the worker may see beside PATH, HOME, LANG and TMPDIR. */
  environment: z.array(z.string()).default([]),
});
export type AgentCard = z.infer<typeof AgentCard>;

/** One layer of the capability index (G22). */
export const CapabilityIndex = z.object({
  schemaVersion: z.literal(1),
  capabilities: z.array(
    z.object({
      owner: z.string().min(1).max(100),
      kind: z.enum(["agent", "skill", "tool", "command"]),
      capability: z.string().min(3).max(200),
      keywords: z.array(z.string()).default([]),
    }),
  ),
});
export type CapabilityIndex = z.infer<typeof CapabilityIndex>;
