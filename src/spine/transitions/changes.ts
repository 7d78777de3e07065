import type { ChangeState, WorkspaceChange } from "../../contracts/change.ts";
import type { EventOf } from "../../contracts/event.ts";
import { isViolation, type PolicyVerdict } from "../../contracts/policy.ts";
import type { Run } from "../../contracts/run.ts";
import { GateError } from "../../errors.ts";
import { requireOfferable, requirePermission } from "../gates.ts";
import { branchOf, KEEP_QUESTION, permissionDecision } from "../permission.ts";
import { ask, change, dispatchStep, openDecision, publish, unchanged, type Transition } from "../run-changes.ts";
import { blockedChangeDecision, WAIVE } from "../policy-decision.ts";
import { bury } from "./bury.ts";
import { violationAlert, waiversFor } from "./policy.ts";

/**
 * How a change leaves a run: offered after Verification, approved by a person, and made a branch once the time to
 * undo is over. Every step is saved before the next one is taken.
 */

/** After Verification: what a lane may keep is put to people; a run that keeps nothing goes to its end. */
export function offerChange(transition: Transition, policy: readonly PolicyVerdict[], at: number): Transition {
  const { run } = transition;
  for (const packet of run.packets.workerTaskPackets ?? []) {
    const lane = run.lanes[packet.laneId];
    const made = lane?.status === "succeeded" ? lane.result.change : undefined;
    if (packet.keeps === undefined || made === undefined) continue;
    requireOfferable(run, packet, made);
    const common = {
      laneId: packet.laneId,
      change: made,
      branch: branchOf(run),
      ...(policy.length === 0 ? {} : { policy: [...policy] }),
    };
    return policy.some(isViolation) ? block(transition, common, policy, at) : offer(transition, common, at);
  }
  return dispatchStep(transition, "evolution", at);
}

type Offer = Pick<ChangeState, "laneId" | "change" | "branch" | "policy">;

function offer(transition: Transition, { laneId, change: made, branch, policy }: Offer, at: number): Transition {
  const decision = permissionDecision(transition.run, laneId, made, at);
  const common = { laneId, change: made, branch, ...(policy === undefined ? {} : { policy }) };
  const offered: ChangeState = { ...common, decisionId: decision.decisionId, status: "offered" };
  return openDecision(change(withPatch(transition, made), { change: offered }), decision);
}

/** A patch that was withheld is an artifact like others as soon as the change may be offered. */
function withPatch(transition: Transition, { patch, withheld }: WorkspaceChange): Transition {
  const { artifacts } = transition.run;
  if (withheld === undefined || artifacts.some(({ path }) => path === patch)) return transition;
  return change(transition, { artifacts: [...artifacts, { path: patch, ...withheld }] });
}

/** Rules forbid it: nothing of it is shown or offered before people have said how to go on (M6). */
function block(transition: Transition, offered: Offer, policy: readonly PolicyVerdict[], at: number): Transition {
  const decision = blockedChangeDecision(transition.run, offered, policy, at);
  const blocked: ChangeState = { ...offered, decisionId: decision.decisionId, status: "blocked" };
  const [first] = policy.filter(isViolation);
  const next = openDecision(change(transition, { change: blocked }), decision);
  if (first === undefined) return next;
  return ask(next, { kind: "alert", alert: violationAlert(next.run, decision.decisionId, first, at) });
}

/** What people said to a change that rules forbid. A waiver covers this very commit. */
export function settleBlockedChange(next: Transition, event: EventOf<"decision.answered">): Transition {
  const blocked = requireChange(next.run, "blocked");
  const { laneId, change: made, policy = [] } = blocked;
  if (event.answers[laneId] !== WAIVE) return dispatchStep(throwAway(next, blocked, event), "evolution", event.at);
  const waivers = waiversFor(next.run, laneId, policy, event, made.commit);
  const waived = policy.map((verdict) => (isViolation(verdict) ? { ...verdict, outcome: "waived" as const } : verdict));
  const { run } = next;
  return offer(change(next, { waivers: [...run.waivers, ...waivers] }), { ...blocked, policy: waived }, event.at);
}

/** What a person said to it. Only `keep_branch` may lead to a write. */
export function settlePermission(next: Transition, event: EventOf<"decision.answered">): Transition {
  const { run } = next;
  const offered = requireChange(run, "offered");
  const answer = event.answers[KEEP_QUESTION] ?? "none";
  switch (answer) {
    case "keep_branch": {
      const keepAt = Math.max(event.at, event.undoUntil ?? event.at);
      const approved: ChangeState = { ...common(offered), status: "approved", approvedBy: event.by, keepAt };
      requirePermission(run, approved);
      return ask(change(next, { change: approved }), { kind: "keep_change", notBefore: keepAt });
    }
    case "patch_only":
      return dispatchStep(
        change(next, { change: { ...common(offered), status: "patch_only", by: event.by, at: event.at } }),
        "evolution",
        event.at,
      );
    case "throw_away":
      return dispatchStep(throwAway(next, offered, event), "evolution", event.at);
    default:
      throw new GateError("decision.incomplete", `"${answer}" is no answer to "${KEEP_QUESTION}".`);
  }
}

/** Takes the patch with it; the copy goes when the run ends. */
export function throwAway(
  next: Transition,
  state: ChangeState,
  { by, at }: Pick<EventOf<"decision.answered">, "by" | "at">,
): Transition {
  const { patch } = state.change;
  const artifacts = next.run.artifacts.filter((artifact) => artifact.path !== patch);
  const thrown = change(next, { artifacts, change: { ...common(state), status: "thrown_away", by, at } });
  return ask(thrown, { kind: "remove_artifact", path: patch });
}

/** Taken back in time: nothing was done, and the question is open again. */
export function undoPermission(run: Run, event: EventOf<"decision.undone">): Transition {
  if (run.change?.status !== "approved" || run.status.kind !== "active") {
    throw new GateError("decision.undo_too_late", `${run.runId} has no permission that could still be taken back.`);
  }
  return offer(unchanged(run), run.change, event.at);
}

/** The point of no return, saved before anything is done in the workspace. */
export function beginKeeping(run: Run, event: EventOf<"change.keeping">): Transition {
  const approved = requireChange(run, "approved");
  requirePermission(run, approved);
  if (event.at < approved.keepAt) {
    throw new GateError("change.too_early", `The permission can be taken back until ${approved.keepAt}.`);
  }
  return publish(
    change(unchanged(run), { change: { ...common(approved), status: "keeping", since: event.at } }),
    "notice",
    "decision",
  );
}

export function completeKeeping(run: Run, event: EventOf<"change.kept">): Transition {
  const keeping = requireChange(run, "keeping");
  requirePermission(run, keeping);
  if (event.branch !== keeping.branch || event.commit !== keeping.change.commit) {
    throw new GateError("gate.write_permission", `${event.branch} at ${event.commit} is not what was approved.`);
  }
  const kept = change(unchanged(run), { change: { ...common(keeping), status: "kept", keptAt: event.at } });
  return dispatchStep(publish(kept, "notice"), "evolution", event.at);
}

/** It could not be made, for good: the change waits in its copy for an operator. */
export function failKeeping(run: Run, event: EventOf<"change.not_kept">): Transition {
  requireChange(run, "keeping");
  return bury(unchanged(run), event.failure, event.at);
}

/** After an operator sent the run back: the approval still stands. */
export function keepAgain(transition: Transition, at: number): Transition {
  return ask(transition, { kind: "keep_change", notBefore: at });
}

/** An effect that was asked for and is called off must not be delivered late. */
export function awaitsKeeping({ status, change: state }: Run): boolean {
  return status.kind === "active" && (state?.status === "approved" || state?.status === "keeping");
}

function requireChange<S extends ChangeState["status"]>(run: Run, status: S): Extract<ChangeState, { status: S }> {
  const { change: state } = run;
  if (run.status.kind === "active" && isIn(state, status)) return state;
  throw new GateError(
    "change.stale",
    `Expected a change that is ${status}; it is ${state?.status ?? "none"}, the run ${run.status.kind}.`,
  );
}

function isIn<S extends ChangeState["status"]>(
  state: ChangeState | undefined,
  status: S,
): state is Extract<ChangeState, { status: S }> {
  return state?.status === status;
}

function common({ laneId, change: made, branch, decisionId, policy }: ChangeState) {
  return { laneId, change: made, branch, decisionId, ...(policy === undefined ? {} : { policy }) };
}
