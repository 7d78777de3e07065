import type { Decision } from "../contracts/decision.ts";
import type { Dispatch } from "../contracts/dispatch.ts";
import type { Run } from "../contracts/run.ts";
import { STAGE_KEYS, type StageKey } from "../contracts/stage.ts";
import type { MetaAgentEvent, OfDispatch, OfRun } from "./events.ts";

/** What observers are told of one change of a run, in the order in which things came about. Pure. */
export function observedIn(before: Run | undefined, after: Run): MetaAgentEvent[] {
  const of: OfRun = {
    runId: after.runId,
    at: after.updatedAt,
    tenant: after.tenant,
    macroId: after.packets.taskClassification?.macroId ?? null,
  };
  return [
    ...decisionsClosed(before, after, of),
    ...dispatchesEnded(before, after, of),
    ...stagesLeft(before, after, of),
    ...deadLetterClosed(before, after, of),
    ...statusChanged(before, after, of),
    ...stagesEntered(before, after, of),
    ...dispatchesBegun(before, after, of),
    ...decisionsOpened(before, after, of),
    ...deadLetterOpened(before, after, of),
  ];
}

/** A clock that went backwards makes nothing shorter than nothing. */
function since(start: number, end: number): number {
  return Math.max(0, end - start);
}

function statusChanged(before: Run | undefined, after: Run, of: OfRun): MetaAgentEvent[] {
  const from = before?.status.kind ?? null;
  const to = after.status.kind;
  if (from === to) return [];
  return [{ name: "run.status", payload: { ...of, from, to, ageMs: since(after.startedAt, after.updatedAt) } }];
}

function movedStages(
  before: Run | undefined,
  after: Run,
  to: "in_progress" | "completed",
): { stage: StageKey; startedAt: number; endedAt: number }[] {
  return STAGE_KEYS.flatMap((stage) => {
    const state = after.stages[stage];
    const was = before?.stages[stage]?.status;
    if (state === undefined || state.status === "pending" || was === state.status) return [];
    // A stage may begin and end in one change.
    if (to === "in_progress" && was !== undefined && was !== "pending") return [];
    if (to === "completed" && state.status !== "completed") return [];
    return [{ stage, startedAt: state.startedAt, endedAt: state.status === "completed" ? state.completedAt : 0 }];
  });
}

function stagesEntered(before: Run | undefined, after: Run, of: OfRun): MetaAgentEvent[] {
  return movedStages(before, after, "in_progress").map(({ stage }) => ({
    name: "stage.entered",
    payload: { ...of, stage },
  }));
}

function stagesLeft(before: Run | undefined, after: Run, of: OfRun): MetaAgentEvent[] {
  return movedStages(before, after, "completed").map(({ stage, startedAt, endedAt }) => ({
    name: "stage.left",
    payload: { ...of, stage, durationMs: since(startedAt, endedAt) },
  }));
}

/** Pairs of what a dispatch was and is, where that changed. */
function changedDispatches(before: Run | undefined, after: Run): { was: Dispatch | undefined; is: Dispatch }[] {
  const known = new Map(before?.dispatches.map((dispatch) => [dispatch.dispatchId, dispatch]));
  return after.dispatches.flatMap((is) => {
    const was = known.get(is.dispatchId);
    return was?.status === is.status ? [] : [{ was, is }];
  });
}

function ofDispatch(of: OfRun, { dispatchId, work, attempt, agent }: Dispatch): OfDispatch {
  return { ...of, dispatchId, work, attempt, agent };
}

function dispatchesBegun(before: Run | undefined, after: Run, of: OfRun): MetaAgentEvent[] {
  return changedDispatches(before, after).flatMap(({ is }): MetaAgentEvent[] => {
    const about = ofDispatch(of, is);
    if (is.status === "queued") {
      const notBefore = is.notBefore ?? null;
      return [{ name: "dispatch.queued", payload: { ...about, retry: is.attempt > 1, notBefore } }];
    }
    if (is.status !== "started") return [];
    return [{ name: "dispatch.started", payload: { ...about, waitMs: since(is.queuedAt, is.startedAt) } }];
  });
}

function dispatchesEnded(before: Run | undefined, after: Run, of: OfRun): MetaAgentEvent[] {
  return changedDispatches(before, after).flatMap(({ was, is }): MetaAgentEvent[] => {
    if (is.status === "queued" || is.status === "started") return [];
    const neverRan = is.status === "canceled" || is.status === "blocked";
    const startedAt = neverRan ? (was?.status === "started" ? was.startedAt : null) : is.startedAt;
    const times = {
      waitMs: startedAt === null ? null : since(is.queuedAt, startedAt),
      durationMs: startedAt === null ? null : since(startedAt, is.endedAt),
    };
    const code = is.status === "failed" ? is.failure.code : null;
    return [{ name: "dispatch.ended", payload: { ...ofDispatch(of, is), ...times, outcome: is.status, code } }];
  });
}

function newDecisions(before: Run | undefined, after: Run, isIt: (was: Decision | undefined) => boolean): Decision[] {
  const known = new Map(before?.decisions.map((decision) => [decision.decisionId, decision]));
  return after.decisions.filter(({ decisionId }) => isIt(known.get(decisionId)));
}

function decisionsOpened(before: Run | undefined, after: Run, of: OfRun): MetaAgentEvent[] {
  return newDecisions(before, after, (was) => was === undefined)
    .filter(({ status }) => status === "open")
    .map(({ decisionId, kind }) => ({ name: "decision.opened", payload: { ...of, decisionId, about: kind } }));
}

/** What a standing instruction answers is never open: it is closed at once, with the age 0. */
function decisionsClosed(before: Run | undefined, after: Run, of: OfRun): MetaAgentEvent[] {
  return newDecisions(before, after, (was) => was === undefined || was.status === "open").flatMap(
    (decision): MetaAgentEvent[] => {
      if (decision.status === "open") return [];
      const { decisionId, kind: about, openedAt } = decision;
      const answered = decision.status === "answered";
      const closed = answered
        ? { how: decision.how, by: decision.answeredBy, ageMs: since(openedAt, decision.answeredAt) }
        : { how: "withdrawn" as const, by: null, ageMs: since(openedAt, decision.withdrawnAt) };
      return [{ name: "decision.closed", payload: { ...of, decisionId, about, ...closed } }];
    },
  );
}

function deadLetterOpened(before: Run | undefined, { status }: Run, of: OfRun): MetaAgentEvent[] {
  if (status.kind !== "dead_letter" || before?.status.kind === "dead_letter") return [];
  return [{ name: "dead_letter.opened", payload: { ...of, stage: status.stage, code: status.failure.code } }];
}

function deadLetterClosed(before: Run | undefined, after: Run, of: OfRun): MetaAgentEvent[] {
  if (before?.status.kind !== "dead_letter" || after.status.kind === "dead_letter") return [];
  const { kind } = after.status;
  const how = kind === "discarded" || kind === "canceled" ? kind : "retried";
  return [{ name: "dead_letter.closed", payload: { ...of, how, ageMs: since(before.status.failedAt, of.at) } }];
}
