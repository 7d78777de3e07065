import type { EventOf } from "../../contracts/event.ts";
import type { Failure } from "../../contracts/failure.ts";
import type { ArbitrationPacket } from "../../contracts/packets/closing.ts";
import type { Run } from "../../contracts/run.ts";
import type { Text } from "../../contracts/text.ts";
import { GateError } from "../../errors.ts";
import { planWithout } from "../../governance/conductor.ts";
import { consult, openSession } from "../../governance/consult.ts";
import { keyed } from "../../i18n.ts";
import { arbitrationDecision, ARBITRATION_QUESTION } from "../arbitration-decision.ts";
import { requireDispatchPlan } from "../gates.ts";
import { laneTitle } from "../lane-title.ts";
import { change, dispatchStep, openDecision, type Transition } from "../run-changes.ts";
import { bury } from "./bury.ts";

/** What follows from the warden's word on a deadlock (G15). */
export function followArbitration(next: Transition, packet: ArbitrationPacket, at: number): Transition {
  switch (packet.outcome) {
    case "proceed_with_assumption":
      return proceed(next, at);
    case "narrow_scope":
      return narrow(next, packet, at);
    case "ask_user":
      return openDecision(next, arbitrationDecision(next.run, packet, at));
    case "stop_blocked":
      return bury(next, deadlockFailure(next.run, packet), at);
  }
}

/** A person has said how to go on. */
export function settleArbitration(next: Transition, event: EventOf<"decision.answered">): Transition {
  const packet = next.run.packets.arbitrationPacket;
  if (packet === undefined) throw new GateError("gate.arbitration", "Nothing was arbitrated in this run.");
  const chosen = event.answers[ARBITRATION_QUESTION] ?? "stop";
  switch (chosen) {
    case "proceed_with_assumption":
      return proceed(next, event.at);
    case "narrow_scope":
      return narrow(next, packet, event.at);
    default:
      return bury(next, deadlockFailure(next.run, packet), event.at);
  }
}

/** What is open is set aside and said in the result; it is not called closed. */
function proceed(next: Transition, at: number): Transition {
  return dispatchStep(setAside(next, keyed("arbitration.assumed")), "verification", at);
}

/** The conductor revises the plan, once: the same without what is stuck. */
function narrow(next: Transition, { lanes, bounces }: ArbitrationPacket, at: number): Transition {
  const reason = keyed("arbitration.left_out", { count: bounces });
  const session = openSession("verification", at);
  const packets = consult(session, "meta-conductor", "revise the plan once, without what is stuck", () =>
    planWithout(next.run.packets, lanes, reason),
  );
  const narrowed = change(setAside(next, reason), {
    packets,
    invocations: [...next.run.invocations, ...session.invocations],
    lanes: Object.fromEntries(Object.entries(next.run.lanes).filter(([laneId]) => !lanes.includes(laneId))),
  });
  requireDispatchPlan(narrowed.run, packets);
  return dispatchStep(narrowed, "verification", at);
}

function setAside(next: Transition, reason: Text): Transition {
  return change(next, {
    workFindings: next.run.workFindings.map((finding) =>
      finding.status.kind === "open" ? { ...finding, status: { kind: "not_closable", reason } } : finding,
    ),
  });
}

function deadlockFailure(run: Run, { lanes, bounces }: ArbitrationPacket): Failure {
  const open = run.workFindings.filter((finding) => finding.status.kind === "open");
  const params = {
    lanes: lanes.map((laneId) => laneTitle(run, laneId)),
    count: bounces,
    open: open.map(({ text }) => text),
  };
  return {
    code: "governance.deadlock",
    retryable: false,
    text: keyed("failure.deadlock", params),
    evidence: open.flatMap(({ evidence }) => evidence),
  };
}
