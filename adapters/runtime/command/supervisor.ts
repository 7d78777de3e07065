import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { endTree } from "./process-tree.ts";
import type { SupervisorCommand, SupervisorReport } from "./supervisor-protocol.ts";

/**
 * A small process between the bot and one worker. It owns the worker's process group and ends the whole tree
 * when the worker ends, at the time limit, when told to, or when the bot's channel closes (kill -9 of the bot).
 * The worker inherits standard output and error, so that its output never passes through here.
 */

type Order = Extract<SupervisorCommand, { kind: "order" }>;
type Stopped = Extract<SupervisorReport, { kind: "ended" }>["stopped"];

/** Longest delay of a Node timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How long the exit of a killed worker is waited for, before the end is reported without it. */
const EXIT_WAIT_MS = 2000;

const stop = Promise.withResolvers<"canceled" | "stalled">();
process.on("message", (command: SupervisorCommand) => {
  if (command.kind === "stop") stop.resolve(command.because);
  else supervise(command).catch(reportNotStarted);
});
process.on("disconnect", () => stop.resolve("canceled"));
process.on("SIGTERM", () => stop.resolve("canceled"));
// A Ctrl-C in the terminal reaches the whole foreground group: the bot decides what it means for its workers.
process.on("SIGINT", () => undefined);
process.on("SIGHUP", () => undefined);
// The bot may have died while this file was loading.
if (!process.connected) process.exit(1);

async function supervise(order: Order): Promise<void> {
  const [program = "", ...args] = order.argv;
  const child = spawn(program, args, {
    cwd: order.cwd,
    env: order.environment,
    detached: true,
    stdio: ["pipe", "inherit", "inherit"],
  });
  const exit = new Promise<{ exitCode: number | null; signal: string | null }>((resolve) => {
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const { pid } = child;
  child.once("error", (error) => (pid === undefined ? reportNotStarted(error) : undefined));
  if (pid === undefined) return;
  report({ kind: "started", pid });

  // A worker that does not read its brief closes the pipe: its choice, and no error of ours.
  child.stdin.on("error", () => undefined);
  child.stdin.end(order.input);

  const timer = new AbortController();
  const timeLimit = delay(Math.min(order.timeLimitMs, MAX_TIMER_MS), "time_limit" as const, { signal: timer.signal });
  timeLimit.catch(() => undefined);
  const stopped: Stopped = await Promise.race([exit.then(() => null), stop.promise, timeLimit]);
  timer.abort();
  await endTree({ pid, marker: order.marker }, order.graceMs);
  const { exitCode, signal } = await Promise.race([exit, delay(EXIT_WAIT_MS, { exitCode: null, signal: null })]);
  report({ kind: "ended", exitCode, signal, stopped });
}

/** Reached only before the worker runs: `spawn` throws for arguments that the system cannot take. */
function reportNotStarted(error: unknown): void {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  report({ kind: "not_started", code, message: error instanceof Error ? error.message : String(error) });
}

/** Tells the bot, if it is still there; the last report ends this process. */
function report(message: SupervisorReport): void {
  if (!process.connected || process.send === undefined) process.exit(0);
  process.send(message, () => {
    if (message.kind !== "started") process.exit(0);
  });
}
