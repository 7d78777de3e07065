import { z } from "zod";
import { Risk, TaskType } from "../macro.ts";
import { SpinePath } from "../stage.ts";

/** What kind of work this is, decided in Critical (G11, G13, G14). */
export const TaskClassification = z.object({
  type: TaskType,
  taskClass: z.enum(["query", "trivial", "standard", "complex"]),
  path: SpinePath,
  risk: Risk,
  macroId: z.string().nullable(),
  /** Meta architecture (agents, boundaries) or the project's technical one (G36). */
  architecture: z.enum(["meta", "project"]),
  /** Why: which words of the goal, which trigger. */
  triggerReasons: z.array(z.string()),
  /** The goal forbids writes ("read-only", 只读); it does not forbid dispatch (G35). */
  readOnlyRequested: z.boolean(),
});
export type TaskClassification = z.infer<typeof TaskClassification>;

/** What the person wants, and what was assumed (G8, G18). */
export const IntentGatePacket = z.object({
  coreProblem: z.string().min(1),
  wanted: z.string(),
  deliverable: z.string(),
  defaultAssumptions: z.array(z.string()),
  clarity: z.enum(["clear", "assumed", "blocked"]),
  blockingQuestion: z.string().nullable(),
});
export type IntentGatePacket = z.infer<typeof IntentGatePacket>;

/** Internal; shown only on an explicit trace request (G38). */
export const PreflightPacket = z.object({
  type: TaskType,
  mode: z.enum(["attended", "unattended"]),
  readScope: z.array(z.string()),
  writeScope: z.array(z.string()),
  authorizationTier: z.enum(["read_only", "isolated_write", "workspace_write"]),
  capabilityLookupPath: z.array(z.string()),
  plannedAgents: z.array(z.string()),
  blockedReason: z.string().nullable(),
});
export type PreflightPacket = z.infer<typeof PreflightPacket>;
