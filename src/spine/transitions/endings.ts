import type { Decision } from "../../contracts/decision.ts";
import type { EventOf } from "../../contracts/event.ts";
import type { Run } from "../../contracts/run.ts";
import { GateError } from "../../errors.ts";
import { PATH_STAGES } from "../../contracts/stage.ts";
import { requireDispatchPlan } from "../gates.ts";
import { isAffected } from "../redrive.ts";
import {
  ask,
  change,
  dispatchStep,
  enterStage,
  publish,
  revokeAll,
  unchanged,
  type Transition,
} from "../run-changes.ts";
import { deadLetterKey } from "./bury.ts";
import { keepAgain, throwAway } from "./changes.ts";
import { laneCounts, setLane } from "./lane-state.ts";
import { afterLanes, packetOf, startChecks, startRevision } from "./lanes.ts";
import { violationsOver } from "./policy.ts";

/** Its alert is over: somebody has dealt with the dead letter. */
function letterOver({ run }: Transition, next: Transition): Transition {
  if (run.status.kind !== "dead_letter") return next;
  return ask(next, { kind: "alert_over", key: deadLetterKey(run) });
}

/** Stops everything of a run. An open question is withdrawn: it was not answered, and is not called denied. */
export function cancelRun(run: Run, event: Pick<EventOf<"run.canceled">, "by" | "at">): Transition {
  if (run.status.kind === "active" && run.change?.status === "keeping") {
    throw new GateError("run.too_late", `${run.runId} is making the branch that was approved.`);
  }
  const decisions = run.decisions.map((decision): Decision =>
    decision.status === "open" ? { ...decision, status: "withdrawn", withdrawnAt: event.at } : decision,
  );
  const undecided = ["blocked", "offered", "approved"].some((status) => status === run.change?.status);
  const open = undecided ? run.change : undefined;
  const left = open === undefined ? unchanged(run) : throwAway(unchanged(run), open, event);
  const canceled = change(revokeAll(left, event.at), {
    decisions,
    status: { kind: "canceled", canceledAt: event.at, canceledBy: event.by },
  });
  const told = publish(canceled, "notice", "decision", "result");
  return ask(violationsOver(run, letterOver(unchanged(run), told)), { kind: "close_workspace" });
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
  const revived = letterOver(
    unchanged(run),
    publish(
      change(unchanged(run), {
        status: { kind: "active" },
        redrives: run.redrives + 1,
        redriven: { by: event.by, at: event.at, ...(event.macro === undefined ? {} : { macro: event.macro }) },
      }),
      "notice",
      "dead_letter",
    ),
  );
  return event.args === undefined && event.packets === undefined
    ? resume(revived, event)
    : resumeChanged(revived, event, event.args ?? {});
}

function resume(revived: Transition, event: EventOf<"dead_letter.retried">): Transition {
  const { run } = revived;
  if (run.change?.status === "keeping") return keepAgain(revived, event.at);
  const failedLanes = Object.values(run.lanes).filter((lane) => lane.status === "failed");
  if (failedLanes.length > 0) {
    const waiting = failedLanes.reduce(
      (next, lane) => setLane(next, { ...laneCounts(run, lane.laneId), attempts: 0, status: "waiting" }),
      revived,
    );
    return afterLanes(waiting, event.at);
  }
  switch (run.stage) {
    case "critical":
    case "fetch":
    case "meta_review":
    case "evolution":
      return dispatchStep(revived, run.stage, event.at);
    case "thinking":
      return dispatchStep(
        revived,
        run.choiceSurfaceState === "completed" ? "thinking_plan" : "thinking_frame",
        event.at,
      );
    case "execution":
      return afterLanes(revived, event.at);
    case "review":
      return startChecks(revived, event.at);
    case "verification":
      return wasFoundWrong(run)
        ? startRevision(change(revived, { revisionRound: 0, bounces: [] }), "meta-warden", event.at)
        : startChecks(revived, event.at);
  }
}

/** It did not die of its checks, but of what they had found: only other work can help. */
function wasFoundWrong(run: Run): boolean {
  const last = run.dispatches.at(-1);
  const hasVerified = last?.status === "succeeded" && last.work.kind === "stage" && last.work.step === "verification";
  return hasVerified && run.workFindings.some((finding) => finding.status.kind === "open");
}

/** With other arguments, or a macro that was mended: what was done with the old ones, and all that stands on it, is done anew. */
function resumeChanged(
  revived: Transition,
  event: EventOf<"dead_letter.retried">,
  args: NonNullable<Run["redriveArgs"]>,
): Transition {
  const { run } = revived;
  const redriveArgs = { ...run.redriveArgs, ...args };
  if (event.packets === undefined) return resume(change(revived, { redriveArgs }), event);
  const packets = { ...run.packets, ...event.packets };
  requireDispatchPlan(run, packets);
  const again = new Set(
    (packets.workerTaskPackets ?? []).flatMap((packet) =>
      run.lanes[packet.laneId]?.status === "failed" || isAffected(packetOf(run, packet.laneId), packet)
        ? [packet.laneId]
        : [],
    ),
  );
  // A predecessor always stands before: the plan is in order, and waits in no circle.
  for (let size = -1; size !== again.size;) {
    size = again.size;
    for (const { laneId, dependsOn } of packets.workerTaskPackets ?? []) {
      if (dependsOn.some((before) => again.has(before))) again.add(laneId);
    }
  }
  const changed = change(revived, {
    redriveArgs,
    packets,
    revisionRound: 0,
    bounces: [],
    workFindings: run.workFindings.filter((finding) => !again.has(finding.laneId)),
    stepOutcomes: run.stepOutcomes.filter((outcome) => !again.has(outcome.laneId)),
  });
  const waiting = [...again].reduce(
    (next, laneId) => setLane(next, { ...laneCounts(run, laneId), attempts: 0, status: "waiting" }),
    backToExecution(changed, event.at),
  );
  return afterLanes(waiting, event.at);
}

function backToExecution(transition: Transition, at: number): Transition {
  const { run } = transition;
  if (run.stage === "execution") return transition;
  const later = PATH_STAGES[run.path].slice(PATH_STAGES[run.path].indexOf("execution") + 1);
  const stages = { ...run.stages, ...Object.fromEntries(later.map((stage) => [stage, { status: "pending" }])) };
  return enterStage(change(transition, { stages }), "execution", at);
}

export function discardDeadLetter(run: Run, event: EventOf<"dead_letter.discarded">): Transition {
  requireDeadLetter(run);
  const discarded = change(unchanged(run), {
    status: { kind: "discarded", discardedAt: event.at, discardedBy: event.by, reason: event.reason },
  });
  const told = publish(discarded, "notice", "dead_letter");
  return ask(letterOver(unchanged(run), told), { kind: "close_workspace" });
}
