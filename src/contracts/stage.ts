import { z } from "zod";

/**
 * The eight stages in order (G9, G31). Labels are protocol names and stay English in every locale.
 * The percents are a literal table of the protocol: no rounding rule gives them.
 */
export const STAGES = [
  { key: "critical", label: "Critical", percent: 12 },
  { key: "fetch", label: "Fetch", percent: 25 },
  { key: "thinking", label: "Thinking", percent: 38 },
  { key: "execution", label: "Execution", percent: 50 },
  { key: "review", label: "Review", percent: 63 },
  { key: "meta_review", label: "Meta-Review", percent: 75 },
  { key: "verification", label: "Verification", percent: 88 },
  { key: "evolution", label: "Evolution", percent: 100 },
] as const;

export const StageKey = z.enum(STAGES.map((stage) => stage.key));
export type StageKey = z.infer<typeof StageKey>;

/** The protocol's own name of a stage. */
export const StageLabel = z.enum(STAGES.map((stage) => stage.label));
export type StageLabel = z.infer<typeof StageLabel>;

export const STAGE_KEYS = STAGES.map((stage) => stage.key);

/** Position of a stage, counted from 1. */
export function stageIndex(key: StageKey): number {
  return STAGE_KEYS.indexOf(key) + 1;
}

export function stageOf(key: StageKey): (typeof STAGES)[number] {
  const stage = STAGES[STAGE_KEYS.indexOf(key)];
  if (stage === undefined) throw new TypeError(`unknown stage ${key}`);
  return stage;
}

/** How much of the spine a run must walk (G14). */
export const SpinePath = z.enum(["fast_path", "standard_path", "regulated_path"]);
export type SpinePath = z.infer<typeof SpinePath>;

/** The stages that each path walks; the others are skipped with a recorded reason. */
export const PATH_STAGES: Record<SpinePath, readonly StageKey[]> = {
  fast_path: ["critical", "fetch", "thinking", "evolution"],
  standard_path: ["critical", "fetch", "thinking", "execution", "review", "verification"],
  regulated_path: STAGE_KEYS,
};

/** The stage after `key` on a path, or undefined at the end. */
export function nextStage(key: StageKey, path: SpinePath): StageKey | undefined {
  return STAGE_KEYS.slice(stageIndex(key)).find((stage) => PATH_STAGES[path].includes(stage));
}
