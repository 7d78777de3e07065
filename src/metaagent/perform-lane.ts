import type { Dispatch } from "../contracts/dispatch.ts";
import type { EventOf } from "../contracts/event.ts";
import type { Failure } from "../contracts/failure.ts";
import type { WorkerTaskPacket } from "../contracts/packets/thinking.ts";
import type { Run } from "../contracts/run.ts";
import { raw } from "../contracts/text.ts";
import type { WorkerResult } from "../contracts/worker.ts";
import { CoxswainError } from "../errors.ts";
import { keyed, translatorFor } from "../i18n.ts";
import type { AgentRuntime } from "../ports.ts";
import { packetOf } from "../spine/transitions/lanes.ts";
import { argvOf } from "./argv.ts";
import { briefFor } from "./brief.ts";
import { artifactNamespace, copyNameOf, openCopy } from "./copies.ts";
import { retryDelay, type Control } from "./deps.ts";
import { sealChange } from "./seal-change.ts";

type Ended<K extends "lane.succeeded" | "dispatch.failed"> = Omit<EventOf<K>, "id" | "at" | "dispatchId" | "attempt">;
export type LaneEnd = Ended<"lane.succeeded"> | Ended<"dispatch.failed">;

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
  const result = await runtimeFor(control, agent.runtime).run(
    {
      agent,
      argv: argvOf(agent.argv, control.placeholders, packet.command ?? []),
      cwd: copy.root,
      artifactFolder,
      brief: briefFor(run, packet, dispatch, copy.root),
      timeLimitMs: packet.timeLimitMs,
    },
    (progress) =>
      control.events.emit("run.progress", { runId: run.runId, dispatchId: dispatch.dispatchId, laneId, progress }),
    signal,
  );
  const failure = failureOfWorker(result, agent.output === "reports", packet, run);
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
  return control.clock.now() + retryDelay(control.retry, attempts, control.random());
}

/** Done needs evidence: exit code 0, and from a worker that reports, its own last line. */
function failureOfWorker(
  result: WorkerResult,
  reports: boolean,
  packet: WorkerTaskPacket,
  run: Run,
): Failure | undefined {
  const translator = translatorFor(run.language.language);
  const evidence: Failure["evidence"] = [
    {
      kind: "command",
      argv: packet.command ?? [packet.ownerAgent, packet.laneId],
      exitCode: result.exitCode,
      excerpt: result.outputTail.slice(-1500),
    },
  ];
  const failure = (code: string, text: Failure["text"]): Failure => ({ code, retryable: true, text, evidence });
  if (result.stopped === "time_limit") {
    const limit = translator.duration(packet.timeLimitMs);
    return failure("worker.time_limit", keyed("failure.worker_time_limit", { limit }));
  }
  if (result.signal !== null)
    return failure("worker.signal", keyed("failure.worker_signal", { signal: result.signal }));
  if (result.exitCode !== expectedExit(packet)) {
    const tail = raw(result.outputTail.trim().slice(-300));
    return failure("worker.exit", keyed("failure.worker_exit", { exitCode: result.exitCode ?? -1, tail }));
  }
  if (reports && !result.done) return failure("worker.not_done", keyed("failure.worker_not_done"));
  return undefined;
}

/** A declared command may say in its checks that it ends with another code than 0. */
function expectedExit({ command, verifySteps }: WorkerTaskPacket): number {
  const step = command === undefined ? undefined : verifySteps.find((known) => known.kind === "exit_code");
  return step?.kind === "exit_code" ? step.equals : 0;
}
