import type { GovernanceAgent } from "../../contracts/agent.ts";
import type { EventOf } from "../../contracts/event.ts";
import type { Failure } from "../../contracts/failure.ts";
import type { WorkerTaskPacket } from "../../contracts/packets/thinking.ts";
import type { LaneState, Run } from "../../contracts/run.ts";
import { raw } from "../../contracts/text.ts";
import { keyed } from "../../i18n.ts";
import { blockedLanesDecision } from "../policy-decision.ts";
import {
  advance,
  change,
  dispatchStep,
  dispatchWork,
  isOpenDispatch,
  openDecision,
  publish,
  type Transition,
} from "../run-changes.ts";
import { bounced } from "../deadlock.ts";
import { laneTitle } from "../lane-title.ts";
import { unknownOutcomeDecision } from "../unknown-outcome.ts";
import { bury } from "./bury.ts";
import { succeedDispatch } from "./fence.ts";
import { laneCounts, setLane } from "./lane-state.ts";

/** How often Review may send work back (issue of the main job: at most three rounds). */
export const REVISION_ROUNDS = 3;
/** Who runs a check is found by capability when it starts. */
const BY_CAPABILITY = "by-capability";

export function packetOf(run: Run, laneId: string): WorkerTaskPacket | undefined {
  return run.packets.workerTaskPackets?.find((packet) => packet.laneId === laneId);
}

export function succeedLane(run: Run, event: EventOf<"lane.succeeded">): Transition {
  const next = succeedDispatch(run, event);
  const dispatch = run.dispatches.find((known) => known.dispatchId === event.dispatchId);
  if (dispatch?.work.kind !== "lane") return next;
  const { laneId } = dispatch.work;
  const succeeded: LaneState = {
    ...laneCounts(run, laneId),
    status: "succeeded",
    result: event.result,
    endedAt: event.at,
  };
  const kept = change(setLane(next, succeeded), { artifacts: mergeArtifacts(run, event.result.artifacts) });
  return afterLanes(kept, event.at);
}

function mergeArtifacts(run: Run, added: Run["artifacts"]): Run["artifacts"] {
  const paths = new Set(added.map((artifact) => artifact.path));
  return [...run.artifacts.filter((artifact) => !paths.has(artifact.path)), ...added];
}

/** Hands out the lanes whose predecessors have ended well. */
export function dispatchReadyLanes(transition: Transition, at: number): Transition {
  return Object.values(transition.run.lanes)
    .filter((lane) => isReady(transition.run, lane))
    .reduce(
      (next, lane) =>
        dispatchWork(
          next,
          { kind: "lane", laneId: lane.laneId, revision: lane.revision },
          packetOf(next.run, lane.laneId)?.ownerAgent ?? BY_CAPABILITY,
          at,
        ),
      transition,
    );
}

function isReady(run: Run, lane: LaneState): boolean {
  if (lane.status !== "waiting" || openLaneDispatches(run).some((dispatch) => dispatch.laneId === lane.laneId))
    return false;
  const before = packetOf(run, lane.laneId)?.dependsOn ?? [];
  return before.every((id) => {
    const state = run.lanes[id]?.status;
    return state === "succeeded" || state === "accepted_unknown";
  });
}

function openLaneDispatches(run: Run): { laneId: string }[] {
  return run.dispatches.flatMap((dispatch) =>
    isOpenDispatch(dispatch) && dispatch.work.kind === "lane" ? [{ laneId: dispatch.work.laneId }] : [],
  );
}

/** After a lane has ended: the next lanes, or, when nothing runs any more, what follows from how all ended. */
export function afterLanes(transition: Transition, at: number): Transition {
  const next = publish(dispatchReadyLanes(transition, at), "notice");
  const { run } = next;
  if (openLaneDispatches(run).length > 0) return next;
  const lanes = Object.values(run.lanes);
  const unknown = lanes.filter((lane) => lane.status === "outcome_unknown");
  if (unknown.length > 0) {
    return openDecision(
      next,
      unknownOutcomeDecision(
        run,
        unknown.map((lane) => lane.laneId),
        at,
      ),
    );
  }
  const blocked = lanes.filter((lane) => lane.status === "blocked");
  if (blocked.length > 0) return openDecision(next, blockedLanesDecision(run, blocked, at));
  const failed = lanes.flatMap((lane) => (lane.status === "failed" ? [lane] : []));
  if (failed.length > 0) return bury(next, lanesFailure(run, failed), at);
  return startChecks(run.stage === "execution" ? advance(next, at).transition : next, at);
}

/** What stopped several lanes at once (their workspace is gone, say) is one cause, and said once. */
function lanesFailure(run: Run, failed: Extract<LaneState, { status: "failed" }>[]): Failure {
  const causes = Map.groupBy(failed, ({ failure }) => JSON.stringify(failure.text));
  const evidence = new Map(
    failed.flatMap(({ failure }) => failure.evidence).map((item) => [JSON.stringify(item), item]),
  );
  return {
    code: failed[0]?.failure.code ?? "lane.failed",
    retryable: false,
    text: keyed("failure.lanes", {
      reasons: [...causes.values()].map((lanes) =>
        keyed("failure.lane", {
          lane: lanes.map(({ laneId }) => laneTitle(run, laneId)),
          reason: lanes[0]?.failure.text ?? raw(""),
          attempts: lanes.reduce((sum, { attempts }) => sum + attempts, 0),
        }),
      ),
    }),
    evidence: [...evidence.values()],
  };
}

function revisedLanes(run: Run): string[] {
  const open = run.workFindings.filter((finding) => finding.status.kind === "open").map((finding) => finding.laneId);
  return [...new Set(open)];
}

/**
 * Verify steps that run something go to workers first (G1); then the stage's own reading begins. Review checks all
 * lanes, Verification what was revised; a check that has ended since its lane did is not made again.
 */
export function startChecks(transition: Transition, at: number): Transition {
  const { run } = transition;
  const steps = (run.stage === "review" ? Object.keys(run.lanes) : revisedLanes(run)).flatMap((laneId) => {
    if (run.lanes[laneId]?.status !== "succeeded") return [];
    const verify = packetOf(run, laneId)?.verifySteps ?? [];
    return verify.flatMap(({ kind, id }) =>
      kind === "command" && !isChecked(run, laneId, id) ? [{ laneId, stepId: id }] : [],
    );
  });
  if (steps.length === 0) return dispatchReading(transition, at);
  return steps.reduce(
    (next, step) => dispatchWork(next, { kind: "check", ...step, round: run.revisionRound }, BY_CAPABILITY, at),
    transition,
  );
}

function isChecked({ dispatches }: Run, laneId: string, stepId: string): boolean {
  const lane = dispatches.findLastIndex(({ work }) => work.kind === "lane" && work.laneId === laneId);
  return dispatches
    .slice(lane + 1)
    .some(
      ({ work, status }) =>
        work.kind === "check" && work.laneId === laneId && work.stepId === stepId && status === "succeeded",
    );
}

function dispatchReading(transition: Transition, at: number): Transition {
  return dispatchStep(transition, transition.run.stage === "review" ? "review" : "verification", at);
}

export function completeCheck(run: Run, event: EventOf<"check.completed">): Transition {
  const next = change(succeedDispatch(run, event), { stepOutcomes: [...run.stepOutcomes, event.outcome] });
  const open = next.run.dispatches.some((dispatch) => isOpenDispatch(dispatch) && dispatch.work.kind === "check");
  return open ? next : dispatchReading(next, event.at);
}

/** Sends the work with open findings back to its workers; what they do is checked afresh afterwards (G33). */
export function startRevision(transition: Transition, by: GovernanceAgent, at: number): Transition {
  const round = transition.run.revisionRound + 1;
  const sentBack = revisedLanes(transition.run).reduce(
    (next, laneId) => setLane(next, { laneId, revision: round, attempts: 0, status: "waiting" }),
    change(transition, { revisionRound: round, bounces: bounced(transition.run, by, at) }),
  );
  return publish(dispatchReadyLanes(sentBack, at), "notice");
}

export function mayRevise(run: Run): boolean {
  return run.revisionRound < REVISION_ROUNDS && run.workFindings.some((finding) => finding.status.kind === "open");
}
