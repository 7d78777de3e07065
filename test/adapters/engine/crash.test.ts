import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { startChild } from "./child.ts";
import { createEmbeddedHarness, type EmbeddedHarness } from "./engine-harness.ts";

const KILLS = 26;
/** Roots side by side, so that both processors are used. */
const ROOTS = 2;

describe("a process that is killed while it saves", () => {
  const harnesses: EmbeddedHarness[] = [];
  afterEach(async () => {
    await Promise.all(harnesses.splice(0).map((harness) => harness.dispose()));
  });

  it("loses nothing that it had acknowledged, and leaves nothing half done", { timeout: 240_000 }, async () => {
    const trials = Array.from({ length: ROOTS }, async () => {
      const harness = await createEmbeddedHarness();
      harnesses.push(harness);
      const acknowledged = { version: 0, operations: 0, finished: new Set<string>() };
      for (let kill = 0; kill < KILLS / ROOTS; kill++) {
        await runAndKill(harness.root, acknowledged);
        await checkAfterCrash(harness, acknowledged);
      }
      expect(acknowledged.finished.size).toBeGreaterThan(0);
    });
    await Promise.all(trials);
  });
});

interface Acknowledged {
  version: number;
  operations: number;
  readonly finished: Set<string>;
}

async function runAndKill(root: string, acknowledged: Acknowledged): Promise<void> {
  const child = startChild(new URL("./commit-until-killed.ts", import.meta.url), root);
  // The moment is random on purpose, and counted in what was done: on a slow machine a time would end before all of it.
  const kill = 1 + Math.random() * 12;
  while (child.printed.length < kill) await once(child.lines, "line");
  await delay(Math.random() * 5);
  child.process.kill("SIGKILL");
  await child.ended;
  for (const line of child.printed) {
    const [what, value = ""] = line.split(" ");
    if (what === "version") acknowledged.version = Number(value);
    if (what === "operations") acknowledged.operations = Number(value);
    if (what === "finished") acknowledged.finished.add(value);
  }
}

async function checkAfterCrash(harness: EmbeddedHarness, acknowledged: Acknowledged): Promise<void> {
  const engine = await harness.open();
  const version = (await engine.read("run_counter0"))?.run.version ?? 0;
  expect(version).toBeGreaterThanOrEqual(acknowledged.version);
  expect(version).toBeLessThanOrEqual(acknowledged.version + 1);
  expect(engine.operations().virtualTime).toBeGreaterThanOrEqual(acknowledged.operations);

  for (const runId of acknowledged.finished) {
    expect(await engine.read(runId)).toMatchObject({ run: { runId, status: { kind: "completed" } } });
  }
  const listed = (await engine.list({ status: "completed", limit: 1e6, offset: 0 })).runs.map((run) => run.runId);
  expect(new Set(listed).size).toBe(listed.length);
  expect(listed).toEqual(expect.arrayContaining([...acknowledged.finished]));
  expect((await engine.list({ limit: 1, offset: 0 })).total).toBe(
    (await engine.list({ search: "", limit: 1, offset: 0 })).total,
  );

  const left = await Promise.all(
    [".", "runs", "quarantine", "runs/run_counter0"].map((folder) => readdir(join(harness.root, folder))),
  );
  expect(left.flat().filter((name) => /\.tmp$|\.link$|^run_.*-\d+$|^operations-/.test(name))).toEqual([]);
  await engine.close();
}
