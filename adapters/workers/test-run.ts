import { spawn } from "node:child_process";
import { open, type FileHandle } from "node:fs/promises";

/** How a command ended that may print anything for any time. */
export interface CommandEnd {
  readonly argv: readonly string[];
  /** Null where it did not end by itself. */
  readonly exitCode: number | null;
  readonly ended: "by_itself" | "time_limit" | "output_limit" | "not_found";
  readonly durationMs: number;
}

const OUTPUT_LIMIT_BYTES = 8_000_000;
const TICK_MS = 500;

/**
 * Runs a command without a shell and appends its output to `log`. The child writes to the file itself: a
 * grandchild that stays behind then cannot keep this process waiting at the end of a pipe.
 */
export async function runLogged(
  argv: readonly string[],
  log: string,
  timeLimitMs: number,
  onTick: () => void,
): Promise<CommandEnd> {
  await using file = await open(log, "a");
  await file.write(`$ ${argv.join(" ")}\n`);
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort("time_limit"), timeLimitMs);
  const watch = setInterval(() => {
    onTick();
    void stopWhenTooLong(file, stop);
  }, TICK_MS);
  const startedAt = performance.now();
  const exit = await exitOf(argv, file.fd, stop.signal);
  clearTimeout(limit);
  clearInterval(watch);
  await file.write(`\n[exit code ${exit.code ?? "none"}]\n`);
  const ended = endOf(exit.error, stop.signal);
  return { argv, exitCode: exit.code, ended, durationMs: Math.round(performance.now() - startedAt) };
}

async function stopWhenTooLong(file: FileHandle, stop: AbortController): Promise<void> {
  const { size } = await file.stat();
  if (size > OUTPUT_LIMIT_BYTES) stop.abort("output_limit");
}

interface Exit {
  readonly code: number | null;
  readonly error?: NodeJS.ErrnoException;
}

async function exitOf([program = "", ...rest]: readonly string[], output: number, signal: AbortSignal): Promise<Exit> {
  // CI: without it, test runners that watch files would never end.
  const env = { ...process.env, CI: "true" };
  return new Promise((resolve) => {
    const child = spawn(program, rest, { stdio: ["ignore", output, output], signal, killSignal: "SIGKILL", env });
    child.once("error", (error: NodeJS.ErrnoException) => resolve({ code: null, error }));
    child.once("exit", (code) => resolve({ code }));
  });
}

function endOf(error: NodeJS.ErrnoException | undefined, signal: AbortSignal): CommandEnd["ended"] {
  if (signal.aborted) return signal.reason === "output_limit" ? "output_limit" : "time_limit";
  return error === undefined ? "by_itself" : "not_found";
}
