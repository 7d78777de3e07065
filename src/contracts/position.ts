import type { Run } from "./run.ts";
import { nextStage, STAGE_KEYS, type StageKey } from "./stage.ts";
import type { Text } from "./text.ts";

/** Where a run stands, for the stage notice and the public files (G21). No words yet: texts are catalogue keys. */
export interface RunPosition {
  /** False once nothing goes on any more; a dead letter is inactive until an operator sends it back. */
  readonly active: boolean;
  readonly stage: StageKey;
  /** Without the stages that were skipped. */
  readonly completed: readonly StageKey[];
  readonly next: StageKey | null;
  /** What happens now, in plain language. */
  readonly current: Text;
  /** Catalogue key of what the stage is for. */
  readonly purposeKey: `stage.purpose.${StageKey}`;
  readonly blockedOn: Text | null;
}

export function positionOf(run: Run): RunPosition {
  const active = run.status.kind === "active" || run.status.kind === "waiting";
  return {
    active,
    stage: run.stage,
    completed: STAGE_KEYS.filter((stage) => run.stages[stage].status === "completed"),
    next: active ? (nextStage(run.stage, run.path) ?? null) : null,
    current: currentOf(run),
    purposeKey: `stage.purpose.${run.stage}`,
    blockedOn: blockedOn(run),
  };
}

function currentOf(run: Run): Text {
  if (run.status.kind !== "active") return { kind: "key", key: `state.current.${run.status.kind}` };
  const { change } = run;
  if (change?.status === "approved") {
    const params = { branch: change.branch, until: change.keepAt, run: run.runId };
    return { kind: "key", key: "keep.current.approved", params };
  }
  if (change?.status === "keeping")
    return { kind: "key", key: "keep.current.keeping", params: { branch: change.branch } };
  const lanes = Object.values(run.lanes);
  if (run.stage !== "execution" || lanes.length === 0) return { kind: "key", key: `stage.purpose.${run.stage}` };
  const done = lanes.filter((lane) => lane.status === "succeeded" || lane.status === "accepted_unknown").length;
  return { kind: "key", key: "state.current.execution", params: { done, total: lanes.length } };
}

function blockedOn({ status, lanes }: Run): Text | null {
  const blocked = Object.values(lanes).filter((lane) => lane.status === "blocked").length;
  if (status.kind === "active" && blocked > 0) {
    return { kind: "key", key: "state.blocked.policy", params: { count: blocked } };
  }
  switch (status.kind) {
    case "active":
    case "completed":
      return null;
    case "waiting":
      return { kind: "key", key: "state.blocked.waiting" };
    case "dead_letter":
      return { kind: "key", key: "state.blocked.dead_letter", params: { reason: status.failure.text } };
    case "canceled":
      return {
        kind: "key",
        key: "state.blocked.canceled",
        params: { who: status.canceledBy.displayName ?? status.canceledBy.user },
      };
    case "discarded":
      return {
        kind: "key",
        key: "state.blocked.discarded",
        params: { who: status.discardedBy.displayName ?? status.discardedBy.user, reason: status.reason },
      };
    case "refused":
      return { kind: "key", key: "state.blocked.refused", params: { reason: status.reason } };
  }
}
