import type { GovernanceAgent } from "../contracts/agent.ts";
import type { ChangeState, WorkspaceChange } from "../contracts/change.ts";
import type { EventOf } from "../contracts/event.ts";
import type { ArbitrationPacket } from "../contracts/packets/closing.ts";
import type { Packets } from "../contracts/packets/packets.ts";
import type { WorkerTaskPacket } from "../contracts/packets/thinking.ts";
import { isViolation, type PolicyVerdict } from "../contracts/policy.ts";
import type { Invocation, Run } from "../contracts/run.ts";
import type { StageKey } from "../contracts/stage.ts";
import { GateError } from "../errors.ts";
import { refuseExecution } from "../governance/consult.ts";
import { judgeCard } from "../governance/prism.ts";
import { undeclaredPaths } from "./declared-writes.ts";
import { KEEP_QUESTION } from "./permission.ts";

/** Refuses an event that would break a condition of the protocol; the run stays as it was. */
function demand(condition: boolean, code: string, message: string): asserts condition {
  if (!condition) throw new GateError(code, message);
}

/** The governance agent that must really have run before a stage may end (G31). */
const REQUIRED_AGENT: Partial<Record<StageKey, GovernanceAgent>> = {
  critical: "meta-warden",
  thinking: "meta-conductor",
  review: "meta-prism",
  meta_review: "meta-warden",
  verification: "meta-warden",
};

/** G31: the stage's governance agent is in the dispatch chain because it ran. */
export function requireGovernance(run: Run, stage: StageKey, invocations: readonly Invocation[]): void {
  const agent = REQUIRED_AGENT[stage];
  const ran = [...run.invocations, ...invocations].some((entry) => entry.agent === agent && entry.stage === stage);
  demand(agent === undefined || ran, "gate.governance_missing", `${stage} cannot end: ${agent} has not run in it.`);
}

/** The run is where this event belongs. */
export function requireStage(run: Run, ...stages: StageKey[]): void {
  demand(
    stages.includes(run.stage),
    "gate.wrong_stage",
    `Expected the run in ${stages.join(" or ")}, it is in ${run.stage}.`,
  );
}

/** Gate 1 (G18): Critical ends only when the request is clear, or one blocking question was put. */
export function requireClarity(event: EventOf<"critical.completed">): void {
  const { taskClassification, intentGatePacket, preflightPacket } = event.packets;
  demand(
    taskClassification !== undefined && intentGatePacket !== undefined && preflightPacket !== undefined,
    "gate.critical_packets",
    "Critical ends with a classification, an intent and a preflight packet.",
  );
  const settled = event.clarification !== undefined || event.refusal !== undefined;
  demand(
    settled || intentGatePacket.clarity !== "blocked",
    "gate.clarity",
    `The request is not clear (${intentGatePacket.blockingQuestion ?? "no question was put"}): ask before Fetch.`,
  );
}

/** G8, G14: the fast path is for queries, which only read; everything else walks through Execution and its checks. */
export function requireRoute(event: EventOf<"critical.completed">): void {
  const taskClass = event.packets.taskClassification?.taskClass ?? "task";
  const isQuery = taskClass === "query";
  demand(
    (event.path === "fast_path") === isQuery && event.queryBypass === isQuery,
    "gate.route",
    `Only a query walks the fast_path, and without a card; this is of class ${taskClass} on the ${event.path}.`,
  );
}

/** G8, G28: a query ends with the answer that Fetch gathered, and with the recorded reason why nobody was asked. */
export function requireAnswer(run: Run, packets: Packets): void {
  demand(
    run.queryBypass && run.path === "fast_path",
    "gate.not_a_query",
    "Only a query on the fast_path may end without a confirmation and without work.",
  );
  requireFetchRecord(packets);
  demand(
    packets.contentEvidencePacket?.answer !== undefined,
    "gate.answer",
    "A query ends with what Fetch found; Fetch left no answer.",
  );
  const frame = packets.preDecisionOptionFrame;
  demand(
    frame?.choiceGateSkip?.reason === "query_bypass" && !frame.userChoiceRequired && frame.quality.passed,
    "gate.choice_skip_unrecorded",
    "The confirmation may be left out only with a recorded reason.",
  );
}

/** G3: each kind of question at its moment only. */
export function requireClarificationAllowed(run: Run): void {
  demand(
    run.stage === "critical" && run.choiceSurfaceState === "not_allowed",
    "gate.choice_surface",
    `A clarification is allowed in Critical only; the run is in ${run.stage} (${run.choiceSurfaceState}).`,
  );
}

/** The fetch record gate (G28): no Thinking without a capability search and honest research. */
export function requireFetchRecord(packets: Packets): void {
  const { fetchRecord, contentEvidencePacket } = packets;
  demand(fetchRecord !== undefined, "gate.fetch_record", "Thinking needs a fetch record; Fetch left none.");
  demand(
    contentEvidencePacket !== undefined,
    "gate.content_evidence",
    "Thinking needs content evidence; Fetch left none.",
  );
  demand(
    fetchRecord.capabilitySearchPerformed,
    "gate.capability_search",
    "Thinking needs the capability search; it was not performed.",
  );
  if (fetchRecord.researchRequired) {
    demand(
      fetchRecord.researchValidationPerformed,
      "gate.research_validation",
      "This task depends on outside facts, and they were not checked.",
    );
    demand(
      contentEvidencePacket.researchCapabilityDiscovery !== null,
      "gate.research_discovery",
      "Research was required, and how to retrieve was not recorded.",
    );
  } else {
    demand(
      contentEvidencePacket.researchSkipReason !== null,
      "gate.research_skip_reason",
      "Research was left out without a recorded reason.",
    );
  }
  demand(
    contentEvidencePacket.sufficiency.enough,
    "gate.evidence_insufficient",
    `The evidence is not enough to plan on: ${contentEvidencePacket.sufficiency.reason}`,
  );
}

/** G3, G7, G8: one confirmation with real options, or a recorded reason for its absence. */
export function requireOptionFrame(run: Run, event: EventOf<"thinking.framed">): void {
  requireFetchRecord(run.packets);
  demand(!run.queryBypass, "gate.choice_surface", "A query is answered and asks nothing; there is no confirmation.");
  demand(
    run.choiceSurfaceState === "not_allowed",
    "gate.choice_surface",
    `A second confirmation is not allowed (${run.choiceSurfaceState}).`,
  );
  const frame = event.packets.preDecisionOptionFrame;
  demand(frame !== undefined, "gate.option_frame", "A confirmation needs the option frame of Thinking; there is none.");
  demand(
    frame.quality.passed,
    "gate.option_quality",
    `The options are not good enough to ask: ${frame.quality.remarks.join("; ")}`,
  );
  const { decision, standing } = event;
  demand(
    decision.kind === "execution_confirmation",
    "gate.choice_surface",
    `After Thinking comes the confirmation, not a ${decision.kind}.`,
  );
  const remarks = judgeCard(decision.questions);
  demand(remarks.length === 0, "gate.option_quality", `The options are not good enough to ask: ${remarks.join("; ")}`);
  demand(
    (standing === undefined) === (frame.choiceGateSkip === null),
    "gate.choice_skip_unrecorded",
    "The confirmation may be left out only with a recorded reason.",
  );
}

/** G32, G26, Gate 3 (G18): nothing is dispatched before the choice, the packets, and a plan that passed. */
export function requireDispatchPlan(run: Run, packets: Packets): void {
  demand(run.path !== "fast_path", "gate.fast_path", "Nothing is dispatched on the fast_path; it only reads.");
  requireChoiceMade(run);
  const {
    runHeader,
    businessFlowBlueprintPacket,
    agentBlueprintPacket,
    dispatchEnvelopePacket,
    dispatchBoard,
    workerTaskPackets,
  } = packets;
  demand(
    runHeader !== undefined &&
      businessFlowBlueprintPacket !== undefined &&
      agentBlueprintPacket !== undefined &&
      dispatchEnvelopePacket !== undefined &&
      dispatchBoard !== undefined &&
      workerTaskPackets !== undefined,
    "gate.protocol_packets",
    "Execution needs run header, business flow, agent blueprint, dispatch envelope, dispatch board and worker packets.",
  );
  const failed = dispatchEnvelopePacket.gate3.checks.filter((check) => !check.passed);
  demand(
    dispatchEnvelopePacket.gate3.verdict === "PASS" && failed.length === 0,
    "gate.dispatch_plan",
    `The dispatch plan did not pass: ${failed.map((check) => `${check.check} (${check.detail})`).join("; ")}`,
  );
  demand(
    agentBlueprintPacket.roleCoverageGate === "pass",
    "gate.role_coverage",
    `Nobody was found for: ${agentBlueprintPacket.missingRoles.join(", ")}`,
  );
  const gap = packets.capabilityGapPacket ?? run.packets.capabilityGapPacket;
  demand(
    gap === undefined || gap.resolutionAction !== null,
    "gate.capability_gap",
    `A capability is missing and nothing was resolved about it: ${gap?.missing.join(", ")}`,
  );
  requireWorkerPackets(dispatchEnvelopePacket.lanes, workerTaskPackets);
}

function requireWorkerPackets(lanes: readonly string[], packets: NonNullable<Packets["workerTaskPackets"]>): void {
  const known = new Set(packets.map((packet) => packet.laneId));
  demand(
    lanes.length === packets.length && lanes.every((lane) => known.has(lane)),
    "gate.worker_packets",
    `Every lane has exactly one worker packet. Lanes: ${lanes.join(", ")}; packets: ${[...known].join(", ")}.`,
  );
  for (const packet of packets) {
    refuseExecution(packet.ownerAgent);
    demand(
      packet.dependsOn.every((lane) => known.has(lane)),
      "gate.worker_packets",
      `Lane "${packet.laneId}" waits for a lane that is not dispatched (${packet.dependsOn.join(", ")}).`,
    );
  }
  const ids = new Set(packets.map((packet) => packet.roleInstanceId));
  demand(ids.size === packets.length, "gate.worker_packets", "Two workers have the same role instance.");
}

/** The choice was made by a person, or its absence was recorded (G3, G8). */
export function requireChoiceMade(run: Run): void {
  const answered = run.decisions.some(
    (decision) => decision.kind === "execution_confirmation" && decision.status === "answered",
  );
  demand(
    run.choiceSurfaceState === "completed" && answered,
    "gate.no_dispatch_before_choice",
    "Nothing is dispatched before the confirmation was answered or its skip was recorded.",
  );
}

/** G1, G2: only an execution agent does a lane's or a check's work, and only after the plan passed. */
export function requireDispatchable(run: Run, agent: string): void {
  refuseExecution(agent);
  requireDispatchPlan(run, run.packets);
}

/** M6: what a rule forbids does not start, whoever asks for it. */
export function requireNoViolation(verdicts: readonly PolicyVerdict[]): void {
  const broken = verdicts.filter(isViolation).map(({ rule, subject }) => `${rule.file}:${rule.line} (${subject})`);
  demand(broken.length === 0, "gate.policy", `Rules forbid this: ${broken.join(", ")}`);
}

/** Only a checked change is offered, only what the lane had declared, and never where the goal forbids writes (G35). */
export function requireOfferable(run: Run, packet: WorkerTaskPacket, change: WorkspaceChange): void {
  requireChoiceMade(run);
  const { verificationPacket, taskClassification } = run.packets;
  demand(
    verificationPacket !== undefined && verificationPacket.publication.every((entry) => entry.holds),
    "gate.change_unverified",
    "A change is offered only after Verification has passed.",
  );
  demand(
    taskClassification?.readOnlyRequested !== true,
    "gate.read_only",
    "The goal forbids changes, so none may be kept.",
  );
  const stray = undeclaredPaths(change, packet.writes);
  demand(
    stray.length === 0,
    "gate.undeclared_write",
    `"${packet.laneId}" may write ${packet.writes.join(", ")}; it also changed ${stray.join(", ")}.`,
  );
}

/** G3, G33: nothing leaves a run's copies without a person's own permission for this very change. */
export function requirePermission(run: Run, change: ChangeState): void {
  const decision = run.decisions.find((known) => known.decisionId === change.decisionId);
  const permitted =
    decision?.kind === "permission" &&
    decision.status === "answered" &&
    decision.how === "person" &&
    decision.answers[KEEP_QUESTION] === "keep_branch";
  demand(permitted, "gate.write_permission", `Nobody has permitted to keep the change of "${change.laneId}".`);
}

/** G15: a loop that brings nothing new is arbitrated, and nothing else is. */
export function requireArbitration(deadlocked: boolean, packet: ArbitrationPacket | undefined): void {
  demand(
    deadlocked === (packet !== undefined),
    "gate.arbitration",
    deadlocked
      ? "Work was sent back on the same evidence again and again; the warden has to arbitrate before it goes on."
      : "Nothing is stuck, so there is nothing to arbitrate.",
  );
}

/** «Completed» is said only when every condition of publication holds (G33). */
export function requirePublication(run: Run, packets: Packets): void {
  const verification = packets.verificationPacket ?? run.packets.verificationPacket;
  const missing = verification?.publication.filter((entry) => !entry.holds) ?? [];
  const answered = run.path === "fast_path" && packets.contentEvidencePacket?.answer !== undefined;
  demand(
    answered || (verification !== undefined && missing.length === 0),
    "gate.publication",
    `Not complete yet: ${missing.map((entry) => entry.detail).join("; ") || "nothing was verified"}`,
  );
  demand(
    (packets.evolutionWritebackPacket ?? run.packets.evolutionWritebackPacket) !== undefined,
    "gate.writeback_decision",
    "A run ends with a writeback decision; there is none.",
  );
}
