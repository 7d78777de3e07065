import { spawn, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { WorkerResult } from "../../../src/contracts/worker.ts";
import { CoxswainError } from "../../../src/errors.ts";
import { endTree } from "./process-tree.ts";
import { SupervisorReport, type SupervisorCommand } from "./supervisor-protocol.ts";
import { workerEnvironment, type Environment } from "./worker-environment.ts";

const PROGRAM = fileURLToPath(new URL("supervisor.ts", import.meta.url));
/** Reasons for a failed start that pass by themselves: too many processes or files, no memory. */
const PASSING = ["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"];

export type Order = Extract<SupervisorCommand, { kind: "order" }>;
/** A supervisor's process; the streams are those of its worker. */
export interface Supervisor {
  readonly child: ChildProcess;
  readonly stdout: Readable;
  readonly stderr: Readable;
}
export interface Ended extends Pick<WorkerResult, "exitCode" | "signal" | "stopped"> {
  /** True when the supervisor itself was killed: nobody saw how the worker ended. */
  readonly supervisorLost: boolean;
}

/** Starts a supervisor without an order. */
export function startSupervisor(environment: Environment): Supervisor {
  const child = spawn(process.execPath, [PROGRAM], {
    env: workerEnvironment(environment, [], {}),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw notStartedError("its supervisor has no output", true);
  return { child, stdout, stderr };
}

/**
 * Gives the order, and resolves when the worker's tree has ended. Throws `runtime.not_started` where the worker
 * never ran. An abort of either signal stops the tree.
 */
export async function supervise(
  { child }: Supervisor,
  order: Order,
  signals: { readonly canceled: AbortSignal; readonly stalled: AbortSignal },
): Promise<Ended> {
  const { canceled, stalled } = signals;
  const cancel = (): void => tell(child, { kind: "stop", because: "canceled" });
  const stall = (): void => tell(child, { kind: "stop", because: "stalled" });
  canceled.addEventListener("abort", cancel);
  stalled.addEventListener("abort", stall);
  try {
    const reports = await conversation(child, order);
    return await conclusion(reports, order, canceled);
  } finally {
    canceled.removeEventListener("abort", cancel);
    stalled.removeEventListener("abort", stall);
  }
}

/** All that the supervisor said, complete when it has closed its channel: as its last act, or by dying. */
function conversation(child: ChildProcess, order: Order): Promise<SupervisorReport[]> {
  const reports: SupervisorReport[] = [];
  return new Promise((resolve, reject) => {
    child.on("message", (message) => {
      const report = SupervisorReport.safeParse(message);
      if (report.success) reports.push(report.data);
    });
    child.once("disconnect", () => resolve(reports));
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(notStartedError(`its supervisor did not start: ${error.message}`, PASSING.includes(error.code ?? ""))),
    );
    tell(child, order);
  });
}

async function conclusion(reports: readonly SupervisorReport[], order: Order, signal: AbortSignal): Promise<Ended> {
  const last = reports.at(-1);
  switch (last?.kind) {
    case "ended":
      return { exitCode: last.exitCode, signal: last.signal, stopped: last.stopped, supervisorLost: false };
    case "not_started":
      throw notStartedError(reasonOf(last, order), PASSING.includes(last.code));
    case "started":
      await endTree({ pid: last.pid, marker: order.marker }, order.graceMs);
      return { exitCode: null, signal: null, stopped: signal.aborted ? "canceled" : null, supervisorLost: true };
    case undefined:
      throw notStartedError("its supervisor ended before it began. Look into the output log, and try again", true);
  }
}

/** `reason` completes "The worker did not start: …". */
export function notStartedError(reason: string, retryable = false): CoxswainError {
  return new CoxswainError("runtime.not_started", `The worker did not start: ${reason}.`, { retryable });
}

function reasonOf(report: Extract<SupervisorReport, { kind: "not_started" }>, order: Order): string {
  const program = order.argv[0] ?? "";
  if (report.code === "ENOENT") {
    return `the program "${program}" was not found, neither as a path nor on PATH. Install it, or name another one where it is written down: in the command of the macro, or in argv of the agent. A retry goes by what is written there now`;
  }
  if (report.code === "EACCES") return `"${program}" may not be executed. Check its permissions`;
  return `"${program}": ${report.message}`;
}

/** A supervisor that is gone cannot be told anything; its channel's end says so. */
function tell(child: ChildProcess, command: SupervisorCommand): void {
  if (child.connected) child.send(command, () => undefined);
}
