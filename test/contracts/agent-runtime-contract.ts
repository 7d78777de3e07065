import { describe, expect, it, vi } from "vitest";
import { WorkerResult } from "../../src/contracts/worker.ts";
import type { AgentRuntime, Progress } from "../../src/ports.ts";
import { isRunning, pidsIn, script, temporaryFolder, worker, workerOrder } from "../adapters/runtime/worker-order.ts";
import { PATIENCE_MS } from "../fixtures/patience.ts";

const ignore = (): void => undefined;
const never = new AbortController().signal;

/** What every agent runtime that starts programs holds to. `create` makes one with a short grace. */
export function describeAgentRuntimeContract(name: string, create: () => AgentRuntime): void {
  describe(`${name} as an agent runtime`, () => {
    it("gives the worker its brief, and returns what it reported", async () => {
      const order = await workerOrder(worker("reports"));
      const seen: Progress[] = [];
      const result = await create().run(order, (progress) => seen.push(progress), never);
      expect(WorkerResult.parse(result)).toMatchObject({
        exitCode: 0,
        signal: null,
        stopped: null,
        done: true,
        summary: { kind: "raw", raw: "all read" },
        facts: { goal: "look at everything" },
        findings: [{ code: "demo.todo", severity: "low", file: "src/a b.ts", line: 3 }],
        unavailable: [{ code: "demo.network" }],
        artifacts: [],
        rejectedReports: 1,
      });
      expect(seen[0]).toEqual({ done: 1, total: 2, text: { kind: "raw", raw: "reading" } });
      expect(seen.at(-1)).toEqual({ done: 2, total: 2, text: null });
    });

    it("returns the exit code of a worker that fails", async () => {
      const result = await create().run(await workerOrder(script("process.exit(7)")), ignore, never);
      expect(result).toMatchObject({ exitCode: 7, signal: null, stopped: null, done: false });
    });

    it("returns the signal that ended a worker", async () => {
      const order = await workerOrder(script('process.kill(process.pid, "SIGKILL")'));
      expect(await create().run(order, ignore, never)).toMatchObject({
        exitCode: null,
        signal: "SIGKILL",
        stopped: null,
      });
    });

    it("says which program is missing", async () => {
      const run = create().run(await workerOrder(["no-such-program-here"]), ignore, never);
      await expect(run).rejects.toMatchObject({
        code: "runtime.not_started",
        retryable: false,
        message: expect.stringContaining("no-such-program-here") as string,
      });
    });

    it("says which folder is missing", async () => {
      const order = { ...(await workerOrder(script(""))), cwd: "/no/such/folder" };
      await expect(create().run(order, ignore, never)).rejects.toMatchObject({
        code: "runtime.not_started",
        message: expect.stringContaining("/no/such/folder") as string,
      });
    });

    it("stops a worker at its time limit", async () => {
      const order = await workerOrder(script("setInterval(() => {}, 1000)"), { timeLimitMs: 300 });
      expect(await create().run(order, ignore, never)).toMatchObject({ stopped: "time_limit", signal: "SIGTERM" });
    });

    it("stops a worker with its tree when it breaks its promise of signs of life", async () => {
      const pidFile = `${await temporaryFolder()}/pids`;
      // Long enough for two programs to start on a busy machine: what has not started yet leaves no tree to look at.
      const order = await workerOrder(worker("tree", pidFile, "stay", "setsid"), { heartbeatMs: 4000 });
      expect(await create().run(order, ignore, never)).toMatchObject({ stopped: "stalled", signal: "SIGKILL" });
      const pids = pidsIn(pidFile);
      expect(pids).toBeDefined();
      for (const pid of Object.values(pids ?? {})) expect(isRunning(pid ?? 0)).toBe(false);
    });

    it.each([
      ["reports", `'{"type":"heartbeat"}'`],
      ["text", "'still at it'"],
    ] as const)("leaves a worker alone that goes on to give %s", async (output, line) => {
      const beats = `let n = 0; const t = setInterval(() => { console.log(${line}); if (++n === 12) clearInterval(t); }, 250)`;
      const order = await workerOrder(script(beats), { output, heartbeatMs: 2000 });
      expect(await create().run(order, ignore, never)).toMatchObject({
        stopped: null,
        exitCode: 0,
        rejectedReports: 0,
      });
    });

    it("takes no other output for a sign of life where reports are spoken", async () => {
      const order = await workerOrder(script("setInterval(() => console.log('still stuck'), 50)"), {
        heartbeatMs: 500,
      });
      expect(await create().run(order, ignore, never)).toMatchObject({ stopped: "stalled" });
    });

    it("stops a worker when it is aborted", async () => {
      const pidFile = `${await temporaryFolder()}/pids`;
      const controller = new AbortController();
      const run = create().run(await workerOrder(worker("tree", pidFile, "stay")), ignore, controller.signal);
      const pids = await vi.waitUntil(() => pidsIn(pidFile), PATIENCE_MS);
      controller.abort();
      expect(await run).toMatchObject({ stopped: "canceled", signal: "SIGKILL" });
      expect(isRunning(pids.worker)).toBe(false);
    });

    it("does not start what is aborted already", async () => {
      const pidFile = `${await temporaryFolder()}/pids`;
      const order = await workerOrder(worker("tree", pidFile, "leave"));
      expect(await create().run(order, ignore, AbortSignal.abort())).toMatchObject({
        stopped: "canceled",
        exitCode: null,
      });
      expect(pidsIn(pidFile)).toBeUndefined();
    });
  });
}
