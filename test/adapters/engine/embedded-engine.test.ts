import { appendFile, mkdir, readdir, readFile, readlink, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunDocument } from "../../../src/contracts/document.ts";
import { EMPTY_OPERATIONS } from "../../../src/contracts/operations.ts";
import type { Engine } from "../../../src/ports.ts";
import { aQueueEntry, aRunDocument } from "../../fixtures/run-document.ts";
import { createEmbeddedHarness, type EmbeddedHarness } from "./engine-harness.ts";
import { createFaultyDisk } from "./faulty-disk.ts";
import { eventually } from "../../fixtures/eventually.ts";

const RUN = "run_aaaaaaaa";
const DONE = aRunDocument({
  run: { status: { kind: "completed", completedAt: 1 }, updatedAt: Date.UTC(2026, 1, 28, 23, 59) },
});
const TEMP = "run.json.01234567-89ab-cdef-0123-456789abcdef.tmp";

describe("the embedded engine", () => {
  let harness: EmbeddedHarness;
  beforeEach(async () => {
    harness = await createEmbeddedHarness();
  });
  afterEach(() => harness.dispose());

  const at = (...names: string[]): string => join(harness.root, ...names);
  const save = (engine: Engine, document: RunDocument): Promise<void> =>
    engine.transact(document.run.runId, () => ({ document, result: undefined }));
  /** Saves documents with an engine that is closed again. */
  const prepare = async (...documents: RunDocument[]): Promise<void> => {
    const engine = await harness.open();
    for (const document of documents) await save(engine, document);
    await engine.close();
  };

  describe("on a damaged file", () => {
    it.each([
      ["torn", (text: string) => text.slice(0, text.length / 2)],
      ["empty", () => ""],
      ["zeroed", (text: string) => "\0".repeat(text.length)],
      ["not a run", () => "{}"],
      ["of another run", (text: string) => text.replace(RUN, "run_bbbbbbbb")],
    ])("puts a run whose document is %s into quarantine, and starts with the others", async (_, damage) => {
      await prepare(aRunDocument(), aRunDocument({ run: { runId: "run_cccccccc" } }));
      const file = at("runs", RUN, "run.json");
      const damaged = damage(await readFile(file, "utf8"));
      await writeFile(file, damaged);
      const engine = await harness.open();
      expect(await engine.liveRuns()).toEqual(["run_cccccccc"]);
      expect(await engine.read(RUN)).toBeUndefined();
      expect(await readFile(at("quarantine", `${RUN}-1`, "run.json"), "utf8")).toBe(damaged);
      expect(await readFile(at("quarantine", `${RUN}-1`, "reason.txt"), "utf8")).toContain(RUN);
      expect(harness.logged.join("")).toContain("quarantine");

      // Also for who asks after another restart.
      await engine.close();
      const again = await harness.open();
      const aside = { name: RUN, folder: at("quarantine", `${RUN}-1`), reason: expect.stringContaining(RUN) };
      expect(await again.setAsideOf(RUN)).toEqual(aside);
      expect(again.setAside()).toEqual([]);
      expect(await again.setAsideOf("run_cccccccc")).toBeUndefined();
    });

    it("counts up in the quarantine", async () => {
      for (const n of [1, 2]) {
        await prepare(aRunDocument());
        await writeFile(at("runs", RUN, "run.json"), "{");
        await prepare();
        expect(await readdir(at("quarantine"))).toHaveLength(n);
        const engine = await harness.open();
        expect((await engine.setAsideOf(RUN))?.folder).toBe(at("quarantine", `${RUN}-${n}`));
        await engine.close();
      }
    });

    it("puts damaged operations aside and goes on with empty ones", async () => {
      await prepare();
      await writeFile(at("operations.json"), `{"schemaVersion":1,"virt`);
      const engine = await harness.open();
      expect(engine.operations()).toEqual(EMPTY_OPERATIONS);
      expect(await readdir(at("quarantine", "operations-1"))).toEqual(["operations.json", "reason.txt"]);
      await engine.transactOperations((document) => ({ ...document, virtualTime: 1 }));
    });

    it("passes over a torn line of the archive's index, and says so", async () => {
      await prepare(DONE);
      await appendFile(at("archive", "2026-02", "index.jsonl"), `{"runId":"run_torn`);
      const engine = await harness.open();
      await save(engine, { ...DONE, run: { ...DONE.run, runId: "run_bbbbbbbb" } });
      expect((await engine.list({ limit: 9, offset: 0 })).runs.map((run) => run.runId)).toEqual(["run_bbbbbbbb", RUN]);
      expect(harness.logged.join("")).toContain("damaged");
    });

    it("refuses to start where a document cannot be read at all", async () => {
      await prepare();
      await mkdir(at("runs", RUN, "run.json"), { recursive: true });
      await expect(harness.open()).rejects.toThrow("EISDIR");
      expect(await readdir(at("quarantine"))).toEqual([]);
    });
  });

  describe("on a full disk", () => {
    it.each(["open", "writeFile", "sync", "rename"] as const)(
      "keeps the old state when %s fails, and the next write works",
      async (call) => {
        const disk = createFaultyDisk();
        const engine = await harness.open(disk);
        await save(engine, aRunDocument());
        const commits = vi.fn<() => void>();
        engine.onCommit(commits);

        disk.failing = call;
        const next = aRunDocument({ run: { version: 2 }, queue: [aQueueEntry()] });
        await expect(save(engine, next)).rejects.toMatchObject({ code: "engine.write_failed", retryable: true });
        expect(await engine.read(RUN)).toEqual(aRunDocument());
        expect(engine.queue(9).waitingTotal).toBe(0);
        expect(commits).not.toHaveBeenCalled();

        disk.failing = undefined;
        await save(engine, next);
        expect(engine.queue(9).waitingTotal).toBe(1);
        expect(await readdir(at("runs", RUN))).toEqual(["run.json"]);
        await engine.close();
        expect(await (await harness.open()).read(RUN)).toEqual(next);
      },
    );

    it("knows nothing of a run whose first write failed, and takes it the next time", async () => {
      const disk = createFaultyDisk();
      const engine = await harness.open(disk);
      disk.failing = "open";
      await expect(save(engine, aRunDocument())).rejects.toMatchObject({ code: "engine.write_failed" });
      expect(await engine.read(RUN)).toBeUndefined();
      expect(await engine.liveRuns()).toEqual([]);
      disk.failing = undefined;
      await save(engine, aRunDocument());
      expect(await engine.liveRuns()).toEqual([RUN]);
    });

    it("keeps the old operations", async () => {
      const disk = createFaultyDisk();
      const engine = await harness.open(disk);
      disk.failing = "rename";
      const change = engine.transactOperations((document) => ({ ...document, virtualTime: 1 }));
      await expect(change).rejects.toMatchObject({ code: "engine.write_failed" });
      expect(engine.operations()).toEqual(EMPTY_OPERATIONS);
    });
  });

  it("flushes a document before it takes its place, and the folder afterwards", async () => {
    const disk = createFaultyDisk();
    const engine = await harness.open(disk);
    await save(engine, aRunDocument());
    disk.calls.length = 0;
    await save(engine, aRunDocument({ run: { version: 2 } }));
    expect(disk.calls).toEqual(["open", "writeFile", "sync", "rename", "open", "sync"]);
  });

  it("removes temporary files that a killed process left, and only those", async () => {
    await prepare(aRunDocument());
    await writeFile(at("runs", RUN, TEMP), `{"half":`);
    await writeFile(at("runs", RUN, "notes.tmp"), "a person's");
    await writeFile(at(TEMP), "");
    await prepare();
    expect(await readdir(at("runs", RUN))).toEqual(["notes.tmp", "run.json"]);
    expect(await readdir(harness.root)).not.toContain(TEMP);
  });

  it("corrects the charge of a lease to the time that it took", async () => {
    const engine = await harness.open();
    engine.work(async () => harness.clock.advance(1234), { slots: 1, accepts: () => true });
    await save(engine, aRunDocument({ queue: [aQueueEntry()] }));
    await eventually(() => expect(harness.queue.settled).toEqual([{ entry: aQueueEntry(), actualCostMs: 1234 }]));
  });

  it("charges a worker past its slice while it goes on, and what it used beside its time", async () => {
    const engine = await harness.open();
    const ends = Promise.withResolvers<void>();
    engine.work(
      ({ charge }) => {
        charge(500);
        return ends.promise;
      },
      { slots: 1, accepts: () => true },
    );
    await save(engine, aRunDocument({ queue: [aQueueEntry()] }));
    await eventually(() => expect(engine.queue(1).leased).toHaveLength(1));
    harness.clock.advance(70_000);
    // It was not stopped at the end of its slice of 30 s.
    expect(harness.queue.accrued).toEqual([30_500, 60_500]);
    ends.resolve();
    await eventually(() => expect(harness.queue.settled).toEqual([{ entry: aQueueEntry(), actualCostMs: 70_500 }]));
    harness.clock.advance(70_000);
    expect(harness.queue.accrued).toHaveLength(2);
  });

  it("refuses what is no run id, since ids become paths", async () => {
    const engine = await harness.open();
    await expect(engine.read("../../etc")).rejects.toMatchObject({ code: "input.invalid" });
    await expect(engine.transact("..", () => ({ result: 1 }))).rejects.toMatchObject({ code: "input.invalid" });
  });

  describe("the archive", () => {
    const link = (): Promise<string> => readlink(at("runs", RUN));

    it("holds finished runs by the month in which they ended, behind a relative link", async () => {
      await prepare(aRunDocument(), DONE);
      expect(await link()).toBe(join("..", "archive", "2026-02", RUN));
      expect(await readdir(at("archive", "2026-02"))).toEqual(["index.jsonl", RUN]);
      expect(JSON.parse(await readFile(at("runs", RUN, "run.json"), "utf8"))).toEqual(DONE);
    });

    it("is not read at the start; a damaged document in it is put aside when it is asked for", async () => {
      await prepare(DONE);
      await writeFile(at("runs", RUN, "run.json"), "damaged");
      await writeFile(at("archive", "2026-02", "index.jsonl"), "damaged");
      const engine = await harness.open();
      expect(await engine.liveRuns()).toEqual([]);
      expect(harness.logged).toEqual([]);
      expect(await engine.read(RUN)).toBeUndefined();
      const folder = at("quarantine", `${RUN}-1`);
      expect(await engine.setAsideOf(RUN)).toEqual({ name: RUN, folder, reason: expect.stringContaining("run.json") });
      expect(await readFile(join(folder, "run.json"), "utf8")).toBe("damaged");
      expect(await engine.read(RUN)).toBeUndefined();
      expect(await readdir(at("quarantine"))).toEqual([`${RUN}-1`]);
    });

    it("takes in a finished run that a killed process had not moved yet", async () => {
      await prepare(aRunDocument());
      await writeFile(at("runs", RUN, "run.json"), JSON.stringify(DONE));
      const engine = await harness.open();
      expect(await engine.liveRuns()).toEqual([]);
      expect(await link()).toContain("2026-02");
    });

    const pending = (): string => at("runs", `.${RUN}.link`);
    const target = join("..", "archive", "2026-02", RUN);
    it.each([
      ["before the folder moved", false, false],
      ["after the folder moved", true, false],
      ["after the folder moved, and a projection made it anew", true, true],
    ])("heals a move that was interrupted %s", async (_, moved, stub) => {
      await prepare(aRunDocument());
      await writeFile(at("runs", RUN, "run.json"), JSON.stringify(DONE));
      await mkdir(at("archive", "2026-02"));
      await symlink(target, pending());
      if (moved) await rename(at("runs", RUN), at("archive", "2026-02", RUN));
      if (stub) await mkdir(at("runs", RUN, "spine"), { recursive: true });

      const engine = await harness.open();
      expect(await engine.liveRuns()).toEqual([]);
      expect(await engine.read(RUN)).toEqual(DONE);
      expect(await link()).toBe(target);
      expect(await readdir(at("runs"))).toEqual([RUN]);
      expect((await engine.list({ limit: 9, offset: 0 })).total).toBe(1);
    });

    it("heals a return that was interrupted", async () => {
      await prepare(DONE);
      await rename(at("runs", RUN), pending());
      const engine = await harness.open();
      expect(await engine.read(RUN)).toEqual(DONE);
      expect(await readdir(at("runs"))).toEqual([RUN]);
    });

    it("leaves a finished run live where it cannot be moved, and the commit stands", async () => {
      const engine = await harness.open();
      await writeFile(at("archive", "2026-02"), "a file in the way");
      await save(engine, DONE);
      expect(await engine.liveRuns()).toEqual([RUN]);
      expect(await engine.read(RUN)).toEqual(DONE);
      expect(harness.logged.join("")).toContain("could not be archived");
    });
  });
});
