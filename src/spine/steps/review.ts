import type { Finding, Unavailable } from "../../contracts/finding.ts";
import type { ReviewPacket } from "../../contracts/packets/closing.ts";
import type { Run } from "../../contracts/run.ts";
import { raw } from "../../contracts/text.ts";
import type { StepOutcome } from "../../contracts/verify-step.ts";
import { consult, openSession } from "../../governance/consult.ts";
import { keyed } from "../../i18n.ts";
import { commandOutcomes, findingsOf, readChecks, succeededLanes } from "../lane-checks.ts";
import { laneTitle } from "../lane-title.ts";
import { keptPrinciples } from "../principles.ts";
import { governanceStageCoverage } from "../stage-coverage.ts";
import type { ReviewInput, StepResult } from "../step.ts";

/** Review: meta-prism checks every result against its steps, by reading only; the warden takes note (G33). */
export function reviewStep(input: ReviewInput): StepResult<"review.completed"> {
  const { run, at } = input;
  const session = openSession("review", at);
  const read = consult(session, "meta-prism", "check results against their steps", () => readChecks(input));
  const outcomes = [...read, ...commandOutcomes(run)];
  const findings = consult(
    session,
    "meta-warden",
    "decide what goes back to its worker",
    () => findingsOf(run, outcomes, at),
    (found) => found.length > 0,
  );
  const designPrinciples = consult(session, "meta-prism", "design principles", () => keptPrinciples(run));
  const blueprint = run.packets.agentBlueprintPacket;
  const reviewPacket: ReviewPacket = {
    checkedAt: at,
    lanes: countByLane(run, outcomes),
    findings: workspaceFindings(run),
    unavailable: workspaceGaps(run),
    designPrinciples,
  };
  return {
    kind: "review.completed",
    invocations: session.invocations,
    packets: {
      reviewPacket,
      // Planned before Review had begun; now it is known who took part in it (G23).
      ...(blueprint === undefined
        ? {}
        : {
            agentBlueprintPacket: {
              ...blueprint,
              governanceStageCoverage: governanceStageCoverage([...run.invocations, ...session.invocations]),
            },
          }),
    },
    outcomes: read,
    findings,
  };
}

function countByLane(run: Run, outcomes: readonly StepOutcome[]): ReviewPacket["lanes"] {
  return succeededLanes(run).map(({ laneId }) => {
    const own = outcomes.filter((outcome) => outcome.laneId === laneId);
    const passed = own.filter((outcome) => outcome.passed).length;
    return { laneId, passed, failed: own.length - passed };
  });
}

/** Everything that the workers found in the workspace, with ids that stay the same when they find it again. */
export function workspaceFindings(run: Run): Finding[] {
  return succeededLanes(run).flatMap((lane) =>
    lane.result.findings.map((finding, index) => ({
      ...finding,
      id: [lane.laneId, finding.code, finding.file ?? "-", finding.line ?? index].join(":"),
      laneId: lane.laneId,
    })),
  );
}

/** Everything that could not be checked: what workers said, and lanes that people chose to leave unknown. */
export function workspaceGaps(run: Run): Unavailable[] {
  return Object.values(run.lanes).flatMap((lane): Unavailable[] => {
    if (lane.status === "succeeded") return lane.result.unavailable.map((gap) => ({ laneId: lane.laneId, ...gap }));
    if (lane.status === "left_out") {
      const place = raw(`${lane.rule.file}:${lane.rule.line}`);
      const text = keyed("unavailable.lane_left_out", { place, rule: raw(lane.rule.text) });
      return [{ laneId: lane.laneId, code: "lane.left_out", text }];
    }
    if (lane.status !== "accepted_unknown") return [];
    return [
      {
        laneId: lane.laneId,
        code: "lane.outcome_unknown",
        text: keyed("unavailable.lane_unknown", { lane: laneTitle(run, lane.laneId) }),
      },
    ];
  });
}
