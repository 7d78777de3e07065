import { createHash } from "node:crypto";
import type { GovernanceAgent } from "../contracts/agent.ts";
import type { WorkFinding } from "../contracts/finding.ts";
import type { ArbitrationPacket } from "../contracts/packets/closing.ts";
import type { Run } from "../contracts/run.ts";
import { latestOutcomes, type StepOutcome } from "../contracts/verify-step.ts";
import { arbitrate, type StuckLane } from "../governance/warden.ts";

/** What is sent back on the same evidence more often than this is a deadlock (G15). */
const BOUNCES = 2;

type Bounce = NonNullable<Run["bounces"]>[number];

/** Work is sent back once more: by whom, and what was known then. */
export function bounced(run: Run, by: GovernanceAgent, at: number): Bounce[] {
  return [...(run.bounces ?? []), { by, at, evidence: evidenceOf(run) }];
}

/** Does the loop have to stop? It was arbitrated before, or nothing new has come in since the last bounces. */
export function isDeadlocked(run: Run): boolean {
  if (stuckLanes(run).length === 0) return false;
  return wasArbitrated(run) || onSameEvidence(run).length >= BOUNCES;
}

/** The warden's word on a deadlock; pure, and of this run alone. */
export function arbitrationOf(run: Run, at: number): ArbitrationPacket {
  const stuck = stuckLanes(run);
  const sound = Object.values(run.lanes).flatMap(({ laneId, status }) =>
    status === "succeeded" && !stuck.includes(laneId) ? [laneId] : [],
  );
  const bounces = onSameEvidence(run);
  return {
    at,
    ...arbitrate(
      stuck.map((laneId) => aboutLane(run, laneId, stuck)),
      sound,
      wasArbitrated(run),
    ),
    bounces: bounces.length,
    bouncedBy: [...new Set(bounces.map(({ by }) => by))],
    lanes: stuck,
    redrives: run.redrives,
  };
}

/** Findings and outcomes of a run once Verification has looked; what it had known of checks stays said. */
export function afterVerification(
  run: Run,
  { findings, outcomes }: { readonly findings: readonly WorkFinding[]; readonly outcomes: readonly StepOutcome[] },
): Pick<Run, "workFindings" | "stepOutcomes"> {
  const updated = new Map(findings.map((finding) => [finding.id, finding]));
  const known = new Set(run.workFindings.map((finding) => finding.id));
  return {
    workFindings: [
      ...run.workFindings.map((finding) => updated.get(finding.id) ?? finding),
      ...findings.filter((finding) => !known.has(finding.id)),
    ],
    stepOutcomes: [...run.stepOutcomes, ...outcomes.map((outcome) => asWeakAsBefore(run, outcome))],
  };
}

/** A check does not become stronger by being repeated: what Meta-Review found out about it stays said. */
function asWeakAsBefore(run: Run, outcome: StepOutcome): StepOutcome {
  const wasWeak = run.stepOutcomes.some(
    ({ laneId, stepId, weak }) => weak && laneId === outcome.laneId && stepId === outcome.stepId,
  );
  return wasWeak ? { ...outcome, weak: true } : outcome;
}

function stuckLanes(run: Run): string[] {
  return [...new Set(openFindings(run).map(({ laneId }) => laneId))];
}

function openFindings(run: Run): WorkFinding[] {
  return run.workFindings.filter((finding) => finding.status.kind === "open");
}

function wasArbitrated({ packets, redrives }: Run): boolean {
  return packets.arbitrationPacket?.redrives === redrives;
}

/** The last bounces that knew no more than is known now. */
function onSameEvidence(run: Run): Bounce[] {
  const now = evidenceOf(run);
  const all = run.bounces ?? [];
  const differs = all.findLastIndex(({ evidence }) => evidence !== now);
  return all.slice(differs + 1);
}

/** What is wrong, what the checks said, and what the workers left: new is what changes any of it. Never a time or a path of an attempt. */
function evidenceOf(run: Run): string {
  const stuck = stuckLanes(run);
  const said = latestOutcomes(run)
    .filter(({ laneId, passed }) => !passed && stuck.includes(laneId))
    .map(({ laneId, stepId, detail }) => [laneId, stepId, detail]);
  const left = stuck.map((laneId) => {
    const lane = run.lanes[laneId];
    const result = lane?.status === "succeeded" ? lane.result : undefined;
    return [result?.exitCode, result?.facts, result?.findings.map(({ code, file, line }) => [code, file, line])];
  });
  const wrong = openFindings(run).map(({ id }) => id.split("#")[0]);
  return createHash("sha256")
    .update(JSON.stringify([wrong, said, left]))
    .digest("hex")
    .slice(0, 16);
}

function aboutLane(run: Run, laneId: string, stuck: readonly string[]): StuckLane {
  const { workerTaskPackets = [], businessFlowBlueprintPacket, metaReviewPacket } = run.packets;
  const doubtful = [...(metaReviewPacket?.weakSteps ?? []), ...(metaReviewPacket?.unproven ?? [])];
  const failing = openFindings(run).filter((finding) => finding.laneId === laneId);
  return {
    laneId,
    required: businessFlowBlueprintPacket?.requiredLanes.some((lane) => lane.laneId === laneId) ?? true,
    writes: (workerTaskPackets.find((packet) => packet.laneId === laneId)?.writes ?? []).length > 0,
    builtUpon: workerTaskPackets.some((packet) => packet.dependsOn.includes(laneId) && !stuck.includes(packet.laneId)),
    doubtfulChecks: failing.every(({ stepId }) =>
      doubtful.some((step) => step.laneId === laneId && step.stepId === stepId),
    ),
  };
}
