import { consult, openSession } from "../../governance/consult.ts";
import { succeededLanes, weaknesses } from "../lane-checks.ts";
import type { ReviewInput, StepResult } from "../step.ts";
import { packetOf } from "../transitions/lanes.ts";

/** Meta-Review: the warden has the checks themselves checked on an empty and on a wrong result. */
export function metaReviewStep(input: ReviewInput): StepResult<"meta_review.completed"> {
  const { run, at } = input;
  const session = openSession("meta_review", at);
  const { weak, unproven } = consult(session, "meta-prism", "try the checks on empty and wrong results", () =>
    weaknesses(input),
  );
  const doubtful = new Set([...weak, ...unproven].map(({ laneId, stepId }) => `${laneId}/${stepId}`));
  const lanesWithoutStrongStep = consult(
    session,
    "meta-warden",
    "judge whether each lane has a check that proves something",
    () =>
      succeededLanes(run)
        .map((lane) => lane.laneId)
        .filter((laneId) =>
          (packetOf(run, laneId)?.verifySteps ?? []).every((step) => doubtful.has(`${laneId}/${step.id}`)),
        ),
    (lanes) => lanes.length > 0,
  );
  return {
    kind: "meta_review.completed",
    invocations: session.invocations,
    packets: { metaReviewPacket: { checkedAt: at, weakSteps: weak, lanesWithoutStrongStep, unproven } },
    outcomes: weak.map(({ laneId, stepId, why }) => ({ laneId, stepId, passed: true, weak: true, detail: why })),
  };
}
