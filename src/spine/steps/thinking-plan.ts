import type { Decision } from "../../contracts/decision.ts";
import type {
  AgentBlueprintPacket,
  CapabilityGapPacket,
  DispatchEnvelopePacket,
  RunHeader,
} from "../../contracts/packets/thinking.ts";
import type { Run } from "../../contracts/run.ts";
import { GateError } from "../../errors.ts";
import { runScopedSkills } from "../../governance/artisan.ts";
import { dispatchBoard } from "../../governance/conductor.ts";
import { consult, openSession } from "../../governance/consult.ts";
import { scopeOf } from "../../governance/sentinel.ts";
import { judgeGate } from "../../governance/warden.ts";
import { rolesOf } from "../agent-blueprint.ts";
import { businessFlow } from "../business-flow.ts";
import { applyChoices, BASELINE, choicesOf, scopeHeld, type ChosenPlan } from "../chosen-plan.ts";
import { gate3Checks } from "../gate3.ts";
import { factsOf, type RunFacts } from "../run-facts.ts";
import { governanceStageCoverage } from "../stage-coverage.ts";
import type { StepInput, StepResult } from "../step.ts";
import { workerPackets } from "../worker-packets.ts";

/**
 * Thinking, second half: what was chosen becomes the dispatch plan (G12, G23–G27, G32, G34, G37). Throws
 * `gate.no_choice` before an answer, and `gate.empty_selection` where the answers leave no work.
 */
export function thinkingPlanStep(input: StepInput): StepResult<"thinking.planned"> {
  const { run, catalog } = input;
  const session = openSession("thinking", input.at);
  const facts = factsOf(input);
  const answered = answeredConfirmation(run);
  const plan = consult(session, "meta-conductor", "apply the answers", () =>
    applyChoices(facts, choicesOf(answered.questions, answered.answers), {
      ...answered.argsChosen,
      ...run.redriveArgs,
    }),
  );
  if (plan.lanes.length === 0) throw emptySelection(answered);
  const searches = facts.packet.capabilitySearches;
  const board = consult(session, "meta-conductor", "lay out the dispatch board", () =>
    dispatchBoard(plan.lanes, plan.concurrency),
  );
  consult(session, "meta-artisan", "select skills for this run", () => searches.flatMap(runScopedSkills));
  const roles = consult(session, "meta-genesis", "fit the owners to their slices", () =>
    rolesOf(plan, board, searches, catalog.agents),
  );
  const packets = consult(session, "meta-conductor", "write the worker packets", () =>
    workerPackets(facts, plan, roles),
  );
  const scope = consult(session, "meta-sentinel", "set read and write scope", () =>
    scopeOf(run.task.workspace, packets, plan.outcome === "report_in_workspace"),
  );
  const gap = acceptedGap(run, answered);
  const checks = consult(session, "meta-prism", "check the dispatch plan", () =>
    gate3Checks({ run, facts, plan, packets, agents: catalog.agents, gap }),
  );
  const verdict = consult(
    session,
    "meta-warden",
    "pass Gate 3",
    () => judgeGate(checks),
    (result) => result === "FAIL",
  );
  const envelope: DispatchEnvelopePacket = {
    lanes: packets.map((packet) => packet.laneId),
    concurrency: plan.concurrency,
    gate3: { verdict, checks },
  };
  const blueprint: AgentBlueprintPacket = {
    roles,
    roleCoverageGate: roles.length === plan.lanes.length ? "pass" : "fail",
    missingRoles: plan.lanes
      .filter(({ laneId }) => !roles.some((role) => role.artifactNamespace === laneId))
      .map(({ laneId }) => laneId),
    governanceStageCoverage: governanceStageCoverage([...run.invocations, ...session.invocations]),
  };
  const { preflightPacket } = run.packets;
  return {
    kind: "thinking.planned",
    invocations: session.invocations,
    packets: {
      runHeader: headerOf(run, facts, plan, answered),
      businessFlowBlueprintPacket: businessFlow(facts, plan),
      agentBlueprintPacket: blueprint,
      ...(gap === undefined ? {} : { capabilityGapPacket: gap }),
      dispatchEnvelopePacket: envelope,
      dispatchBoard: board,
      workerTaskPackets: packets,
      ...(preflightPacket === undefined
        ? {}
        : {
            preflightPacket: {
              ...preflightPacket,
              ...scope,
              plannedAgents: [...new Set(roles.map((role) => role.ownerAgent))],
            },
          }),
    },
  };
}

type Answered = Extract<Decision, { status: "answered" }>;

/** The last answered confirmation; standing answers are kept in the same place. */
function answeredConfirmation(run: Run): Answered {
  const decision = run.decisions.findLast(
    (known): known is Answered => known.kind === "execution_confirmation" && known.status === "answered",
  );
  if (decision === undefined) {
    throw new GateError("gate.no_choice", "Expected an answered confirmation before planning; there is none.");
  }
  return decision;
}

function emptySelection(decision: Answered): GateError {
  const answers = Object.entries(decision.answers).map(([question, option]) => `${question}: ${option}`);
  return new GateError(
    "gate.empty_selection",
    `These answers leave nothing to do (${answers.join(", ")}). Start the run again with a selection that the other answers do not exclude.`,
  );
}

/** The card named the missing lanes as left out, and it was answered: the gap is accepted for this run (G26). */
function acceptedGap(run: Run, decision: Answered): CapabilityGapPacket | undefined {
  const gap = run.packets.capabilityGapPacket;
  if (gap === undefined) return undefined;
  const who = decision.how === "person" ? "the person who answered the card" : "standing instruction";
  return {
    ...gap,
    resolutionAction: "accepted_gap",
    reason: `${gap.reason}; accepted by ${who} for this run, kept for Evolution`,
  };
}

function headerOf(run: Run, facts: RunFacts, plan: ChosenPlan, decision: Answered): RunHeader {
  return {
    runId: run.runId,
    goal: run.task.goal,
    type: facts.classification.type,
    path: run.path,
    macroId: facts.macro.id,
    // Questions that were not asked hold their baseline; it is part of what was chosen.
    chosen: {
      ...BASELINE,
      ...decision.answers,
      scope: scopeHeld(facts.macro, choicesOf(decision.questions, decision.answers), decision.argsChosen),
    },
    args: plan.args,
    outcome: plan.outcome,
    treats: plan.treats,
    // Every owner is a loaded agent with a runtime that starts processes; Gate 3 has checked it.
    subagentStatus: "available",
    subagentReason: null,
  };
}
