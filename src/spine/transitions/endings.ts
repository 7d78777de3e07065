import type { Decision } from "../../contracts/decision.ts";
import type { EventOf } from "../../contracts/event.ts";
import type { Run } from "../../contracts/run.ts";
import { GateError } from "../../errors.ts";
import { ask, change, dispatchStep, publish, revokeAll, unchanged, type Transition } from "../run-changes.ts";
import { keepAgain, throwAway } from "./changes.ts";
import { laneCounts, setLane } from "./lane-state.ts";
import { afterLanes, startRevision } from "./lanes.ts";

/** Stops everything of a run. An open question is withdrawn: it was not answered, and is not called denied. */
export function cancelRun(run: Run, event: EventOf<"run.canceled">): Transition {
  if (run.status.kind === "active" && run.change?.status === "keeping") {
    throw new GateError("run.too_late", `${run.runId} is making the branch that was approved.`);
  }
  const decisions = run.decisions.map((decision): Decision =>
    decision.status === "open" ? { ...decision, status: "withdrawn", withdrawnAt: event.at } : decision,
  );
  const open = run.change?.status === "offered" || run.change?.status === "approved" ? run.change : undefined;
  const left = open === undefined ? unchanged(run) : throwAway(unchanged(run), open, event);
  const canceled = change(revokeAll(left, event.at), {
    decisions,
    status: { kind: "canceled", canceledAt: event.at, canceledBy: event.by },
  });
  return ask(publish(canceled, "notice", "decision", "result"), { kind: "close_workspace" });
}

function requireDeadLetter(run: Run): Extract<Run["status"], { kind: "dead_letter" }> {
  if (run.status.kind !== "dead_letter") {
    throw new GateError("dead_letter.not_dead", `${run.runId} is no dead letter (${run.status.kind}).`);
  }
  return run.status;
}

/** Resumes at the failed stage; what had succeeded is kept (M8). */
export function retryDeadLetter(run: Run, event: EventOf<"dead_letter.retried">): Transition {
  requireDeadLetter(run);
  const revived = publish(
    change(unchanged(run), { status: { kind: "active" }, redrives: run.redrives + 1 }),
    "notice",
    "dead_letter",
  );
  if (run.change?.status === "keeping") return keepAgain(revived, event.at);
  const failedLanes = Object.values(run.lanes).filter((lane) => lane.status === "failed");
  if (failedLanes.length > 0) {
    const waiting = failedLanes.reduce(
      (next, lane) => setLane(next, { ...laneCounts(run, lane.laneId), attempts: 0, status: "waiting" }),
      revived,
    );
    return afterLanes(waiting, event.at);
  }
  if (run.stage === "verification" && run.workFindings.some((finding) => finding.status.kind === "open")) {
    return startRevision(change(revived, { revisionRound: 0 }), event.at);
  }
  const failed = run.dispatches.findLast((dispatch) => dispatch.status === "failed");
  const step = failed?.work.kind === "stage" ? failed.work.step : "verification";
  return dispatchStep(revived, step, event.at);
}

export function discardDeadLetter(run: Run, event: EventOf<"dead_letter.discarded">): Transition {
  requireDeadLetter(run);
  const discarded = change(unchanged(run), {
    status: { kind: "discarded", discardedAt: event.at, discardedBy: event.by, reason: event.reason },
  });
  return ask(publish(discarded, "notice", "dead_letter"), { kind: "close_workspace" });
}
