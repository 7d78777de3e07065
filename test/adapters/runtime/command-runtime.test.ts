import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createCommandRuntime } from "../../../adapters/runtime/command/command-runtime.ts";
import type { WorkerResult } from "../../../src/contracts/worker.ts";
import type { WorkerOrder } from "../../../src/ports.ts";
import { raw } from "../../../src/contracts/text.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { failureOfWorker } from "../../../src/metaagent/worker-failure.ts";
import { drive, workerPacket } from "../../fixtures/run-events.ts";
import { describeAgentRuntimeContract } from "../../contracts/agent-runtime-contract.ts";
import { script, worker, workerOrder } from "./worker-order.ts";

const log = pino({ level: "silent" });
const BOT = { PATH: process.env["PATH"], HOME: process.env["HOME"] };

function runtime(environment: Record<string, string | undefined> = {}) {
  return createCommandRuntime({ environment: { ...BOT, ...environment }, log, graceMs: 200 });
}

function run(order: WorkerOrder, environment?: Record<string, string>): Promise<WorkerResult> {
  return runtime(environment).run(order, () => undefined, new AbortController().signal);
}

async function logOf(order: WorkerOrder): Promise<string> {
  return readFile(join(order.artifactFolder, "output.log"), "utf8");
}

describeAgentRuntimeContract("the command runtime", runtime);

describe("what is kept of a worker's output", () => {
  it("everything that is no report is log, from both streams", async () => {
    const order = await workerOrder(worker("reports"));
    const { outputTail } = await run(order);
    const kept = await logOf(order);
    expect(kept).toBe(outputTail);
    for (const line of ["a plain line", "{not json", '{"some":"json"}', "a line on standard error", "no evidence"]) {
      expect(kept).toContain(line);
    }
    expect(kept).not.toContain("demo.todo");
  });

  it("everything is log where the agent prints text", async () => {
    const order = await workerOrder(worker("reports"), { output: "text" });
    const result = await run(order);
    expect(result).toMatchObject({ done: false, findings: [], rejectedReports: 0 });
    expect(await logOf(order)).toContain('"demo.todo"');
  });

  it("100,000 lines go to disk, and only the end stays in memory", async () => {
    const order = await workerOrder(
      script(
        `let s = ""; for (let i = 1; i <= 100000; i++) s += "line " + i + " " + "x".repeat(80) + "\\n"; process.stdout.write(s)`,
      ),
    );
    const result = await run(order);
    const lines = (await logOf(order)).trimEnd().split("\n");
    expect(lines).toHaveLength(100_000);
    expect(lines[54_320]).toMatch(/^line 54321 x{80}$/);
    expect(result.outputTail.length).toBeLessThanOrEqual(4000);
    expect(result.outputTail).toContain("line 100000 ");
  });

  it("a log beyond its limit is cut at a line, and says so", async () => {
    const order = await workerOrder(
      script(`const line = "y".repeat(999) + "\\n"; process.stdout.write(line.repeat(21000) + "the end")`),
    );
    const result = await run(order);
    const { size } = await stat(join(order.artifactFolder, "output.log"));
    expect(size).toBeLessThan(20_000_100);
    expect(await logOf(order)).toMatch(/y\n\[output\.cut lines=1001 bytes=1000008 limit=20000000\]\n$/);
    expect(result.outputTail).toMatch(/the end\n$/);
    expect(result.unavailable).toMatchObject([
      { code: "runtime.log_cut", text: { params: { lines: 1001, megabytes: 20 } } },
    ]);
  });

  it("a line over 1 MB is cut and counted, and the lines after it are read", async () => {
    const fact = JSON.stringify({ type: "fact", name: "after", value: true });
    const order = await workerOrder(
      script(`process.stdout.write("z".repeat(3 << 20) + "\\n" + ${JSON.stringify(fact)} + "\\n")`),
    );
    const result = await run(order);
    expect(result).toMatchObject({ rejectedReports: 1, facts: { after: true } });
    expect((await logOf(order)).trim()).toHaveLength(1 << 20);
  });

  it("characters that arrive in two pieces stay whole", async () => {
    const order = await workerOrder(
      script(
        `const b = Buffer.from("划船\\n"); process.stdout.write(b.subarray(0, 2), () => setTimeout(() => process.stdout.write(b.subarray(2)), 50))`,
      ),
    );
    expect((await run(order)).outputTail).toBe("划船\n");
  });

  it("terminal control sequences are left out", async () => {
    const order = await workerOrder(script(`console.log("\\x1b[31mred\\x1b[0m \\x1b]0;title\\x07text")`));
    expect((await run(order)).outputTail).toBe("red text\n");
  });

  it("at most 5,000 findings are kept, and the rest is said", async () => {
    const finding = JSON.stringify({
      type: "finding",
      code: "demo.many",
      severity: "info",
      text: { kind: "raw", raw: "one of many" },
      evidence: [{ kind: "measure", name: "n", value: 1, unit: "n" }],
    });
    const order = await workerOrder(script(`process.stdout.write((${JSON.stringify(finding)} + "\\n").repeat(5003))`));
    const result = await run(order);
    expect(result.findings).toHaveLength(5000);
    expect(result.unavailable).toMatchObject([
      { code: "runtime.findings_cut", text: { key: "runtime.findings_cut", params: { kept: 5000, cut: 3 } } },
    ]);
  });

  it("a report that nests without end is rejected", async () => {
    const order = await workerOrder(
      script(
        `process.stdout.write('{"type":"done","summary":' + '{"a":'.repeat(50000) + "1" + "}".repeat(50001) + "\\n")`,
      ),
    );
    expect(await run(order)).toMatchObject({ rejectedReports: 1, done: false });
  });
});

describe("a worker that runs out of memory", () => {
  const node = [process.execPath, "--max-old-space-size=16"];
  const eats = `const kept = []; for (;;) kept.push(new Array(100000).fill(Math.random()))`;
  it.each([
    ["by its own limit", [...node, "-e", eats], "ran out of memory (“heap out of memory”)"],
    ["by the system's killer", script("process.kill(process.pid, 'SIGKILL')"), "killed from outside (SIGKILL)"],
    [
      "by the system's killer, behind a shell",
      ["sh", "-c", "sh -c 'kill -9 $$'; exit $?"],
      "killed from outside (SIGKILL)",
    ],
  ])("%s is said to have", async (_, argv, says) => {
    const order = await workerOrder(argv, { output: "text" });
    const result = await run(order);
    const failure = failureOfWorker(
      result,
      { output: "text" },
      workerPacket("one"),
      drive(() => true),
    );
    expect(failure).toMatchObject({ code: "worker.out_of_memory" });
    expect(translatorFor("en").say(failure?.text ?? raw(""))).toContain(says);
  });
});

describe("what a worker sees", () => {
  const show = script("console.log(JSON.stringify(process.env))");

  it("an allow-listed environment, and its own variables", async () => {
    const order = await workerOrder(show, { output: "text", environment: ["CHOSEN", "npm_config_registry"] });
    const bot = { CHOSEN: "yes", OTHER: "no", npm_config_registry: "no", NODE_OPTIONS: "--no-warnings", TZ: "UTC" };
    const seen = JSON.parse((await run(order, bot)).outputTail) as Record<string, string>;
    expect(Object.keys(seen).sort()).toEqual([
      "CHOSEN",
      "COXSWAIN_ARTIFACTS",
      "COXSWAIN_DISPATCH",
      "COXSWAIN_TREE",
      "COXSWAIN_WORKER",
      ...(process.env["HOME"] === undefined ? [] : ["HOME"]),
      "PATH",
      "TZ",
    ]);
    expect(seen).toMatchObject({ COXSWAIN_WORKER: "1", COXSWAIN_DISPATCH: order.brief.dispatchId });
    expect(seen["COXSWAIN_ARTIFACTS"]).toBe(order.artifactFolder);
  });

  it("no folder of a package runner on PATH, but Node", async () => {
    const order = await workerOrder(["node", "-p", "process.env.PATH"], { output: "text" });
    const PATH = "/bot/node_modules/.bin:/npm/node-gyp-bin:/usr/bin:/bin";
    const path = (await run(order, { PATH })).outputTail.trim().split(":");
    expect(path.slice(1)).toEqual(["/usr/bin", "/bin"]);
    expect(process.execPath.startsWith(path[0] ?? "-")).toBe(true);
  });
});
