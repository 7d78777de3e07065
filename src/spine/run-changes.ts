import type { OpenDecision } from "../contracts/decision.ts";
import type { Dispatch, StageStep, Work } from "../contracts/dispatch.ts";
import type { CardKind, Effect } from "../contracts/effect.ts";
import type { Run } from "../contracts/run.ts";
import { nextStage, type StageKey } from "../contracts/stage.ts";

/** A run after an event, and what the world is asked to do about it. */
export interface Transition {
  readonly run: Run;
  readonly effects: readonly Effect[];
}

/** The small moves that transitions are made of; each gives a new run and adds its effects. */
export function unchanged(run: Run): Transition {
  return { run, effects: [] };
}

export function change(transition: Transition, fields: Partial<Run>): Transition {
  return { ...transition, run: { ...transition.run, ...fields } };
}

export function ask(transition: Transition, ...effects: Effect[]): Transition {
  return { ...transition, effects: [...transition.effects, ...effects] };
}

export function publish(transition: Transition, ...cards: CardKind[]): Transition {
  return ask(transition, ...cards.map((card): Effect => ({ kind: "publish", card })));
}

/** The governance agent that answers for a stage's own work (G31). */
const STEP_AGENT: Record<StageStep, string> = {
  critical: "meta-warden",
  fetch: "meta-conductor",
  thinking_frame: "meta-conductor",
  thinking_plan: "meta-conductor",
  review: "meta-prism",
  meta_review: "meta-warden",
  verification: "meta-warden",
  evolution: "meta-chrysalis",
};

/** Hands out a piece of work: a new dispatch, counted inside the run. */
export function dispatchWork(
  transition: Transition,
  work: Work,
  agent: string,
  at: number,
  attempt = 1,
  notBefore?: number,
): Transition {
  const { run } = transition;
  const dispatch: Dispatch = {
    status: "queued",
    dispatchId: `dsp_${run.runId.slice("run_".length)}_${run.dispatches.length + 1}`,
    work,
    attempt,
    agent,
    queuedAt: at,
    ...(notBefore === undefined ? {} : { notBefore }),
  };
  return ask(change(transition, { dispatches: [...run.dispatches, dispatch] }), {
    kind: "dispatch",
    dispatchId: dispatch.dispatchId,
  });
}

export function dispatchStep(transition: Transition, step: StageStep, at: number): Transition {
  return dispatchWork(transition, { kind: "stage", step }, STEP_AGENT[step], at);
}

export function replaceDispatch(transition: Transition, dispatch: Dispatch): Transition {
  const dispatches = transition.run.dispatches.map((known) =>
    known.dispatchId === dispatch.dispatchId ? dispatch : known,
  );
  return change(transition, { dispatches });
}

export function isOpenDispatch(dispatch: Dispatch): boolean {
  return dispatch.status === "queued" || dispatch.status === "started";
}

/** Takes back everything that was handed out and has not ended. */
export function revokeAll(transition: Transition, at: number): Transition {
  return transition.run.dispatches.filter(isOpenDispatch).reduce((next, dispatch) => {
    const { dispatchId, work, attempt, agent, queuedAt } = dispatch;
    const canceled: Dispatch = { status: "canceled", dispatchId, work, attempt, agent, queuedAt, endedAt: at };
    return ask(replaceDispatch(next, canceled), { kind: "revoke", dispatchId });
  }, transition);
}

export function enterStage(transition: Transition, stage: StageKey, at: number): Transition {
  const stages = { ...transition.run.stages, [stage]: { status: "in_progress", startedAt: at } as const };
  return publish(change(transition, { stage, stages }), "notice");
}

export function completeStage(transition: Transition, at: number): Transition {
  const { run } = transition;
  const state = run.stages[run.stage];
  const startedAt = state.status === "pending" ? at : state.startedAt;
  return change(transition, {
    stages: { ...run.stages, [run.stage]: { status: "completed", startedAt, completedAt: at } },
  });
}

/** Completes the stage and enters the next one of the run's path; undefined where the path ends. */
export function advance(transition: Transition, at: number): { transition: Transition; stage: StageKey | undefined } {
  const done = completeStage(transition, at);
  const stage = nextStage(done.run.stage, done.run.path);
  return { transition: stage === undefined ? done : enterStage(done, stage, at), stage };
}

/** Puts a question to people. The run waits until it is answered; no time-out answers it (G3). */
export function openDecision(transition: Transition, decision: OpenDecision): Transition {
  return publish(
    change(transition, {
      decisions: [...transition.run.decisions, decision],
      status: { kind: "waiting", decisionId: decision.decisionId },
    }),
    "decision",
    "notice",
  );
}

/** The id of the next decision of a run. */
export function nextDecisionId(run: Run): string {
  return `dec_${run.runId.slice("run_".length)}_${run.decisions.length + 1}`;
}
