import type { AgentCard } from "../contracts/agent.ts";
import type { CapabilitySearch } from "../contracts/packets/fetch.ts";
import type { AgentRole, DispatchBoard } from "../contracts/packets/thinking.ts";
import { GateError } from "../errors.ts";
import { runScopedSkills } from "../governance/artisan.ts";
import { fitOwner } from "../governance/genesis.ts";
import type { ChosenPlan, PlannedLane } from "./chosen-plan.ts";

/** One role for each chosen lane: who, with which slice, isolated how, merged by whom (G23, G25, G27). */
export function rolesOf(
  plan: ChosenPlan,
  board: DispatchBoard,
  searches: readonly CapabilitySearch[],
  agents: readonly AgentCard[],
): AgentRole[] {
  return plan.lanes.map((lane) => roleOf(lane, board, searches, agents));
}

function roleOf(
  planned: PlannedLane,
  board: DispatchBoard,
  searches: readonly CapabilitySearch[],
  agents: readonly AgentCard[],
): AgentRole {
  const { lane, owner } = planned.practical;
  const agent = agents.find((candidate) => candidate.id === owner);
  const search = searches.find((candidate) => candidate.laneId === lane.id);
  if (agent === undefined || search === undefined) {
    throw new GateError(
      "gate.owner_missing",
      `Expected the agent "${owner}" for "${lane.id}"; it is not loaded any more.`,
    );
  }
  const writes = lane.writes.length > 0 || planned.uses.includes("repository_code");
  return {
    businessRoleId: lane.role,
    // Coarse on purpose: what exactly is done stands in the slice and the shard (G25).
    roleDisplayName: lane.role,
    ownerAgent: owner,
    ...fitOwner(search, agent),
    roleInstanceId: `${lane.role}#${lane.id}`,
    assignedResponsibilitySlice: lane.need,
    matchedSkills: runScopedSkills(search),
    skillSelectionScope: "run_scoped",
    governanceStageNodes: ["Fetch", "Thinking", "Review"],
    shardKey: lane.id,
    shardScope:
      lane.writes.length > 0 ? `${lane.need}; may write ${lane.writes.join(", ")}` : `${lane.need}; reads only`,
    workspaceIsolation: writes ? "own_copy" : "shared_read_only_copy",
    artifactNamespace: lane.id,
    collisionPolicy: writes
      ? "its own copy and its own artifact folder, so nothing is shared"
      : "reads only; artifacts go to its own folder",
    parallelGroup: board.groups.find((group) => group.lanes.includes(lane.id))?.parallelGroup ?? "group-1",
    mergeOwner: board.mergeOwner,
  };
}
