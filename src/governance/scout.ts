import type { AgentCard, CapabilityIndex } from "../contracts/agent.ts";
import type { CapabilityMatch } from "../contracts/packets/fetch.ts";
import { significantTerms } from "./terms.ts";

/** meta-scout: looks for who can do what is needed, through all layers of the capability index (G16, G22). */

/** One thing that one owner says it can do. */
export interface CapabilityClaim {
  readonly owner: string;
  readonly layer: string;
  readonly kind: CapabilityMatch["kind"];
  readonly capability: string;
  readonly keywords: readonly string[];
}

/** What one lane needs done; never the name of an agent. */
export interface CapabilityNeed {
  readonly laneId: string;
  readonly need: string;
  readonly keywords: readonly string[];
}

export interface CapabilityLayer {
  readonly layer: string;
  readonly index: CapabilityIndex;
}

/** Layer name of what the agent cards themselves declare. */
export const AGENT_CARD_LAYER = "agent cards";

/** Every claim that can be searched, in the order of the layers; the agents' own cards come last. */
export function gatherClaims(layers: readonly CapabilityLayer[], agents: readonly AgentCard[]): CapabilityClaim[] {
  return [
    ...layers.flatMap(({ layer, index }) => index.capabilities.map((entry) => ({ ...entry, layer }))),
    ...agents.flatMap((agent) =>
      agent.capabilities.map((capability) => ({
        owner: agent.id,
        layer: AGENT_CARD_LAYER,
        kind: "agent" as const,
        capability,
        keywords: agent.keywords,
      })),
    ),
  ];
}

/** Step 1: the words to search with. */
export function keywordsOf(need: CapabilityNeed): string[] {
  return [...new Set([...need.keywords.map((word) => word.toLowerCase()), ...significantTerms(need.need)])];
}

export type ScoredClaim = Omit<CapabilityMatch, "roi">;

/** Steps 2 and 3: the best claim of each owner in each layer that shares a word with the need, scored. */
export function searchCapabilities(need: CapabilityNeed, claims: readonly CapabilityClaim[]): ScoredClaim[] {
  const best = new Map<string, ScoredClaim>();
  for (const claim of claims) {
    const scored = scoreClaim(need, claim);
    const key = `${claim.owner}\n${claim.layer}`;
    if (scored.score > (best.get(key)?.score ?? 0)) best.set(key, scored);
  }
  return [...best.values()].toSorted((a, b) => b.score - a.score);
}

/**
 * 3 perfect: every telling word of the need is covered. 2: half of the keywords, or one of them and half of the
 * words. 1: some word is shared. 0: none, a gap.
 */
function scoreClaim(need: CapabilityNeed, claim: CapabilityClaim): ScoredClaim {
  const offered = significantTerms([claim.capability, ...claim.keywords].join(" "));
  const wanted = [...significantTerms(need.need)];
  const covered = wanted.filter((word) => offered.has(word));
  const hits = need.keywords.filter((keyword) => [...significantTerms(keyword)].every((word) => offered.has(word)));
  // Half of the words alone is no fit: "find secrets in files" shares most of its words with "find large files".
  const named = hits.length > 0 && covered.length * 2 >= wanted.length;
  const half = named || hits.length * 2 >= need.keywords.length;
  const any = covered.length + hits.length > 0;
  const score = covered.length === wanted.length ? 3 : half ? 2 : any ? 1 : 0;
  return {
    name: claim.owner,
    layer: claim.layer,
    kind: claim.kind,
    score,
    matchReason: `"${claim.capability}" covers ${covered.length} of ${wanted.length} words of the need (${covered.join(", ") || "none"}) and ${hits.length} of ${need.keywords.length} keywords`,
  };
}
