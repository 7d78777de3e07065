import type { MacroLane } from "../contracts/macro.ts";
import type { AgentRole, WorkerTaskPacket } from "../contracts/packets/thinking.ts";
import { GateError } from "../errors.ts";
import type { ChosenPlan } from "./chosen-plan.ts";
import { fillCommand } from "./declared-command.ts";
import { principleLines } from "./design-principles.ts";
import { localized } from "./refusals.ts";
import { ruleConstraints } from "./rule-constraints.ts";
import type { RunFacts } from "./run-facts.ts";

/** One assignment for each chosen lane, complete in itself (G32, G34, G37). */
export function workerPackets(facts: RunFacts, plan: ChosenPlan, roles: readonly AgentRole[]): WorkerTaskPacket[] {
  const constraints = [...choiceConstraints(facts, plan), ...ruleConstraints(facts.policy)];
  return plan.lanes.flatMap((planned): WorkerTaskPacket[] => {
    const role = roles.find((candidate) => candidate.artifactNamespace === planned.laneId);
    if (role === undefined) return [];
    const { lane } = planned.practical;
    return [
      {
        laneId: lane.id,
        title: localized(lane.title),
        owner: role.ownerAgent,
        ownerAgent: role.ownerAgent,
        businessRoleId: role.businessRoleId,
        roleDisplayName: role.roleDisplayName,
        roleInstanceId: role.roleInstanceId,
        dependsOn: planned.dependsOn,
        parallelGroup: role.parallelGroup,
        mergeOwner: role.mergeOwner,
        shardKey: role.shardKey,
        shardScope: role.shardScope,
        workspaceIsolation: role.workspaceIsolation,
        artifactNamespace: role.artifactNamespace,
        collisionPolicy: role.collisionPolicy,
        task: lane.need,
        ...commandOf(lane, facts, plan),
        writes: lane.writes,
        ...(lane.required ? { required: true } : {}),
        ...(lane.keeps === undefined ? {} : { keeps: lane.keeps }),
        uses: planned.uses,
        ...repositoryCommandsOf(lane, planned.uses, facts),
        repeatable: lane.repeatable ?? lane.writes.length === 0,
        args: plan.args,
        timeLimitMs: planned.timeLimitMs,
        maxAttempts: planned.maxAttempts,
        ...(lane.heartbeatMs === undefined ? {} : { heartbeatMs: lane.heartbeatMs }),
        expectedMs: planned.expectedMs,
        verifySteps: lane.verify,
        designPrinciples: principleLines(),
        constraints: [...useConstraints(planned.uses), ...constraints],
      },
    ];
  });
}

/** What a lane runs of the repository, where it may run anything of it. */
function repositoryCommandsOf(
  { runs }: MacroLane,
  uses: WorkerTaskPacket["uses"],
  { evidence }: RunFacts,
): Pick<WorkerTaskPacket, "repositoryCommands"> {
  if (!uses.includes("repository_code")) return {};
  const commands = { test_command: evidence.testCommand?.argv, build_command: evidence.buildCommand?.argv };
  const repositoryCommands = runs.flatMap((name) => [commands[name]].filter((argv) => argv !== undefined));
  return repositoryCommands.length === 0 ? {} : { repositoryCommands };
}

function commandOf(lane: MacroLane, facts: RunFacts, plan: ChosenPlan): Pick<WorkerTaskPacket, "command"> {
  if (lane.command === undefined) return {};
  const filled = fillCommand(lane.command, facts.macro.args, plan.args, facts.evidence.root);
  if (filled.ok) return { command: filled.argv };
  // The doors refuse such values with a reason for people; this holds even if a door does not.
  throw new GateError("gate.arguments", `The arguments do not fit the command of "${lane.id}".`);
}

function useConstraints(uses: readonly string[]): string[] {
  return [
    uses.includes("network") ? "The network may be used for this task only." : "The network must not be used.",
    uses.includes("repository_code")
      ? "The repository's own code may be run, in this copy only."
      : "None of the repository's own code may be run.",
  ];
}

function choiceConstraints(facts: RunFacts, plan: ChosenPlan): string[] {
  return [
    "Nothing outside this copy may be changed.",
    ...(facts.readOnly ? ["The request asks for no changes: look and report."] : []),
    ...(plan.priority === "risk_first" ? [] : [`Chosen priority: ${plan.priority.replace("_", " ")}.`]),
  ];
}
