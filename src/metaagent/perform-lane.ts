import type { Dispatch } from "../contracts/dispatch.ts";
import type { EventOf } from "../contracts/event.ts";
import type { Failure } from "../contracts/failure.ts";
import type { WorkerTaskPacket } from "../contracts/packets/thinking.ts";
import type { Run } from "../contracts/run.ts";
import type { WorkerResult } from "../contracts/worker.ts";
import { CoxswainError } from "../errors.ts";
import type { AgentRuntime } from "../ports.ts";
import { packetOf } from "../spine/transitions/lanes.ts";
import { argvOf } from "./argv.ts";
import { briefFor } from "./brief.ts";
import { artifactNamespace, copyNameOf, openCopy } from "./copies.ts";
import { retryDelay, retryOf, type Control } from "./deps.ts";
import { sealChange } from "./seal-change.ts";
import { failureOfWorker, wasCutOff } from "./worker-failure.ts";

type EndKind = "lane.succeeded" | "dispatch.failed" | "dispatch.interrupted";
type Ended<K extends EndKind> = Omit<EventOf<K>, "id" | "at" | "dispatchId" | "attempt">;
type LaneEnd = Ended<"lane.succeeded"> | Ended<"dispatch.failed"> | Ended<"dispatch.interrupted">;

/** Runs a lane's worker in its copy of the workspace, and says how it ended from what was seen, not claimed. */
export async function performLane(
  control: Control,
  run: Run,
  dispatch: Dispatch,
  laneId: string,
  signal: AbortSignal,
): Promise<LaneEnd> {
  const packet = packetOf(run, laneId);
  if (packet === undefined) throw new CoxswainError("lane.unknown", `There is no assignment for lane "${laneId}".`);
  const agent = control.catalog.agents.find((card) => card.id === packet.ownerAgent);
  if (agent === undefined) {
    throw new CoxswainError(
      "agent.unknown",
      `The agent "${packet.ownerAgent}" was planned and is not configured any more. Put its file back into config/agents, or start a new run.`,
    );
  }
  const copyName = copyNameOf(run, laneId, dispatch.dispatchId);
  const copy = await openCopy(control.workspace, run, copyName, signal);
  const namespace = artifactNamespace(run, laneId, dispatch.dispatchId);
  const artifactFolder = await control.files.artifactFolder(run.runId, namespace);
  const heartbeatMs = packet.heartbeatMs ?? agent.heartbeatMs ?? null;
  const result = await runtimeFor(control, agent.runtime).run(
    {
      agent,
      argv: argvOf(agent.argv, control.placeholders, packet.command ?? []),
      cwd: copy.root,
      artifactFolder,
      brief: briefFor(run, packet, dispatch, copy.root, heartbeatMs),
      timeLimitMs: packet.timeLimitMs,
      heartbeatMs,
    },
    (progress) =>
      control.events.emit("run.progress", { runId: run.runId, dispatchId: dispatch.dispatchId, laneId, progress }),
    signal,
  );
  const failure = failureOfWorker(result, agent, packet, run);
  // What a worker says of its change counts for nothing: it is taken from the copy.
  const { change: _, ...reported } = result;
  const change =
    failure === undefined ? await sealChange(control, run, packet, { copy: copyName, namespace, signal }) : undefined;
  const sealed: WorkerResult = {
    ...reported,
    ...(change === undefined ? {} : { change }),
    artifacts: await control.files.sealArtifacts(run.runId, namespace),
  };
  if (failure === undefined) return { kind: "lane.succeeded", result: sealed };
  // Cut off in the middle: how far it came nobody knows, and what must not be repeated is asked about (M7).
  if (wasCutOff(result) && !packet.repeatable) return { kind: "dispatch.interrupted", repeatable: false, failure };
  return { kind: "dispatch.failed", failure, retryAt: retryAt(control, run, packet, failure), result: sealed };
}

export function runtimeFor(control: Control, kind: AgentRuntime["kind"]): AgentRuntime {
  const runtime = control.runtimes.find((known) => known.kind === kind);
  if (runtime === undefined) throw new CoxswainError("runtime.unknown", `No runtime of kind "${kind}" is there.`);
  return runtime;
}

function retryAt(control: Control, run: Run, packet: WorkerTaskPacket, failure: Failure): number | null {
  const attempts = run.lanes[packet.laneId]?.attempts ?? packet.maxAttempts;
  if (!failure.retryable || attempts >= packet.maxAttempts) return null;
  return control.clock.now() + retryDelay(retryOf(control, run), attempts, control.random());
}
