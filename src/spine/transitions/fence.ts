import type { Dispatch } from "../../contracts/dispatch.ts";
import type { Run } from "../../contracts/run.ts";
import { GateError } from "../../errors.ts";
import { replaceDispatch, unchanged, type Transition } from "../run-changes.ts";

type StartedDispatch = Extract<Dispatch, { status: "started" }>;
interface Fence {
  dispatchId: string;
  attempt: number;
}

/** The dispatch that an event speaks of, fenced: what is not running at this attempt is stale. */
export function startedDispatch(run: Run, fence: Fence): StartedDispatch {
  const dispatch = run.dispatches.find((known) => known.dispatchId === fence.dispatchId);
  if (dispatch?.status !== "started" || dispatch.attempt !== fence.attempt) {
    throw new GateError(
      "dispatch.stale",
      `${fence.dispatchId} (attempt ${fence.attempt}) is not running; its result changes nothing.`,
    );
  }
  return dispatch;
}

/** The dispatch that is about to start, fenced the same way. */
export function queuedDispatch(run: Run, fence: Fence): Extract<Dispatch, { status: "queued" }> {
  const dispatch = run.dispatches.find((known) => known.dispatchId === fence.dispatchId);
  if (dispatch?.status !== "queued" || dispatch.attempt !== fence.attempt) {
    throw new GateError("dispatch.stale", `${fence.dispatchId} (attempt ${fence.attempt}) is not waiting any more.`);
  }
  return dispatch;
}

/** Ends a running dispatch well. */
export function succeedDispatch(run: Run, event: Fence & { at: number }): Transition {
  const dispatch = startedDispatch(run, event);
  return replaceDispatch(unchanged(run), { ...dispatch, status: "succeeded", endedAt: event.at });
}
