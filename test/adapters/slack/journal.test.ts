import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { DISK, type DiskCalls } from "../../../adapters/files.ts";
import { openJournal, type Journal } from "../../../adapters/slack/journal.ts";

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

async function aPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "coxswain-journal-"));
  folders.push(folder);
  return join(folder, "slack", "journal.jsonl");
}

async function reopened(journal: Journal, path: string): Promise<Journal> {
  await journal.close();
  return openJournal(path);
}

const THREAD = { channel: "C1", thread: "1.1", runId: "run_4k2m9x7q1b", isHome: true };

test("what was begun, posted and forgotten is known by the next process", async () => {
  const path = await aPath();
  const first = await openJournal(path);
  await first.start("begun", 5);
  await first.start("there", 6);
  await first.posted("there", "1.1", "1.2");
  await first.start("kept by the caller", 7);
  first.forget("kept by the caller");
  await first.keepThread(THREAD);
  const next = await reopened(first, path);
  expect(next.post("begun")).toEqual({ state: "started", at: 5 });
  expect(next.post("there")).toEqual({ state: "posted", thread: "1.1", message: "1.2" });
  expect(next.post("kept by the caller")).toBeUndefined();
  expect(next.runIn("C1", "1.1")).toEqual(THREAD);
  expect(next.threadOf("C1", THREAD.runId)).toEqual(THREAD);
  await next.close();
});

test("a line that a crash tore is left out, and what comes after it is kept", async () => {
  const path = await aPath();
  const first = await openJournal(path);
  await first.start("before", 1);
  await first.close();
  await appendFile(path, '{"kind":"post","key":"to');
  const second = await openJournal(path);
  await second.start("after", 2);
  const third = await reopened(second, path);
  expect([third.post("before"), third.post("after")].every((post) => post?.state === "started")).toBe(true);
  await third.close();
});

/** A disk that takes `room` characters of each text, and then is full. */
function aDisk(): DiskCalls & { room: number } {
  const disk = {
    ...DISK,
    room: Infinity,
    open: (async (...args) => {
      const file = await DISK.open(...args);
      const writeFile = file.writeFile.bind(file);
      file.writeFile = async (text) => {
        if (typeof text !== "string") throw new TypeError("a text was expected");
        await writeFile(text.slice(0, disk.room));
        if (disk.room < text.length) throw new Error("ENOSPC: no space left on device");
      };
      return file;
    }) as DiskCalls["open"],
  };
  return disk;
}

test("a full disk costs only what it did not take, which is not known then, and takes the rest once there is room", async () => {
  const path = await aPath();
  const disk = aDisk();
  const journal = await openJournal(path, disk);
  await journal.start("before", 1);
  disk.room = 20;
  await expect(journal.start("torn", 2)).rejects.toThrow("ENOSPC");
  await expect(journal.keepThread(THREAD)).rejects.toThrow("ENOSPC");
  expect(journal.post("torn")).toBeUndefined();
  expect(journal.runIn("C1", "1.1")).toBeUndefined();
  const meanwhile = await openJournal(path);
  expect(meanwhile.post("before")).toEqual({ state: "started", at: 1 });
  disk.room = Infinity;
  await journal.start("after", 3);
  const next = await reopened(journal, path);
  expect([next.post("before"), next.post("torn"), next.post("after")]).toEqual([
    { state: "started", at: 1 },
    undefined,
    { state: "started", at: 3 },
  ]);
  await next.close();
});

test("a file that could not be opened for a moment is written again afterwards", async () => {
  const path = await aPath();
  const disk = { ...DISK };
  const journal = await openJournal(path, disk);
  await journal.start("before", 1);
  disk.open = () => Promise.reject(new Error("EMFILE: too many open files"));
  await expect(journal.start("during", 2)).rejects.toThrow("EMFILE");
  disk.open = DISK.open;
  await journal.start("after", 3);
  const next = await reopened(journal, path);
  expect([next.post("before")?.state, next.post("during"), next.post("after")?.state]).toEqual([
    "started",
    undefined,
    "started",
  ]);
  await next.close();
});

test("it stays small where messages come and go", async () => {
  const path = await aPath();
  const journal = await openJournal(path);
  await journal.keepThread(THREAD);
  for (let turn = 0; turn < 60; turn += 1) {
    await Promise.all(Array.from({ length: 200 }, (_, at) => journal.start(`m-${turn}-${at}`, 1)));
    for (let at = 0; at < 200; at += 1) journal.forget(`m-${turn}-${at}`);
  }
  const next = await reopened(journal, path);
  const { size } = await import("node:fs/promises").then(({ stat }) => stat(path));
  expect(size).toBeLessThan(1_500_000);
  expect(next.runIn("C1", "1.1")).toEqual(THREAD);
  await next.close();
});
