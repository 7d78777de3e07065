import type { Alert } from "../../contracts/alert.ts";
import type { Dispatch } from "../../contracts/dispatch.ts";
import type { EventOf } from "../../contracts/event.ts";
import { isViolation, type PolicyVerdict, type PolicyWaiver } from "../../contracts/policy.ts";
import type { Run } from "../../contracts/run.ts";
import { raw } from "../../contracts/text.ts";
import { GateError } from "../../errors.ts";
import { keyed } from "../../i18n.ts";
import {
  blockedVerdicts,
  violationText,
  WAIVE,
  WAIVER_REASON,
  withDependents,
  obstacleToLeavingOut,
} from "../policy-decision.ts";
import { ask, change, replaceDispatch, unchanged, type Transition } from "../run-changes.ts";
import { queuedDispatch } from "./fence.ts";
import { laneCounts, setLane } from "./lane-state.ts";
import { afterLanes } from "./lanes.ts";

/**
 * What becomes of work that a rule forbids (M6): it does not start, operators hear of it, and once nothing else of the
 * run is under way people choose between the ways out. A waiver is an operator's, with a reason, for this alone.
 */
export function blockDispatch(run: Run, event: EventOf<"dispatch.blocked">): Transition {
  const { dispatchId, work, attempt, agent, queuedAt } = queuedDispatch(run, event);
  const [first] = event.policy.filter(isViolation);
  if (work.kind !== "lane" || first === undefined) {
    throw new GateError("policy.nothing_blocked", `${dispatchId} is no lane that a rule forbids.`);
  }
  const { policy, at } = event;
  const blocked: Dispatch = { status: "blocked", dispatchId, work, attempt, agent, queuedAt, policy, endedAt: at };
  const lane = { ...laneCounts(run, work.laneId), status: "blocked", dispatchId, since: at } as const;
  const next = setLane(replaceDispatch(unchanged(run), blocked), lane);
  return afterLanes(ask(next, { kind: "alert", alert: violationAlert(run, dispatchId, first, at) }), at);
}

export function violationAlert(run: Run, about: string, verdict: PolicyVerdict, at: number): Alert {
  return {
    key: violationKey(about),
    severity: "warning",
    since: at,
    what: keyed("alert.policy.what", { goal: raw(run.task.goal.slice(0, 100)), violation: violationText(verdict) }),
    todo: keyed("alert.policy.todo"),
    runId: run.runId,
  };
}

/** What stood in the way before and does not any more, waived or not: its alert is over. */
export function violationsOver(before: Run, next: Transition): Transition {
  const left = new Set(next.run.status.kind === "canceled" ? [] : blockedKeys(next.run));
  return blockedKeys(before)
    .filter((key) => !left.has(key))
    .reduce((transition, key) => ask(transition, { kind: "alert_over", key }), next);
}

function blockedKeys({ lanes, change: made }: Run): string[] {
  const abouts = Object.values(lanes).flatMap((lane) => (lane.status === "blocked" ? [lane.dispatchId] : []));
  return [...abouts, ...(made?.status === "blocked" ? [made.decisionId] : [])].map(violationKey);
}

function violationKey(about: string): string {
  return `policy:${about}`;
}

/** What people said to lanes that rules forbid. "Cancel" for one is "cancel" for the run; the caller does that. */
export function settleBlockedLanes(next: Transition, event: EventOf<"decision.answered">): Transition {
  const settled = Object.entries(event.answers).reduce((transition, [laneId, answer]) => {
    const { run } = transition;
    // Another answer of the same card may have left it out, as one of those that wait for it.
    if (run.lanes[laneId]?.status !== "blocked") return transition;
    return answer === WAIVE ? waiveLane(transition, laneId, event) : leaveOut(transition, laneId, event.at);
  }, next);
  return afterLanes(settled, event.at);
}

function waiveLane(transition: Transition, laneId: string, event: EventOf<"decision.answered">): Transition {
  const { run } = transition;
  const waived = change(transition, {
    waivers: [...run.waivers, ...waiversFor(run, laneId, blockedVerdicts(run, laneId), event)],
  });
  return setLane(waived, { ...laneCounts(run, laneId), status: "waiting" });
}

/** One for each rule and subject; `commit`: for a change that may go. */
export function waiversFor(
  run: Run,
  laneId: string,
  verdicts: readonly PolicyVerdict[],
  { by, at, decisionId, args }: EventOf<"decision.answered">,
  commit?: string,
): PolicyWaiver[] {
  const given = args[WAIVER_REASON];
  const reason = typeof given === "string" ? given.trim() : "";
  if (reason === "") throw new GateError("policy.reason_missing", "A waiver needs a reason.");
  const { revision } = laneCounts(run, laneId);
  return verdicts.filter(isViolation).map(({ rule, subject }) => ({
    rule,
    subject,
    laneId,
    revision,
    ...(commit === undefined ? {} : { commit }),
    decisionId,
    by,
    at,
    reason,
  }));
}

function leaveOut(transition: Transition, laneId: string, at: number): Transition {
  const { run } = transition;
  const rule = blockedVerdicts(run, laneId)[0]?.rule;
  if (rule === undefined || obstacleToLeavingOut(run, laneId) !== undefined) {
    throw new GateError("policy.not_viable", `The run cannot go on without "${laneId}".`);
  }
  return withDependents(run, laneId).reduce(
    (next, id) => setLane(next, { ...laneCounts(run, id), status: "left_out", rule, endedAt: at }),
    transition,
  );
}
