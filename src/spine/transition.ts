import type { RunEvent } from "../contracts/event.ts";
import { isFinished, type Run } from "../contracts/run.ts";
import { GateError } from "../errors.ts";
import { publish, unchanged, type Transition } from "./run-changes.ts";
import { beginKeeping, completeKeeping, failKeeping, undoPermission } from "./transitions/changes.ts";
import { answerDecision, selectInDecision } from "./transitions/decisions.ts";
import { failDispatch, interruptDispatch, startDispatch } from "./transitions/dispatches.ts";
import { cancelRun, discardDeadLetter, retryDeadLetter } from "./transitions/endings.ts";
import { completeCheck, succeedLane } from "./transitions/lanes.ts";
import { blockDispatch } from "./transitions/policy.ts";
import {
  answerThinking,
  completeCritical,
  completeEvolution,
  completeFetch,
  completeMetaReview,
  completeReview,
  completeVerification,
  frameThinking,
  planThinking,
} from "./transitions/stages.ts";
import { startRun } from "./transitions/start.ts";

/**
 * The only thing that changes a run (architecture: three verbs). Pure: time and ids come with the event.
 * Throws a GateError where the event would break a gate or comes too late; the run then stays as it was.
 */
export function transition(run: Run | undefined, event: RunEvent): Transition {
  if (run === undefined) {
    if (event.kind === "run.started") return startRun(event);
    throw new GateError("run.unknown", `There is no run to apply ${event.kind} to.`);
  }
  if (event.kind === "run.started") throw new GateError("run.already_started", `${run.runId} was started before.`);
  if (isFinished(run)) {
    throw new GateError("run.finished", `${run.runId} has ended (${run.status.kind}); ${event.kind} comes too late.`);
  }
  // A clock that goes backwards must not make a run younger, or end a stage before it began.
  const at = Math.max(run.updatedAt, event.at);
  const next = apply(run, { ...event, at });
  return { effects: next.effects, run: { ...next.run, version: run.version + 1, updatedAt: at } };
}

function apply(run: Run, event: Exclude<RunEvent, { kind: "run.started" }>): Transition {
  switch (event.kind) {
    case "dispatch.started":
      return startDispatch(run, event);
    case "dispatch.blocked":
      return blockDispatch(run, event);
    case "dispatch.interrupted":
      return interruptDispatch(run, event);
    case "dispatch.failed":
      return failDispatch(run, event);
    case "critical.completed":
      return completeCritical(run, event);
    case "fetch.completed":
      return completeFetch(run, event);
    case "thinking.framed":
      return frameThinking(run, event);
    case "thinking.answered":
      return answerThinking(run, event);
    case "thinking.planned":
      return planThinking(run, event);
    case "lane.succeeded":
      return succeedLane(run, event);
    case "check.completed":
      return completeCheck(run, event);
    case "review.completed":
      return completeReview(run, event);
    case "meta_review.completed":
      return completeMetaReview(run, event);
    case "verification.completed":
      return completeVerification(run, event);
    case "evolution.completed":
      return completeEvolution(run, event);
    case "decision.answered":
      return answerDecision(run, event);
    case "decision.selected":
      return selectInDecision(run, event);
    case "decision.undone":
      return undoPermission(run, event);
    case "change.keeping":
      return beginKeeping(run, event);
    case "change.kept":
      return completeKeeping(run, event);
    case "change.not_kept":
      return failKeeping(run, event);
    case "language.changed":
      return publish(unchanged({ ...run, language: event.language }), "notice", "decision");
    case "run.canceled":
      return cancelRun(run, event);
    case "dead_letter.retried":
      return retryDeadLetter(run, event);
    case "dead_letter.discarded":
      return discardDeadLetter(run, event);
  }
}
