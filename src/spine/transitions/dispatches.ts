import type { Dispatch } from "../../contracts/dispatch.ts";
import type { EventOf } from "../../contracts/event.ts";
import type { Failure } from "../../contracts/failure.ts";
import type { LaneState, Run } from "../../contracts/run.ts";
import type { WorkerResult } from "../../contracts/worker.ts";
import { keyed } from "../../i18n.ts";
import { requireDispatchable, requireNoViolation } from "../gates.ts";
import { dispatchWork, publish, replaceDispatch, unchanged, type Transition } from "../run-changes.ts";
import { bury } from "./bury.ts";
import { queuedDispatch, startedDispatch } from "./fence.ts";
import { laneCounts, setLane } from "./lane-state.ts";
import { afterLanes } from "./lanes.ts";

/** Saved before the work begins, so that a crash never hides that it may have begun (G2). */
export function startDispatch(run: Run, event: EventOf<"dispatch.started">): Transition {
  const { dispatchId, work, attempt, queuedAt } = queuedDispatch(run, event);
  const started: Dispatch = {
    status: "started",
    dispatchId,
    work,
    attempt,
    queuedAt,
    agent: event.agent,
    startedAt: event.at,
    ...(event.policy === undefined ? {} : { policy: event.policy }),
  };
  const next = replaceDispatch(unchanged(run), started);
  if (work.kind === "stage") return next;
  requireDispatchable(run, event.agent);
  requireNoViolation(event.policy ?? []);
  if (work.kind === "check") return next;
  const counts = laneCounts(run, work.laneId);
  return publish(setLane(next, { ...counts, attempts: counts.attempts + 1, status: "dispatched" }), "notice");
}

/** Work that takes the bot down with it must not do so for ever: interruptions count as attempts (M7). */
const ATTEMPTS_LIMIT = 20;

/** Cut off, or the watcher is gone. Repeatable work is tried again; anything else is asked about, never silently repeated. */
export function interruptDispatch(run: Run, event: EventOf<"dispatch.interrupted">): Transition {
  const dispatch = startedDispatch(run, event);
  const { failure } = event;
  const unknownEnd: Dispatch = { ...dispatch, status: "outcome_unknown", endedAt: event.at };
  const next = replaceDispatch(unchanged(run), failure === undefined ? unknownEnd : { ...unknownEnd, failure });
  if (event.repeatable || dispatch.work.kind !== "lane") {
    if (dispatch.attempt < ATTEMPTS_LIMIT) return tryAgain(next, dispatch, event.at);
    return giveUp(next, dispatch, interruptedTooOften(dispatch.attempt), event.at);
  }
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
  return giveUp(next, dispatch, failure, event.at, result);
}

/** Final for this lane or stage. */
function giveUp(next: Transition, { work }: Dispatch, failure: Failure, at: number, result?: WorkerResult): Transition {
  if (work.kind !== "lane") return bury(next, failure, at);
  const failed: LaneState = { ...laneCounts(next.run, work.laneId), status: "failed", failure, endedAt: at };
  return afterLanes(setLane(next, result === undefined ? failed : { ...failed, result }), at);
}

function interruptedTooOften(count: number): Failure {
  return {
    code: "dispatch.interrupted_too_often",
    retryable: false,
    text: keyed("failure.interrupted_too_often", { count }),
    evidence: [],
  };
}

function tryAgain(next: Transition, dispatch: Dispatch, at: number, notBefore?: number): Transition {
  const { work } = dispatch;
  const waiting =
    work.kind === "lane" ? setLane(next, { ...laneCounts(next.run, work.laneId), status: "waiting" }) : next;
  return publish(dispatchWork(waiting, work, dispatch.agent, at, dispatch.attempt + 1, notBefore), "notice");
}
