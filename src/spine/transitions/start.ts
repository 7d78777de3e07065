import type { EventOf } from "../../contracts/event.ts";
import type { Run } from "../../contracts/run.ts";
import { dispatchStep, enterStage, unchanged, type Transition } from "../run-changes.ts";

/** A run begins in Critical, with nothing to choose and nothing planned. */
export function startRun(event: EventOf<"run.started">): Transition {
  const pending = { status: "pending" } as const;
  const run: Run = {
    schemaVersion: 1,
    runId: event.runId,
    version: 1,
    task: event.task,
    tenant: event.tenant,
    startedAt: event.at,
    updatedAt: event.at,
    status: { kind: "active" },
    stage: "critical",
    stages: {
      critical: pending,
      fetch: pending,
      thinking: pending,
      execution: pending,
      review: pending,
      meta_review: pending,
      verification: pending,
      evolution: pending,
    },
    path: "regulated_path",
    choiceSurfaceState: "not_allowed",
    queryBypass: false,
    language: event.language,
    clarifications: [],
    packets: {},
    decisions: [],
    lanes: {},
    dispatches: [],
    invocations: [],
    stepOutcomes: [],
    workFindings: [],
    revisionRound: 0,
    artifacts: [],
    waivers: [],
    redrives: 0,
  };
  return dispatchStep(enterStage(unchanged(run), "critical", event.at), "critical", event.at);
}
