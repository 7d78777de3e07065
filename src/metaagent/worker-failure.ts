import type { AgentCard } from "../contracts/agent.ts";
import type { Failure } from "../contracts/failure.ts";
import type { WorkerTaskPacket } from "../contracts/packets/thinking.ts";
import type { Run } from "../contracts/run.ts";
import { raw, type Text } from "../contracts/text.ts";
import type { WorkerResult } from "../contracts/worker.ts";
import { keyed, translatorFor } from "../i18n.ts";

/** Why a worker's end is no success; undefined where it is one. Done needs evidence: exit code 0, and from a worker that reports, its own last line. */
export function failureOfWorker(
  result: WorkerResult,
  agent: Pick<AgentCard, "output" | "heartbeatMs">,
  packet: WorkerTaskPacket,
  run: Run,
): Failure | undefined {
  const known = reasonOf(result, agent, packet, run);
  if (known === undefined) return undefined;
  const argv = packet.command ?? [packet.ownerAgent, packet.laneId];
  const excerpt = result.outputTail.slice(-1500);
  return { ...known, retryable: true, evidence: [{ kind: "command", argv, exitCode: result.exitCode, excerpt }] };
}

/** Did something else end it while it worked? A time limit is no such thing: how it ended is known. */
export function wasCutOff({ stopped, exitCode }: WorkerResult): boolean {
  return stopped === "stalled" || (stopped === null && exitCode === null);
}

function reasonOf(
  result: WorkerResult,
  agent: Pick<AgentCard, "output" | "heartbeatMs">,
  packet: WorkerTaskPacket,
  run: Run,
): { code: string; text: Text } | undefined {
  const words = translatorFor(run.language.language);
  const { exitCode, signal, stopped } = result;
  if (stopped === "time_limit") {
    const limit = words.duration(packet.timeLimitMs);
    return { code: "worker.time_limit", text: keyed("failure.worker_time_limit", { limit }) };
  }
  if (stopped === "stalled") {
    const silence = words.duration(packet.heartbeatMs ?? agent.heartbeatMs ?? 0);
    return { code: "worker.stalled", text: keyed("failure.worker_stalled", { silence }) };
  }
  if (exitCode === expectedExit(packet)) {
    if (agent.output !== "reports" || result.done) return undefined;
    return { code: "worker.not_done", text: keyed("failure.worker_not_done") };
  }
  const memory = outOfMemory(result);
  if (memory !== undefined) return { code: "worker.out_of_memory", text: memory };
  if (signal !== null) return { code: "worker.signal", text: keyed("failure.worker_signal", { signal }) };
  if (exitCode === null) return { code: "worker.unwatched", text: keyed("runtime.supervisor_lost") };
  const tail = raw(result.outputTail.trim().slice(-300));
  return { code: "worker.exit", text: keyed("failure.worker_exit", { exitCode, tail }) };
}

/** A declared command may say in its checks that it ends with another code than 0. */
function expectedExit({ command, verifySteps }: WorkerTaskPacket): number {
  const step = command === undefined ? undefined : verifySteps.find((known) => known.kind === "exit_code");
  return step?.kind === "exit_code" ? step.equals : 0;
}

/** What runtimes and the system's library print when an allocation fails. */
const OWN_WORDS =
  /heap out of memory|MemoryError|OutOfMemoryError|std::bad_alloc|Cannot allocate memory|\bENOMEM\b|memory allocation of \d+ bytes failed|fatal error: runtime: out of memory/u;
/** 128 + SIGKILL: how a shell tells that its command was killed. */
const KILLED_IN_SHELL = 137;

/** Said outright where the worker said so itself. The kernel's killer leaves SIGKILL only: then it is the likely cause. */
function outOfMemory({ signal, exitCode, outputTail }: WorkerResult): Text | undefined {
  const words = OWN_WORDS.exec(outputTail)?.[0];
  if (words !== undefined) return keyed("failure.worker_out_of_memory", { words: raw(words) });
  return signal === "SIGKILL" || exitCode === KILLED_IN_SHELL ? keyed("failure.worker_killed") : undefined;
}
