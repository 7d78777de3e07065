import type { AgentCard } from "../contracts/agent.ts";
import type { CapabilitySearch } from "../contracts/packets/fetch.ts";
import type { AgentRole } from "../contracts/packets/thinking.ts";

/** meta-genesis: does the owner's boundary fit the work (G16, G22)? It proposes, and changes no agent for good. */

export type OwnerFit = Pick<
  AgentRole,
  "ownerSource" | "agentCopyPolicy" | "ownerResolution" | "ownerResponsibilityDelta" | "agentIterationPlan"
>;

/** How the owner's boundary meets the lane. Agents of `config/agents` serve all workspaces: used as they are. */
export function fitOwner(search: CapabilitySearch, agent: AgentCard): OwnerFit {
  const perfect = scoreOf(search) === 3;
  const other = agent.capabilities.length - 1;
  const narrowed = other > 0 ? ` Its ${other} other capabilities are not used in this role.` : "";
  return {
    ownerSource: "global_reuse",
    agentCopyPolicy: "use_global_directly",
    ownerResolution: "reuse_existing_owner",
    ownerResponsibilityDelta: perfect
      ? `Reused as it is for "${search.query}".${narrowed}`
      : `Reused; its own words cover "${search.query}" only in part, so the brief says the rest.${narrowed}`,
    agentIterationPlan: perfect
      ? "Nothing to refine before dispatch."
      : `Suggest to name "${search.query}" among the capabilities of ${agent.id}; decided after the run, not now.`,
  };
}

/** Score of the owner that was selected; 0 where there is none. */
export function scoreOf(search: CapabilitySearch): number {
  return Math.max(0, ...search.matches.filter((match) => match.name === search.selected).map((match) => match.score));
}

/** Owner fit is a question only where somebody fits in part, or several claim the same. */
export function ownerFitMatters(searches: readonly CapabilitySearch[]): boolean {
  return searches.some((search) => search.overlap.length > 0 || scoreOf(search) < 3);
}

/** What has to be said about owners before Thinking: partial fits, double claims, gaps. */
export function boundaryNotes(searches: readonly CapabilitySearch[]): string[] {
  return searches.flatMap((search) => {
    if (search.selected === null) return [`${search.laneId}: nobody owns this`];
    const notes = search.overlap.length > 0 ? [`${search.laneId}: claimed by ${search.overlap.join(", ")}`] : [];
    return scoreOf(search) < 3 ? [...notes, `${search.laneId}: ${search.selected} covers it in part`] : notes;
  });
}
