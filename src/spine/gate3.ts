import type { AgentCard } from "../contracts/agent.ts";
import { isGovernanceAgent } from "../contracts/agent.ts";
import type { CapabilityGapPacket, DispatchEnvelopePacket, WorkerTaskPacket } from "../contracts/packets/thinking.ts";
import type { Run } from "../contracts/run.ts";
import { PATH_STAGES, STAGE_KEYS, stageIndex } from "../contracts/stage.ts";
import { scoreOf } from "../governance/genesis.ts";
import { secretArguments } from "../governance/sentinel.ts";
import type { ChosenPlan } from "./chosen-plan.ts";
import { DESIGN_PRINCIPLES } from "./design-principles.ts";
import type { RunFacts } from "./run-facts.ts";

export type GateCheck = DispatchEnvelopePacket["gate3"]["checks"][number];

export interface Gate3Input {
  readonly run: Run;
  readonly facts: RunFacts;
  readonly plan: ChosenPlan;
  readonly packets: readonly WorkerTaskPacket[];
  readonly agents: readonly AgentCard[];
  readonly gap: CapabilityGapPacket | undefined;
}

/** Gate 3: the checks of the dispatch plan, each computed on the plan itself (G18). Never skipped (G8). */
export function gate3Checks(input: Gate3Input): GateCheck[] {
  return [
    everyLaneHasAnOwner(input),
    noStageSkipped(input),
    ownersFit(input),
    gapsResolved(input),
    pathFits(input),
    decomposed(input),
    choiceRecorded(input),
    orderHolds(input),
    shardsApart(input),
    briefsComplete(input),
    noSecrets(input),
  ];
}

/** A check that names what is wrong; it passes where nothing is. */
function check(name: string, wrong: readonly string[], fine: string): GateCheck {
  return { check: name, passed: wrong.length === 0, detail: wrong.length === 0 ? fine : wrong.join("; ") };
}

function everyLaneHasAnOwner({ plan, packets, agents }: Gate3Input): GateCheck {
  const wrong = plan.lanes.flatMap(({ laneId }) => {
    const owner = packets.find((packet) => packet.laneId === laneId)?.ownerAgent;
    if (owner === undefined) return [`${laneId} has no worker`];
    if (isGovernanceAgent(owner)) return [`${laneId}: ${owner} must not execute`];
    return agents.some((agent) => agent.id === owner) ? [] : [`${laneId}: ${owner} is not loaded`];
  });
  const none = plan.lanes.length === 0 ? ["no lane is chosen"] : [];
  return check(
    "every sub-task has an execution agent",
    [...none, ...wrong],
    `${plan.lanes.length} lanes, ${packets.length} workers`,
  );
}

function noStageSkipped({ run }: Gate3Input): GateCheck {
  const before = STAGE_KEYS.slice(0, stageIndex("thinking") - 1).filter((stage) =>
    PATH_STAGES[run.path].includes(stage),
  );
  const wrong = before
    .filter((stage) => run.stages[stage].status !== "completed")
    .map((stage) => `${stage} is not completed`);
  const fetched =
    run.packets.fetchRecord?.capabilitySearchPerformed === true ? [] : ["no capability search is on record"];
  return check("no stage is skipped", [...wrong, ...fetched], `${before.join(", ")} completed, capabilities searched`);
}

function ownersFit({ facts, packets }: Gate3Input): GateCheck {
  const wrong = packets.flatMap(({ laneId, ownerAgent }) => {
    const search = facts.packet.capabilitySearches.find((candidate) => candidate.laneId === laneId);
    const fits = search?.selected === ownerAgent && scoreOf(search) >= 2;
    return fits ? [] : [`${ownerAgent} was not found for ${laneId} by the search`];
  });
  return check("owners are matched by capability", wrong, "each owner comes from the search, with a score of 2 or 3");
}

function gapsResolved({ gap }: Gate3Input): GateCheck {
  const wrong =
    gap !== undefined && gap.resolutionAction === null ? gap.missing.map((lane) => `${lane} has nobody`) : [];
  return check(
    "capability gaps are resolved",
    wrong,
    gap === undefined ? "no gap" : `${gap.missing.join(", ")}: ${gap.resolutionAction}`,
  );
}

function pathFits({ run, facts }: Gate3Input): GateCheck {
  const { path, risk } = facts.classification;
  const wrong = [
    path !== run.path && `classified for ${path}, walking ${run.path}`,
    !PATH_STAGES[run.path].includes("execution") && `${run.path} has no Execution`,
    risk === "high" && run.path !== "regulated_path" && "high risk needs the regulated path",
  ].filter((line) => line !== false);
  return check("the path fits the complexity", wrong, `${run.path} for ${risk} risk`);
}

/** At least two workers where more than one file or capability is involved (G32). */
function decomposed({ plan, packets }: Gate3Input): GateCheck {
  const wrong = plan.lanes.length > 1 && packets.length < 2 ? ["several capabilities, one worker"] : [];
  const fine =
    packets.length === 1
      ? "one lane, so one capability: the rule of two workers does not apply"
      : `${packets.length} workers for ${plan.lanes.length} capabilities`;
  return check("the work is decomposed", wrong, fine);
}

function choiceRecorded({ run }: Gate3Input): GateCheck {
  const decision = run.decisions.findLast(
    (known) => known.kind === "execution_confirmation" && known.status === "answered",
  );
  const how = decision?.status === "answered" ? decision.how : undefined;
  const wrong = how === undefined ? ["no answer and no recorded skip"] : [];
  return check(
    "the choice is recorded",
    wrong,
    how === "person" ? "answered by a person" : "answered by standing instruction",
  );
}

function orderHolds({ packets }: Gate3Input): GateCheck {
  const wrong = packets.flatMap(({ laneId, dependsOn }) =>
    dependsOn
      .filter((before) => !packets.some((packet) => packet.laneId === before))
      .map((before) => `${laneId} waits for ${before}, which is not dispatched`),
  );
  return check("nothing waits for what does not come", wrong, "every predecessor is dispatched");
}

/** Workers that may write never share a copy (G27). */
function shardsApart({ packets }: Gate3Input): GateCheck {
  const writing = packets.filter((packet) => packet.writes.length > 0 && packet.workspaceIsolation !== "own_copy");
  const wrong = writing.map(({ laneId }) => `${laneId} writes into a shared copy`);
  const spaces = new Set(packets.map((packet) => packet.artifactNamespace));
  if (spaces.size !== packets.length) wrong.push("two workers share an artifact folder");
  return check("workers do not collide", wrong, "each writing worker has its own copy, each worker its own folder");
}

function briefsComplete({ packets }: Gate3Input): GateCheck {
  const wrong = packets.flatMap(({ laneId, designPrinciples, verifySteps }) => [
    ...(designPrinciples.length < DESIGN_PRINCIPLES.length ? [`${laneId} lacks design principles`] : []),
    ...(verifySteps.length === 0 ? [`${laneId} cannot be verified`] : []),
  ]);
  return check("briefs carry principles and checks", wrong, `${DESIGN_PRINCIPLES.length} principles in each brief`);
}

function noSecrets({ plan }: Gate3Input): GateCheck {
  const wrong = secretArguments(plan.args).map((name) => `${name} looks like a secret`);
  return check("no secret travels in the arguments", wrong, "none found");
}
