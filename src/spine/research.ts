import type { Macro } from "../contracts/macro.ts";
import { OFFLINE_PHRASES, phrasesIn, REGISTRY_PHRASES, RESEARCH_PHRASES } from "./goal-words.ts";

/** What a goal needs from outside the workspace, by the four triggers of G28. */
export interface ResearchNeed {
  /** The goal forbids the network. */
  readonly offline: boolean;
  /** Phrases that ask for open research; nothing here can do it. */
  readonly open: string[];
  /** Phrases that ask for facts of a registry; a lane that uses the network fetches them as its own work. */
  readonly registry: string[];
  /** The lanes that can ask a registry. */
  readonly retrievalLanes: string[];
}

export function researchNeed(goal: string, macro: Pick<Macro, "lanes" | "query">): ResearchNeed {
  // A query is about files of the workspace alone (G28), and its words are what is looked up.
  if (macro.query !== undefined) return { offline: false, open: [], registry: [], retrievalLanes: [] };
  const offline = phrasesIn(goal, OFFLINE_PHRASES).length > 0;
  return {
    offline,
    open: offline ? [] : phrasesIn(goal, RESEARCH_PHRASES),
    registry: offline ? [] : phrasesIn(goal, REGISTRY_PHRASES),
    retrievalLanes: macro.lanes.filter((lane) => lane.uses.includes("network")).map((lane) => lane.id),
  };
}

/** Phrases that ask for what nobody here can fetch: such a goal is refused in Critical, never half done. */
export function unmetResearch(need: ResearchNeed): string[] {
  return need.retrievalLanes.length > 0 ? need.open : [...need.open, ...need.registry];
}
