import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { pino } from "pino";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createCommandRuntime } from "../../../adapters/runtime/command/command-runtime.ts";
import { isRunning, pidsIn, script, temporaryFolder, worker, workerOrder } from "./worker-order.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { PATIENCE_MS } from "../../fixtures/patience.ts";

const runtime = createCommandRuntime({ environment: process.env, log: pino({ level: "silent" }), graceMs: 200 });
const ignore = (): void => undefined;

/** Both processes of `tree.mjs`, as soon as both run. */
async function bothPids(pidFile: string): Promise<{ worker: number; grandchild: number }> {
  return vi.waitUntil(() => {
    const pids = pidsIn(pidFile);
    return pids?.grandchild === undefined ? undefined : { worker: pids.worker, grandchild: pids.grandchild };
  }, PATIENCE_MS);
}

describe("the whole process tree ends", () => {
  const escapes = process.platform === "linux" ? ["group", "setsid"] : ["group"];

  it.each(escapes)("with a worker that leaves a grandchild behind (%s)", async (mode) => {
    const pidFile = `${await temporaryFolder()}/pids`;
    const order = await workerOrder(worker("tree", pidFile, "leave", mode));
    expect(await runtime.run(order, ignore, new AbortController().signal)).toMatchObject({
      exitCode: 0,
      stopped: null,
    });
    expect(isRunning((await bothPids(pidFile)).grandchild)).toBe(false);
  });

  it.each([...escapes, ...(process.platform === "linux" ? ["cleared"] : [])])(
    "though everybody ignores SIGTERM (%s)",
    async (mode) => {
      const pidFile = `${await temporaryFolder()}/pids`;
      const controller = new AbortController();
      const run = runtime.run(await workerOrder(worker("tree", pidFile, "stay", mode)), ignore, controller.signal);
      const pids = await bothPids(pidFile);
      controller.abort();
      expect(await run).toMatchObject({ stopped: "canceled", signal: "SIGKILL" });
      expect([isRunning(pids.worker), isRunning(pids.grandchild)]).toEqual([false, false]);
    },
  );

  it.each(escapes)("with a bot that is killed (%s)", async (mode) => {
    const folder = await temporaryFolder();
    const pidFile = `${folder}/pids`;
    const [program = "", ...args] = worker("bot", folder, JSON.stringify(worker("tree", pidFile, "stay", mode)));
    const bot = spawn(program, args, { stdio: "ignore" });
    onTestFinished(() => void bot.kill("SIGKILL"));
    const pids = await bothPids(pidFile);
    bot.kill("SIGKILL");
    await eventually(() => expect([isRunning(pids.worker), isRunning(pids.grandchild)]).toEqual([false, false]));
  });

  it("at the time limit, though the bot is busy", async () => {
    const pidFile = `${await temporaryFolder()}/pids`;
    const order = await workerOrder(worker("tree", pidFile, "stay"), { timeLimitMs: 2000 });
    const run = runtime.run(order, ignore, new AbortController().signal);
    const pids = await vi.waitUntil(() => pidsIn(pidFile), PATIENCE_MS);
    const giveUp = Date.now() + PATIENCE_MS;
    while (isRunning(pids.worker) && Date.now() < giveUp);
    expect(isRunning(pids.worker)).toBe(false);
    expect(await run).toMatchObject({ stopped: "time_limit" });
  });

  it.runIf(process.platform === "linux")("though the supervisor was killed, and the result says so", async () => {
    const pidFile = `${await temporaryFolder()}/pids`;
    const order = await workerOrder(worker("tree", pidFile, "stay", "setsid"));
    const run = runtime.run(order, ignore, new AbortController().signal);
    const pids = await bothPids(pidFile);
    const supervisor = Number(readFileSync(`/proc/${pids.worker}/stat`, "utf8").split(") ")[1]?.split(" ")[1]);
    process.kill(supervisor, "SIGKILL");
    expect(await run).toMatchObject({ exitCode: null, unavailable: [{ code: "runtime.supervisor_lost" }] });
    expect([isRunning(pids.worker), isRunning(pids.grandchild)]).toEqual([false, false]);
  });

  it("but not another worker with the same dispatch", async () => {
    const order = await workerOrder(script("setTimeout(() => process.exit(5), 400)"));
    const other = runtime.run(await workerOrder(script("")), ignore, new AbortController().signal);
    expect(await runtime.run(order, ignore, new AbortController().signal)).toMatchObject({ exitCode: 5 });
    await other;
  });
});
