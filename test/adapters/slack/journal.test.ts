import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
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
