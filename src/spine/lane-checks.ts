import type { Evidence, WorkFinding } from "../contracts/finding.ts";
import type { LaneState, Run } from "../contracts/run.ts";
import type { StepOutcome } from "../contracts/verify-step.ts";
import { keyed } from "../i18n.ts";
import { laneTitle } from "./lane-title.ts";
import type { ReviewInput } from "./step.ts";
import { packetOf } from "./transitions/lanes.ts";
import { checkStep, weaknessOf, type Comparison } from "./verify.ts";

type Succeeded = Extract<LaneState, { status: "succeeded" }>;

export function succeededLanes(run: Run): Succeeded[] {
  return Object.values(run.lanes).flatMap((lane) => (lane.status === "succeeded" ? [lane] : []));
}

function comparisonFor(input: ReviewInput, laneId: string): Comparison {
  return {
    laneId,
    evidence: input.run.packets.contentEvidencePacket?.workspace,
    linesOf: (path) => input.lines.get(`${laneId}\n${path}`),
    artifactAt: (path) => input.artifacts.get(path),
  };
}

/** Checks every lane that ended well by all of its steps that only read. */
export function readChecks(input: ReviewInput): StepOutcome[] {
  return succeededLanes(input.run).flatMap((lane) =>
    (packetOf(input.run, lane.laneId)?.verifySteps ?? []).flatMap((step): StepOutcome[] => {
      if (step.kind === "command") return [];
      const verdict = checkStep(step, lane.result, comparisonFor(input, lane.laneId));
      return [{ laneId: lane.laneId, stepId: step.id, weak: false, ...verdict }];
    }),
  );
}

/** The last outcome of every check that a worker ran. */
export function commandOutcomes(run: Run): StepOutcome[] {
  return succeededLanes(run).flatMap((lane) =>
    (packetOf(run, lane.laneId)?.verifySteps ?? []).flatMap((step) => {
      if (step.kind !== "command") return [];
      const last = run.stepOutcomes.findLast((outcome) => outcome.laneId === lane.laneId && outcome.stepId === step.id);
      return last === undefined ? [] : [last];
    }),
  );
}

export interface Weakness {
  readonly laneId: string;
  readonly stepId: string;
  readonly why: string;
}

/** The steps that would also pass on an empty or wrong result, and those for which that cannot be told. */
export function weaknesses(input: ReviewInput): { weak: Weakness[]; unproven: Weakness[] } {
  const weak: Weakness[] = [];
  const unproven: Weakness[] = [];
  for (const lane of succeededLanes(input.run)) {
    for (const step of packetOf(input.run, lane.laneId)?.verifySteps ?? []) {
      const place = { laneId: lane.laneId, stepId: step.id };
      if (step.kind === "command") {
        unproven.push({ ...place, why: "it runs a command; what it would say of a wrong result was not tried" });
        continue;
      }
      const why = weaknessOf(step, lane.result, comparisonFor(input, lane.laneId));
      if (why !== undefined) weak.push({ ...place, why });
    }
  }
  return { weak, unproven };
}

/** What is wrong with the work: one open finding for each check that did not pass. */
export function findingsOf(run: Run, outcomes: readonly StepOutcome[], at: number): WorkFinding[] {
  return outcomes
    .filter((outcome) => !outcome.passed)
    .map(({ laneId, stepId, detail }) => ({
      id: `${laneId}/${stepId}`,
      laneId,
      stepId,
      severity: "high",
      text: keyed("work_finding.step_failed", { lane: laneTitle(run, laneId), step: stepId, detail }),
      evidence: [checkEvidence(laneId, stepId, run.revisionRound)],
      foundAt: at,
      round: run.revisionRound,
      status: { kind: "open" },
    }));
}

/** A check that was made in this round of revision. */
export function checkEvidence(laneId: string, stepId: string, round: number): Evidence {
  return { kind: "measure", name: `${laneId}/${stepId}`, value: round, unit: "round" };
}
