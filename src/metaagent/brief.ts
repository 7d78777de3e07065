import type { WorkerTaskPacket } from "../contracts/packets/thinking.ts";
import type { Dispatch } from "../contracts/dispatch.ts";
import type { Run } from "../contracts/run.ts";
import type { Brief } from "../contracts/worker.ts";
import { ArgumentValue } from "../contracts/macro-argument.ts";

/** The whole assignment of a worker (G37): it sees neither the chat nor the run. */
export function briefFor(
  run: Run,
  packet: WorkerTaskPacket,
  dispatch: Dispatch,
  workspaceRoot: string,
  heartbeatMs: number | null,
): Brief {
  const evidence = run.packets.contentEvidencePacket?.workspace;
  return {
    schemaVersion: 1,
    runId: run.runId,
    dispatchId: dispatch.dispatchId,
    attempt: dispatch.attempt,
    laneId: packet.laneId,
    role: packet.roleDisplayName,
    goal: run.task.goal,
    coreProblem: run.packets.intentGatePacket?.coreProblem ?? run.task.goal,
    task: packet.task,
    workspace: workspaceRoot,
    revision: evidence?.revision ?? null,
    files: {
      tracked: evidence?.trackedFiles ?? 0,
      manifests: evidence?.manifests.map((manifest) => manifest.path) ?? [],
      testCommand: evidence?.testCommand?.argv ?? null,
      ...(evidence?.uncommitted === undefined ? {} : { uncommitted: evidence.uncommitted }),
      ...(evidence?.remote === undefined ? {} : { remote: evidence.remote }),
    },
    args: Object.fromEntries(Object.entries(packet.args).map(([name, value]) => [name, ArgumentValue.parse(value)])),
    mayWrite: packet.writes,
    mayUseNetwork: packet.uses.includes("network"),
    mayRunRepositoryCode: packet.uses.includes("repository_code"),
    timeLimitMs: packet.timeLimitMs,
    ...(heartbeatMs === null ? {} : { heartbeatMs }),
    language: run.language.language,
    constraints: [...packet.designPrinciples, ...packet.constraints],
    revisions: run.workFindings
      .filter((finding) => finding.laneId === packet.laneId && finding.status.kind === "open")
      .map((finding) => ({ stepId: finding.stepId, detail: detailOf(run, finding.laneId, finding.stepId) })),
  };
}

function detailOf(run: Run, laneId: string, stepId: string): string {
  return (
    run.stepOutcomes.findLast((outcome) => outcome.laneId === laneId && outcome.stepId === stepId)?.detail ?? stepId
  );
}
