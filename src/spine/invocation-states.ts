import { GOVERNANCE_AGENTS } from "../contracts/agent.ts";
import type { Dispatch } from "../contracts/dispatch.ts";
import type { Run } from "../contracts/run.ts";
import type { AgentInvocationState } from "../contracts/spine-state.ts";

/** How far each agent has come (G31): found in Fetch, matched to a lane, dispatched, and back. */
export function agentInvocationStates(run: Run): Record<string, AgentInvocationState> {
  const searches = run.packets.contentEvidencePacket?.capabilitySearches ?? [];
  const found = searches.flatMap(({ matches }) => matches.filter(({ kind }) => kind === "agent"));
  const selected = searches.flatMap((search) => (search.selected === null ? [] : [search.selected]));
  const workers = run.dispatches.filter(({ work }) => work.kind !== "stage").map(workerState);
  return Object.fromEntries([
    ...GOVERNANCE_AGENTS.map((agent) => [agent, "idle"] as const),
    ...found.map(({ name }) => [name, "discovered"] as const),
    ...selected.map((agent) => [agent, "matched"] as const),
    // An agent with several lanes is at work as long as one of them runs.
    ...OF_WORKERS.flatMap((state) => workers.filter((worker) => worker[1] === state)),
    ...run.invocations.map(({ agent, state }) => [agent, state] as const),
  ]);
}

/** What counts less comes first. */
const OF_WORKERS = ["matched", "returned", "escalated", "dispatched"] as const satisfies AgentInvocationState[];

function workerState({ agent, status }: Dispatch): readonly [string, (typeof OF_WORKERS)[number]] {
  switch (status) {
    case "queued":
    case "canceled":
    case "blocked":
      return [agent, "matched"];
    case "started":
      return [agent, "dispatched"];
    case "succeeded":
    case "failed":
      return [agent, "returned"];
    case "outcome_unknown":
      return [agent, "escalated"];
  }
}
