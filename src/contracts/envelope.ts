import { z } from "zod";
import { RunId } from "./id.ts";
import { Language, LanguageResolution } from "./language.ts";
import { Packets } from "./packets/packets.ts";
import { StageKey, StageLabel } from "./stage.ts";

/** Names of the protocol that are never shown to people, except in an explicit export or trace (G4, G38). */
export const HIDDEN_INTERNAL_FIELDS: readonly string[] = [
  ...Object.keys(Packets.shape),
  "Preflight",
  "nativeChoiceSurface",
  "conversation_fallback",
  "choiceSurfaceState",
  "choiceGateSkip",
  "execution_confirmation",
  "agentInvocationState",
  "dispatchChain",
  "dispatchedAgents",
  "subagentStatus",
  "queryBypass",
  "coreProblem",
  "defaultAssumptions",
  "roleInstanceId",
  "verifySteps",
  "writebackDecision",
  "fast_path",
  "standard_path",
  "regulated_path",
];

/**
 * The public answer to "where is it now?" (G21): `active-run.json` and `runs/<runId>/status.json`.
 * Times are ISO 8601.
 */
export const RunStatusEnvelope = z.object({
  schemaVersion: z.literal(1),
  active: z.boolean(),
  runId: RunId,
  triggeredBy: z.string(),
  currentStage: StageLabel,
  currentStageKey: StageKey,
  stageIndex: z.number().int().min(1).max(8),
  stageTotal: z.literal(8),
  percent: z.number().int().min(0).max(100),
  completed: z.array(StageLabel),
  next: StageLabel.nullable(),
  blockedOn: z.string().nullable(),
  startedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  lastUserVisibleNotice: z.string(),
  surfaceMode: z.literal("public"),
  resolvedOutputLanguage: Language,
  languageResolution: LanguageResolution,
  publicSurface: z.object({
    primaryDisplay: z.literal("conversation_notice"),
    nativeEnhancementAllowed: z.boolean(),
    popupRequired: z.boolean(),
    hiddenInternalFields: z.array(z.string()),
  }),
  publicLabels: z.object({
    active: z.string(),
    completed: z.string(),
    current: z.string(),
    next: z.string(),
    blocked: z.string(),
    none: z.string(),
  }),
  stagePurpose: z.string(),
  stagePurposeKey: z.string(),
});
export type RunStatusEnvelope = z.infer<typeof RunStatusEnvelope>;
