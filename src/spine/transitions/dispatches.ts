import type { Dispatch } from "../../contracts/dispatch.ts";
import type { EventOf } from "../../contracts/event.ts";
import type { LaneState, Run } from "../../contracts/run.ts";
import { GateError } from "../../errors.ts";
import { requireDispatchable } from "../gates.ts";
import { dispatchWork, publish, replaceDispatch, unchanged, type Transition } from "../run-changes.ts";
import { bury } from "./bury.ts";
import { startedDispatch } from "./fence.ts";
import { laneCounts, setLane } from "./lane-state.ts";
import { afterLanes } from "./lanes.ts";

/** Saved before the work begins, so that a crash never hides that it may have begun (G2). */
export function startDispatch(run: Run, event: EventOf<"dispatch.started">): Transition {
  const dispatch = run.dispatches.find((known) => known.dispatchId === event.dispatchId);
  if (dispatch?.status !== "queued" || dispatch.attempt !== event.attempt) {
    throw new GateError("dispatch.stale", `${event.dispatchId} (attempt ${event.attempt}) is not waiting any more.`);
  }
  const { dispatchId, work, attempt, queuedAt } = dispatch;
  const started: Dispatch = {
    status: "started",
    dispatchId,
    work,
    attempt,
    queuedAt,
    agent: event.agent,
    startedAt: event.at,
  };
  const next = replaceDispatch(unchanged(run), started);
  if (work.kind === "stage") return next;
  requireDispatchable(run, event.agent);
  if (work.kind === "check") return next;
  const counts = laneCounts(run, work.laneId);
  return publish(setLane(next, { ...counts, attempts: counts.attempts + 1, status: "dispatched" }), "notice");
}

/** The watcher is gone. Repeatable work is tried again; anything else is asked about, never silently repeated. */
export function interruptDispatch(run: Run, event: EventOf<"dispatch.interrupted">): Transition {
  const dispatch = startedDispatch(run, event);
  const next = replaceDispatch(unchanged(run), { ...dispatch, status: "outcome_unknown", endedAt: event.at });
  if (event.repeatable || dispatch.work.kind !== "lane") return tryAgain(next, dispatch, event.at);
  const unknown = setLane(next, {
    ...laneCounts(run, dispatch.work.laneId),
    status: "outcome_unknown",
    since: event.at,
  });
  return afterLanes(unknown, event.at);
}

/** A failed attempt: tried again later where that may help, else final for this lane or stage. */
export function failDispatch(run: Run, event: EventOf<"dispatch.failed">): Transition {
  const dispatch = startedDispatch(run, event);
  const { failure, result } = event;
  const next = replaceDispatch(unchanged(run), { ...dispatch, status: "failed", endedAt: event.at, failure });
  if (event.retryAt !== null) return tryAgain(next, dispatch, event.at, event.retryAt);
  if (dispatch.work.kind !== "lane") return bury(next, failure, event.at);
  const failed: LaneState = { ...laneCounts(run, dispatch.work.laneId), status: "failed", failure, endedAt: event.at };
  return afterLanes(setLane(next, result === undefined ? failed : { ...failed, result }), event.at);
}

function tryAgain(next: Transition, dispatch: Dispatch, at: number, notBefore?: number): Transition {
  const { work } = dispatch;
  const waiting =
    work.kind === "lane" ? setLane(next, { ...laneCounts(next.run, work.laneId), status: "waiting" }) : next;
  return publish(dispatchWork(waiting, work, dispatch.agent, at, dispatch.attempt + 1, notBefore), "notice");
}
