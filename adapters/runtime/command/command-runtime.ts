import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { WorkerResult } from "../../../src/contracts/worker.ts";
import { messageOf } from "../../../src/errors.ts";
import { keyed } from "../../../src/i18n.ts";
import type { Log } from "../../../src/log.ts";
import type { AgentRuntime, Clock, WorkerOrder } from "../../../src/ports.ts";
import { openOutputLog, type OutputLog } from "./output-log.ts";
import { createThrottle } from "./progress-throttle.ts";
import { watchPulse } from "./pulse.ts";
import { createReportCollector } from "./report-collector.ts";
import { createMask } from "./secret-mask.ts";
import { notStartedError, startSupervisor, supervise, type Ended, type Order, type Supervisor } from "./supervision.ts";
import { workerEnvironment, type Environment } from "./worker-environment.ts";
import { readOutput } from "./worker-output.ts";

const OUTPUT_LOG = "output.log";
const OUTPUT_LOG_BYTES = 20_000_000;
/** How long output may still come when supervisor and tree have ended. */
const LAST_OUTPUT_MS = 5000;

interface CommandRuntimeOptions {
  /** The bot's own environment: the source of what workers may see, and of the secrets that are masked. */
  readonly environment: Environment;
  readonly log: Log;
  readonly clock?: Pick<Clock, "now">;
  /** Time between SIGTERM and SIGKILL, in milliseconds; 3000 where it is not given. */
  readonly graceMs?: number;
}

/**
 * Runs workers as commands on this machine, each under its own supervisor process. A worker gets its brief as
 * one JSON document on standard input and its artifact folder in `COXSWAIN_ARTIFACTS`. What it prints is kept in
 * `output.log` of that folder, secrets masked. A process that clears its environment, leaves the session and
 * loses its parent cannot be found again without privileges; every other one ends with its worker.
 */
export function createCommandRuntime(options: CommandRuntimeOptions): AgentRuntime {
  const { log, environment, clock = Date, graceMs = 3000 } = options;
  const mask = createMask(environment, log);

  return {
    kind: "command",
    run: async (order, onProgress, signal) => {
      if (signal.aborted) return canceledBeforeStart();
      await requireFolder(order.cwd);
      const output = await openLog(order.artifactFolder);
      const progress = createThrottle(onProgress, clock, log);
      const reports = createReportCollector(mask, (latest) => progress.report(latest));
      const startedAt = clock.now();

      const pulse = watchPulse(order.heartbeatMs);
      const isText = order.agent.output === "text";
      const supervisor = startSupervisor(environment);
      // Where the protocol is spoken only a report counts: a worker that hangs may go on to print the same warning.
      const reader = { mask, output, log, onReport: pulse.beat, onLog: isText ? pulse.beat : undefined };
      const readers = [
        readOutput(supervisor.stdout, { ...reader, reports: isText ? undefined : reports }),
        readOutput(supervisor.stderr, { ...reader, reports: undefined }),
      ];
      let ended: Ended;
      let problem: string | undefined;
      try {
        const signals = { canceled: signal, stalled: pulse.stalled };
        ended = await supervise(supervisor, orderCommand(order, environment, graceMs), signals);
      } finally {
        pulse.end();
        await lastOutput(supervisor, readers);
        problem = await output.close();
      }
      progress.flush();
      const { unavailable, ...reported } = reports.result();
      return {
        ...reported,
        exitCode: ended.exitCode,
        signal: ended.signal,
        stopped: ended.stopped,
        durationMs: Math.max(0, clock.now() - startedAt),
        unavailable: [...unavailable, ...lossesOf(ended, problem, output.cutLines())],
        artifacts: [],
        outputTail: output.tail(),
      };
    },
  };
}

function orderCommand(order: WorkerOrder, environment: Environment, graceMs: number): Order {
  // Of this start only: the dispatch's own id comes again when it is retried, perhaps while an old tree is dying.
  const tree = randomUUID();
  return {
    kind: "order",
    argv: order.argv,
    cwd: order.cwd,
    environment: workerEnvironment(environment, order.agent.environment, {
      COXSWAIN_WORKER: "1",
      COXSWAIN_DISPATCH: order.brief.dispatchId,
      COXSWAIN_ARTIFACTS: order.artifactFolder,
      COXSWAIN_TREE: tree,
    }),
    input: JSON.stringify(order.brief),
    timeLimitMs: order.timeLimitMs,
    graceMs,
    marker: `COXSWAIN_TREE=${tree}`,
  };
}

async function openLog(artifactFolder: string): Promise<OutputLog> {
  try {
    return await openOutputLog(join(artifactFolder, OUTPUT_LOG), OUTPUT_LOG_BYTES);
  } catch (error) {
    throw notStartedError(`its output cannot be kept in ${artifactFolder}: ${messageOf(error)}`);
  }
}

/** What is missing from the result through no fault of the worker. */
function lossesOf(ended: Ended, logProblem: string | undefined, cutLines: number): WorkerResult["unavailable"] {
  const losses: WorkerResult["unavailable"] = [];
  if (ended.supervisorLost) {
    losses.push({ code: "runtime.supervisor_lost", text: keyed("runtime.supervisor_lost") });
  }
  if (logProblem !== undefined) {
    losses.push({ code: "runtime.log_not_kept", text: keyed("runtime.log_not_kept", { reason: logProblem }) });
  }
  if (cutLines > 0) {
    const params = { lines: cutLines, megabytes: OUTPUT_LOG_BYTES / 1_000_000 };
    losses.push({ code: "runtime.log_cut", text: keyed("runtime.log_cut", params) });
  }
  return losses;
}

/**
 * Waits until the streams are read to their ends. When the tree has ended, only a process that escaped can hold
 * them open, and it must not keep the run waiting.
 */
async function lastOutput(supervisor: Supervisor, readers: readonly Promise<void>[]): Promise<void> {
  const timer = setTimeout(() => {
    supervisor.stdout.destroy();
    supervisor.stderr.destroy();
  }, LAST_OUTPUT_MS);
  await Promise.all(readers);
  clearTimeout(timer);
}

async function requireFolder(folder: string): Promise<void> {
  // Looked at beforehand, since the system reports a missing folder as a missing program.
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw notStartedError(`its folder ${folder} is missing. Open the workspace copy again`);
}

function canceledBeforeStart(): WorkerResult {
  const nothing = { facts: {}, findings: [], unavailable: [], artifacts: [], rejectedReports: 0, outputTail: "" };
  return { ...nothing, exitCode: null, signal: null, stopped: "canceled", durationMs: 0, done: false };
}
