import type { Run } from "../contracts/run.ts";
import type { Workspace, WorkspaceCopy } from "../ports.ts";
import { packetOf } from "../spine/transitions/lanes.ts";

/** Lanes that only read share one copy of the workspace. */
const SHARED_COPY = "shared";

/**
 * Name of the copy in which a lane's attempt works. A lane that writes gets a fresh copy for every attempt,
 * so that a repeated one never starts on the leftovers of the one before.
 */
export function copyNameOf(run: Run, laneId: string, dispatchId: string): string {
  if (packetOf(run, laneId)?.workspaceIsolation !== "own_copy") return SHARED_COPY;
  return `${laneId}-${dispatchId.slice(dispatchId.lastIndexOf("_") + 1)}`;
}

/** The dispatch whose result a lane now shows. */
export function lastDispatchOf(run: Run, laneId: string): string | undefined {
  return run.dispatches.findLast(
    (dispatch) => dispatch.status === "succeeded" && dispatch.work.kind === "lane" && dispatch.work.laneId === laneId,
  )?.dispatchId;
}

/** Opens the copy in which a lane worked last; undefined where it has not worked. */
export async function openLaneCopy(
  workspace: Workspace,
  run: Run,
  laneId: string,
  signal: AbortSignal,
): Promise<WorkspaceCopy | undefined> {
  const dispatchId = lastDispatchOf(run, laneId);
  if (dispatchId === undefined) return undefined;
  return openCopy(workspace, run, copyNameOf(run, laneId, dispatchId), signal);
}

export function openCopy(workspace: Workspace, run: Run, name: string, signal: AbortSignal): Promise<WorkspaceCopy> {
  return workspace.open(run.runId, name, run.task.workspace, evidenceRevision(run), signal);
}

/** The commit that the run works on; null where there is none. */
export function evidenceRevision(run: Run): string | null {
  return run.packets.contentEvidencePacket?.workspace.revision ?? null;
}

/** Folder of the artifacts of one attempt, below the run's artifacts. */
export function artifactNamespace(run: Run, laneId: string, dispatchId: string): string {
  const base = packetOf(run, laneId)?.artifactNamespace ?? laneId;
  return `${base}/${dispatchId.slice(dispatchId.lastIndexOf("_") + 1)}`;
}
