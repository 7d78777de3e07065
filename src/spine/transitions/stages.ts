import type { Decision } from "../../contracts/decision.ts";
import type { EventOf } from "../../contracts/event.ts";
import type { Failure } from "../../contracts/failure.ts";
import type { Packets } from "../../contracts/packets/packets.ts";
import type { Run } from "../../contracts/run.ts";
import { PATH_STAGES, STAGE_KEYS, type SpinePath } from "../../contracts/stage.ts";
import type { Text } from "../../contracts/text.ts";
import { keyed } from "../../i18n.ts";
import { afterVerification, isDeadlocked } from "../deadlock.ts";
import {
  requireAnswer,
  requireArbitration,
  requireClarificationAllowed,
  requireClarity,
  requireDispatchPlan,
  requireFetchRecord,
  requireGovernance,
  requireOptionFrame,
  requirePublication,
  requireRoute,
  requireStage,
} from "../gates.ts";
import {
  advance,
  ask,
  change,
  completeStage,
  dispatchStep,
  openDecision,
  publish,
  type Transition,
} from "../run-changes.ts";
import { followArbitration } from "./arbitration.ts";
import { bury } from "./bury.ts";
import { offerChange } from "./changes.ts";
import { succeedDispatch } from "./fence.ts";
import { dispatchReadyLanes, mayRevise, startRevision } from "./lanes.ts";

interface StageResult {
  readonly dispatchId: string;
  readonly attempt: number;
  readonly at: number;
  readonly invocations: Run["invocations"];
  readonly packets: Packets;
}

/** What every stage's own work leaves: its packets, and which governance agents really ran. */
function record(run: Run, event: StageResult): Transition {
  requireGovernance(run, run.stage, event.invocations);
  return change(succeedDispatch(run, event), {
    invocations: [...run.invocations, ...event.invocations],
    packets: { ...run.packets, ...event.packets },
  });
}

export function completeCritical(run: Run, event: EventOf<"critical.completed">): Transition {
  requireStage(run, "critical");
  requireClarity(event);
  const next = record(run, event);
  if (event.refusal !== undefined) return refuse(next, event.refusal, event.at);
  if (event.clarification !== undefined) {
    requireClarificationAllowed(run);
    return openDecision(change(next, { choiceSurfaceState: "critical_clarification_allowed" }), event.clarification);
  }
  requireRoute(event);
  const routed = change(next, { path: event.path, queryBypass: event.queryBypass });
  const skipped = change(routed, { stages: skipStages(routed.run, event.path) });
  return dispatchStep(advance(skipped, event.at).transition, "fetch", event.at);
}

/** Stages that the path leaves out keep `pending`, with the reason that the spine state needs (G31). */
function skipStages(run: Run, path: SpinePath): Run["stages"] {
  const left = STAGE_KEYS.filter((key) => !PATH_STAGES[path].includes(key));
  return {
    ...run.stages,
    ...Object.fromEntries(left.map((key) => [key, { status: "pending", skipReason: `not on the ${path}` }])),
  };
}

/** Nobody failed and nothing is to be retried: it cannot be done here, and the reason says what can. */
function refuse(transition: Transition, reason: Text, at: number): Transition {
  return publish(change(transition, { status: { kind: "refused", refusedAt: at, reason } }), "notice", "result");
}

export function completeFetch(run: Run, event: EventOf<"fetch.completed">): Transition {
  requireStage(run, "fetch");
  if (event.refusal !== undefined) return refuse(record(run, event), event.refusal, event.at);
  requireFetchRecord({ ...run.packets, ...event.packets });
  return dispatchStep(advance(record(run, event), event.at).transition, "thinking_frame", event.at);
}

export function frameThinking(run: Run, event: EventOf<"thinking.framed">): Transition {
  requireStage(run, "thinking");
  requireOptionFrame(run, event);
  const next = record(run, event);
  if (event.standing === undefined) {
    return openDecision(change(next, { choiceSurfaceState: "execution_confirmation_allowed" }), event.decision);
  }
  const answered: Decision = {
    ...event.decision,
    status: "answered",
    answers: event.standing.answers,
    argsChosen: event.standing.args,
    answeredBy: run.task.requestedBy,
    answeredAt: event.at,
    how: "standing_instruction",
  };
  const settled = change(next, { decisions: [...next.run.decisions, answered], choiceSurfaceState: "completed" });
  return dispatchStep(settled, "thinking_plan", event.at);
}

/** A query ends its Thinking here: the reason why nobody is asked is recorded, and there is nothing to dispatch. */
export function answerThinking(run: Run, event: EventOf<"thinking.answered">): Transition {
  requireStage(run, "thinking");
  requireAnswer(run, { ...run.packets, ...event.packets });
  const next = change(record(run, event), { choiceSurfaceState: "completed" });
  return dispatchStep(advance(next, event.at).transition, "evolution", event.at);
}

export function planThinking(run: Run, event: EventOf<"thinking.planned">): Transition {
  requireStage(run, "thinking");
  requireDispatchPlan(run, { ...run.packets, ...event.packets });
  const next = advance(record(run, event), event.at).transition;
  const lanes = (event.packets.workerTaskPackets ?? []).map(
    ({ laneId }) => [laneId, { laneId, revision: 0, attempts: 0, status: "waiting" }] as const,
  );
  return dispatchReadyLanes(change(next, { lanes: Object.fromEntries(lanes) }), event.at);
}

export function completeReview(run: Run, event: EventOf<"review.completed">): Transition {
  requireStage(run, "review");
  const next = change(record(run, event), {
    stepOutcomes: [...run.stepOutcomes, ...event.outcomes],
    workFindings: [...run.workFindings, ...event.findings],
  });
  const { transition, stage } = advance(next, event.at);
  return stage === "meta_review"
    ? dispatchStep(transition, "meta_review", event.at)
    : beginVerification(transition, event.at);
}

export function completeMetaReview(run: Run, event: EventOf<"meta_review.completed">): Transition {
  requireStage(run, "meta_review");
  const weak = new Set(
    event.outcomes.filter((outcome) => outcome.weak).map((outcome) => `${outcome.laneId}/${outcome.stepId}`),
  );
  const stepOutcomes = run.stepOutcomes.map((outcome) =>
    weak.has(`${outcome.laneId}/${outcome.stepId}`) ? { ...outcome, weak: true } : outcome,
  );
  return beginVerification(advance(change(record(run, event), { stepOutcomes }), event.at).transition, event.at);
}

function beginVerification(transition: Transition, at: number): Transition {
  return mayRevise(transition.run)
    ? startRevision(transition, "meta-prism", at)
    : dispatchStep(transition, "verification", at);
}

export function completeVerification(run: Run, event: EventOf<"verification.completed">): Transition {
  requireStage(run, "verification");
  const next = change(record(run, event), afterVerification(run, event));
  const { arbitrationPacket } = event.packets;
  requireArbitration(isDeadlocked({ ...next.run, packets: run.packets }), arbitrationPacket);
  if (arbitrationPacket !== undefined) return followArbitration(next, arbitrationPacket, event.at);
  if (mayRevise(next.run)) return startRevision(next, "meta-warden", event.at);
  const missing = next.run.packets.verificationPacket?.publication.filter((entry) => !entry.holds) ?? [];
  if (missing.length > 0) return bury(next, notPublishable(next.run, missing), event.at);
  return offerChange(advance(next, event.at).transition, event.policy ?? [], event.at);
}

function notPublishable(run: Run, missing: { condition: string; detail: string }[]): Failure {
  const open = run.workFindings.filter((finding) => finding.status.kind === "open");
  return {
    code: open.length > 0 ? "verification.open_findings" : "verification.not_publishable",
    retryable: false,
    text: keyed("failure.not_publishable", {
      conditions: missing.map(
        ({ condition, detail }) => ({ kind: "key", key: `publication.${condition}`, params: { detail } }) as const,
      ),
      open: open.map((finding) => finding.text),
      count: open.length,
    }),
    evidence: open.flatMap((finding) => finding.evidence),
  };
}

/** The end: nothing is left out, so it may be called completed. */
export function completeEvolution(run: Run, event: EventOf<"evolution.completed">): Transition {
  requirePublication(run, { ...run.packets, ...event.packets });
  const next = record(run, event);
  const ended = run.stage === "evolution" ? completeStage(next, event.at) : next;
  const done = change(ended, {
    status: { kind: "completed", completedAt: event.at },
    artifacts: [...run.artifacts, ...event.artifacts],
  });
  return ask(publish(done, "notice", "result"), { kind: "close_workspace" });
}
