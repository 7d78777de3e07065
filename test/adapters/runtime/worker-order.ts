import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { WorkerOrder } from "../../../src/ports.ts";

const DISPATCH_ID = "dsp_4k2m9x7q1b_1";

interface OrderOptions {
  readonly output?: WorkerOrder["agent"]["output"];
  readonly environment?: readonly string[];
  readonly timeLimitMs?: number;
  readonly heartbeatMs?: number;
}

/** An order for a real process, in a new temporary folder that goes with the test. */
export async function workerOrder(argv: readonly string[], options: OrderOptions = {}): Promise<WorkerOrder> {
  const folder = await temporaryFolder();
  const timeLimitMs = options.timeLimitMs ?? 60_000;
  return {
    agent: {
      id: "demo",
      title: { en: "Demo" },
      capabilities: ["show how workers run"],
      keywords: [],
      runtime: "command",
      argv: [...argv],
      output: options.output ?? "reports",
      environment: [...(options.environment ?? [])],
    },
    argv,
    cwd: folder,
    artifactFolder: folder,
    timeLimitMs,
    heartbeatMs: options.heartbeatMs ?? null,
    brief: {
      schemaVersion: 1,
      runId: "run_4k2m9x7q1b",
      dispatchId: DISPATCH_ID,
      attempt: 1,
      laneId: "demo",
      role: "demo",
      goal: "look at everything",
      coreProblem: "nobody has looked",
      task: "look",
      workspace: folder,
      revision: null,
      files: { tracked: 0, manifests: [], testCommand: null },
      args: {},
      mayWrite: [],
      mayUseNetwork: false,
      mayRunRepositoryCode: false,
      timeLimitMs,
      language: "en",
      constraints: [],
      revisions: [],
    },
  };
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "coxswain-worker-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** A program of `test/fixtures/workers`, to be run by this Node. */
export function worker(name: string, ...args: string[]): string[] {
  return [process.execPath, fileURLToPath(new URL(`../../fixtures/workers/${name}.mjs`, import.meta.url)), ...args];
}

/** A program in one line. */
export function script(code: string): string[] {
  return [process.execPath, "-e", code];
}

/** Pids that `tree.mjs` wrote down, by name; undefined until both are there. */
export function pidsIn(file: string): { worker: number; grandchild: number | undefined } | undefined {
  if (!existsSync(file)) return undefined;
  const pids = new Map(
    readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line): [string, number] => [line.split(" ")[0] ?? "", Number(line.split(" ")[1])]),
  );
  const pid = pids.get("worker");
  return pid === undefined ? undefined : { worker: pid, grandchild: pids.get("grandchild") };
}

/** False for a process that has ended, also where nobody has collected it yet. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== "linux") return true;
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
