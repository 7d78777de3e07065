import { z } from "zod";
import { GovernanceAgent } from "../agent.ts";
import { Text } from "../text.ts";
import { Treatments } from "../verdict.ts";
import { StageLabel } from "../stage.ts";
import { VerifyStep } from "../verify-step.ts";

/** A practical way to do the work. */
export const CandidatePath = z.object({
  id: z.string(),
  title: Text,
  lanes: z.array(z.string()),
  expectedMs: z.number().nonnegative(),
  pros: z.array(Text),
  cons: z.array(Text),
  /** Why it was not recommended. */
  rejectedBecause: Text.optional(),
});
export type CandidatePath = z.infer<typeof CandidatePath>;

/** What can be chosen, before anything is dispatched; no dispatch contract (G7, G32). */
export const PreDecisionOptionFrame = z.object({
  candidatePaths: z.array(CandidatePath).min(2),
  recommendedPath: z.string(),
  userChoiceRequired: z.boolean(),
  /** Why no card was shown (G8). */
  choiceGateSkip: z
    .object({ reason: z.enum(["trivial", "query_bypass", "user_said_so"]), detail: z.string() })
    .nullable(),
  /** Prism on the options and on whether asking was right (G7). */
  quality: z.object({ passed: z.boolean(), remarks: z.array(z.string()) }),
});
export type PreDecisionOptionFrame = z.infer<typeof PreDecisionOptionFrame>;

export const RunHeader = z.object({
  runId: z.string(),
  goal: z.string(),
  type: z.string(),
  path: z.string(),
  macroId: z.string(),
  chosen: z.record(z.string(), z.string()),
  args: z.record(z.string(), z.unknown()),
  outcome: z.enum(["report_only", "report_with_plan", "report_in_workspace"]),
  /** How the answers have findings treated. */
  treats: Treatments.optional(),
  subagentStatus: z.enum(["available", "unavailable"]),
  subagentReason: z.string().nullable(),
});
export type RunHeader = z.infer<typeof RunHeader>;

const Lane = z.object({
  laneId: z.string(),
  /** The lane as people know it, and who would do it. */
  title: Text.optional(),
  businessRoleId: z.string().optional(),
  /** Work that is done by name only: leaving it out leaves nothing unchecked. */
  keeps: z.enum(["branch"]).optional(),
  capabilitySearchQuery: z.string(),
  candidateOwners: z.array(z.string()),
  candidateSkills: z.array(z.string()),
  selectedOwner: z.string().nullable(),
  selectionReason: z.string(),
  coverageStatus: z.enum(["covered", "partial", "missing", "omitted_with_reason"]),
});

/** Which lanes the work has, and why the others are left out (G24). */
export const BusinessFlowBlueprintPacket = z.object({
  requiredLanes: z.array(Lane),
  optionalLanes: z.array(Lane),
  omittedLanes: z.array(Lane.extend({ reason: Text })),
  laneDependencies: z.record(z.string(), z.array(z.string())),
  coverageJudgment: z.string(),
});
export type BusinessFlowBlueprintPacket = z.infer<typeof BusinessFlowBlueprintPacket>;

/** Who does what (G23, G25, G27). */
export const AgentRole = z.object({
  businessRoleId: z.string().min(1),
  roleDisplayName: z.string().min(1),
  ownerAgent: z.string().min(1),
  ownerSource: z.enum(["meta_kim_canonical", "global_reuse", "project_local"]),
  agentCopyPolicy: z.enum([
    "meta_kim_governance_only",
    "use_global_directly",
    "copy_to_project_for_modification",
    "create_project_local_agent",
    "already_project_local",
  ]),
  roleInstanceId: z.string().min(1),
  runtimeInstanceAlias: z.string().optional(),
  assignedResponsibilitySlice: z.string().min(1),
  ownerResponsibilityDelta: z.string().min(1),
  agentIterationPlan: z.string().min(1),
  ownerResolution: z.enum(["reuse_existing_owner", "upgrade_existing_owner", "create_owner_first"]),
  matchedSkills: z.array(z.string()),
  skillSelectionScope: z.literal("run_scoped"),
  governanceStageNodes: z.array(StageLabel),
  shardKey: z.string().min(1),
  shardScope: z.string().min(1),
  workspaceIsolation: z.enum(["shared_read_only_copy", "own_copy"]),
  artifactNamespace: z.string().min(1),
  collisionPolicy: z.string().min(1),
  parallelGroup: z.string().min(1),
  mergeOwner: z.string().min(1),
});
export type AgentRole = z.infer<typeof AgentRole>;

export const AgentBlueprintPacket = z.object({
  roles: z.array(AgentRole),
  roleCoverageGate: z.enum(["pass", "fail"]),
  missingRoles: z.array(z.string()),
  /** Which governance agents took part where (G23). */
  governanceStageCoverage: z.object({
    Critical: z.array(GovernanceAgent),
    Fetch: z.array(GovernanceAgent),
    Thinking: z.array(GovernanceAgent),
    Review: z.array(GovernanceAgent),
  }),
});
export type AgentBlueprintPacket = z.infer<typeof AgentBlueprintPacket>;

/** A lane that nobody can do, and what was resolved about it (G26). */
export const CapabilityGapPacket = z.object({
  gapType: z.string(),
  missing: z.array(z.string()),
  resolutionAction: z
    .enum(["create_execution_agent", "upgrade_execution_agent", "reuse_existing_owner", "accepted_gap"])
    .nullable(),
  reason: z.string(),
});
export type CapabilityGapPacket = z.infer<typeof CapabilityGapPacket>;

/** One worker's assignment (G32). */
export const WorkerTaskPacket = z.object({
  laneId: z.string(),
  /** The lane as people know it. */
  title: Text.optional(),
  owner: z.string().min(1),
  ownerAgent: z.string().min(1),
  businessRoleId: z.string().min(1),
  roleDisplayName: z.string().min(1),
  roleInstanceId: z.string().min(1),
  dependsOn: z.array(z.string()),
  parallelGroup: z.string().min(1),
  mergeOwner: z.string().min(1),
  shardKey: z.string().min(1),
  shardScope: z.string().min(1),
  workspaceIsolation: z.enum(["shared_read_only_copy", "own_copy"]),
  artifactNamespace: z.string().min(1),
  collisionPolicy: z.string().min(1),
  task: z.string().min(1),
  /** Where the lane is a declared command: its words, with the arguments filled in. */
  command: z.array(z.string()).min(1).optional(),
  writes: z.array(z.string()),
  /** Without it the result is none. */
  required: z.boolean().optional(),
  /** Its changes are offered to people, and kept where they approve. */
  keeps: z.enum(["branch"]).optional(),
  uses: z.array(z.enum(["network", "repository_code"])),
  /** Commands of the repository that its worker runs beside what is written down in its agent. */
  repositoryCommands: z.array(z.array(z.string()).min(1)).optional(),
  repeatable: z.boolean(),
  args: z.record(z.string(), z.unknown()),
  timeLimitMs: z.number().int().positive(),
  maxAttempts: z.number().int().positive(),
  /** Longest silence of its worker, where the lane declares one. */
  heartbeatMs: z.number().int().positive().optional(),
  expectedMs: z.number().nonnegative(),
  verifySteps: z.array(VerifyStep).min(1),
  designPrinciples: z.array(z.string()).min(1),
  constraints: z.array(z.string()),
});
export type WorkerTaskPacket = z.infer<typeof WorkerTaskPacket>;

export const DispatchBoard = z.object({
  groups: z.array(
    z.object({ parallelGroup: z.string(), lanes: z.array(z.string()), startsAfter: z.array(z.string()) }),
  ),
  mergeOwner: z.string(),
});
export type DispatchBoard = z.infer<typeof DispatchBoard>;

/** The order to dispatch, with Gate 3's verdict (G18): never skipped. */
export const DispatchEnvelopePacket = z.object({
  lanes: z.array(z.string()).min(1),
  concurrency: z.number().int().positive(),
  gate3: z.object({
    verdict: z.enum(["PASS", "FAIL"]),
    checks: z.array(z.object({ check: z.string(), passed: z.boolean(), detail: z.string() })).min(1),
  }),
});
export type DispatchEnvelopePacket = z.infer<typeof DispatchEnvelopePacket>;
