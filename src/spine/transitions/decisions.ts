import type { Decision, OpenDecision } from "../../contracts/decision.ts";
import type { EventOf } from "../../contracts/event.ts";
import type { DecisionId } from "../../contracts/id.ts";
import type { Run } from "../../contracts/run.ts";
import { GateError } from "../../errors.ts";
import { keyed } from "../../i18n.ts";
import { requireFetchRecord } from "../gates.ts";
import { change, dispatchStep, publish, unchanged, type Transition } from "../run-changes.ts";
import { settleArbitration } from "./arbitration.ts";
import { bury } from "./bury.ts";
import { settleBlockedChange, settlePermission } from "./changes.ts";
import { cancelRun } from "./endings.ts";
import { laneCounts, setLane } from "./lane-state.ts";
import { afterLanes } from "./lanes.ts";
import { settleBlockedLanes, violationsOver } from "./policy.ts";

/** What was selected stands on the card from now on; the run still waits. */
export function selectInDecision(run: Run, event: EventOf<"decision.selected">): Transition {
  const decision = requireOpen(run, event.decisionId);
  const { answers = {}, args = {} } = decision.draft ?? {};
  const draft = { answers: { ...answers, ...event.answers }, args: { ...args, ...event.args } };
  const decisions = run.decisions.map((known) => (known === decision ? { ...decision, draft } : known));
  return publish(change(unchanged(run), { decisions }), "decision");
}

function requireOpen(run: Run, decisionId: DecisionId): OpenDecision {
  const decision = run.decisions.find((known) => known.decisionId === decisionId);
  if (decision?.status === "open") return decision;
  throw new GateError("decision.not_open", `${decisionId} is ${decision?.status ?? "not a question of this run"}.`);
}

/** A person's answer, once: what comes later finds the card closed and changes nothing. */
export function answerDecision(run: Run, event: EventOf<"decision.answered">): Transition {
  const decision = requireOpen(run, event.decisionId);
  requireAnswers(decision, event.answers);
  const answered: Decision = {
    ...decision,
    status: "answered",
    answers: event.answers,
    argsChosen: event.args,
    answeredBy: event.by,
    answeredAt: event.at,
    how: event.inAdvance === true ? "standing_instruction" : "person",
  };
  const next = publish(
    change(unchanged(run), {
      decisions: run.decisions.map((known) => (known.decisionId === decision.decisionId ? answered : known)),
      status: { kind: "active" },
    }),
    "decision",
    "notice",
  );
  return follow(next, decision, event);
}

function follow(next: Transition, decision: OpenDecision, event: EventOf<"decision.answered">): Transition {
  switch (decision.kind) {
    case "clarification":
      return dispatchStep(
        change(next, {
          choiceSurfaceState: "not_allowed",
          clarifications: [
            ...next.run.clarifications,
            ...Object.entries(event.answers).map(([question, option]) => ({ question, option, at: event.at })),
          ],
        }),
        "critical",
        event.at,
      );
    case "execution_confirmation":
      requireFetchRecord(next.run.packets);
      return dispatchStep(change(next, { choiceSurfaceState: "completed" }), "thinking_plan", event.at);
    case "outcome_unknown":
      return settleUnknown(next, event);
    case "arbitration":
      return settleArbitration(next, event);
    case "permission":
      return settlePermission(next, event);
    case "policy_violation":
      return settleViolation(next, event);
    case "counter_proposal":
      throw new GateError("decision.kind_unknown", `Nothing in this version asks a ${decision.kind} question.`);
  }
}

function settleUnknown(next: Transition, event: EventOf<"decision.answered">): Transition {
  const settled = Object.entries(event.answers).reduce((transition, [laneId, option]) => {
    const counts = laneCounts(transition.run, laneId);
    if (option === "run_again") return setLane(transition, { ...counts, status: "waiting" });
    if (option === "accept_unknown")
      return setLane(transition, { ...counts, status: "accepted_unknown", endedAt: event.at });
    return setLane(transition, {
      ...counts,
      status: "failed",
      endedAt: event.at,
      failure: { code: "lane.stopped_unknown", retryable: false, text: keyed("failure.stopped_unknown"), evidence: [] },
    });
  }, next);
  const stopped = Object.values(event.answers).includes("stop");
  if (!stopped) return afterLanes(settled, event.at);
  return bury(
    settled,
    { code: "lane.stopped_unknown", retryable: false, text: keyed("failure.stopped_unknown"), evidence: [] },
    event.at,
  );
}

/** Whoever cancels at one of the questions cancels the run. */
function settleViolation(next: Transition, event: EventOf<"decision.answered">): Transition {
  if (Object.values(event.answers).includes("cancel")) {
    const { run, effects } = cancelRun(next.run, event);
    return { run, effects: [...next.effects, ...effects] };
  }
  const settled =
    next.run.change?.status === "blocked" ? settleBlockedChange(next, event) : settleBlockedLanes(next, event);
  return violationsOver(next.run, settled);
}

/** The door checks answers in full; this holds even if a door does not. */
function requireAnswers(decision: OpenDecision, answers: Record<string, string>): void {
  for (const question of decision.questions) {
    const { after } = question;
    const asked = after === undefined || after.options.includes(answers[after.question] ?? "");
    const option = question.options.find((known) => known.id === answers[question.id]);
    if (asked && (option === undefined || option.rejectedBecause !== undefined)) {
      throw new GateError("decision.incomplete", `"${question.id}" has no answer that can be chosen.`);
    }
  }
}
