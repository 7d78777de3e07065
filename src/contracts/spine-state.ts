import { z } from "zod";
import { ChoiceSurfaceState } from "./decision.ts";
import { RunId } from "./id.ts";
import { StageKey } from "./stage.ts";

const SpineStage = z.object({
  status: z.enum(["pending", "in_progress", "completed"]),
  completedAt: z.iso.datetime().optional(),
  skipReason: z.string().optional(),
});

/** How far an agent has come in a run; one that nobody needs stays idle. */
export const AgentInvocationState = z.enum(["idle", "discovered", "matched", "dispatched", "returned", "escalated"]);
export type AgentInvocationState = z.infer<typeof AgentInvocationState>;

/** `spine/spine-state.json`, version 2 (G31). The run's packets stand beside these fields, by name. */
export const SpineState = z.looseObject({
  active: z.boolean(),
  version: z.literal(2),
  runId: RunId,
  triggeredAt: z.iso.datetime(),
  currentStage: StageKey,
  stages: z.record(StageKey, SpineStage),
  taskClassification: z.unknown(),
  triggerReason: z.string(),
  dispatchedAgents: z.array(
    z.looseObject({
      agent: z.string(),
      stage: StageKey,
      agentInvocationState: AgentInvocationState.extract(["dispatched", "returned", "escalated"]),
    }),
  ),
  dispatchChain: z.partialRecord(StageKey, z.array(z.string())),
  /** Every agent that the run knows of: the nine of the spine, and whoever Fetch came across. */
  agentInvocationState: z.record(z.string(), AgentInvocationState),
  queryBypass: z.boolean(),
  choiceSurfaceState: ChoiceSurfaceState,
});
export type SpineState = z.infer<typeof SpineState>;
