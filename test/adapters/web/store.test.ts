import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createChanges, type Changes } from "../../../adapters/web/changes.ts";
import { createThreadStore, type ThreadStore } from "../../../adapters/web/store.ts";
import { LIMITS } from "../../../adapters/web/limits.ts";
import type { ResultCard } from "../../../src/contracts/card.ts";
import { alertCard } from "../../../src/cards/alert-card.ts";
import { raw } from "../../../src/contracts/text.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { createLog } from "../../../src/log.ts";
import { createFakeClock, type FakeClock } from "../../fakes/fake-clock.ts";

let folder: string;
let clock: FakeClock;
let changes: Changes;
let store: ThreadStore;

const opened = (): ThreadStore => createThreadStore({ folder, clock, log: createLog("silent"), changes });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "coxswain-threads-"));
  clock = createFakeClock();
  changes = createChanges();
  store = opened();
});
afterEach(() => rm(folder, { recursive: true }));

function card(runId: string, version: number, headline = `version ${version}`): ResultCard {
  return {
    kind: "result",
    runId,
    language: "en",
    version,
    title: runId,
    headline,
    sections: [],
    findings: [],
    furtherFindings: 0,
    files: [],
  };
}

const headlines = async (from: ThreadStore, runId: string): Promise<string[]> =>
  ((await from.thread("work", runId))?.entries ?? []).flatMap((entry) =>
    entry.kind === "card" && entry.card.kind === "result" ? [entry.card.headline] : [],
  );

test("a card with a key that is known is edited in place, and an older version changes nothing", async () => {
  await store.putCard("work", "one", card("run_aaaaaaaa", 1));
  await store.putCard("work", "two", card("run_aaaaaaaa", 2));
  await store.putCard("work", "one", card("run_aaaaaaaa", 4));
  await store.putCard("work", "one", card("run_aaaaaaaa", 3));
  expect(await headlines(store, "run_aaaaaaaa")).toEqual(["version 4", "version 2"]);
});

test("everything that was put is there after a restart, in order of time", async () => {
  for (const runId of ["run_cccccccc", "run_aaaaaaaa", "run_bbbbbbbb"]) {
    await store.putCard("work", "one", card(runId, 1));
    clock.advance(10);
  }
  await store.addLine("work", "run_aaaaaaaa", { kind: "said", key: "s", who: "Ada", text: "why?" });
  const again = opened();
  const { threads, total } = await again.threads("work", 2, 0);
  expect(total).toBe(3);
  expect(threads.map(({ thread }) => thread)).toEqual(["run_bbbbbbbb", "run_aaaaaaaa"]);
  expect(threads[1]?.entries).toHaveLength(2);
});

test("changes of one thread at the same time lose nothing", async () => {
  await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      store.addLine("work", "run_aaaaaaaa", { kind: "said", key: `${at}`, who: "Ada", text: `${at}` }),
    ),
  );
  expect((await opened().thread("work", "run_aaaaaaaa"))?.entries).toHaveLength(20);
});

test("the same line twice is one line, and a full thread says so", async () => {
  const line = (key: string) => ({ kind: "said", key, who: "Ada", text: key }) as const;
  await store.addLine("work", "run_aaaaaaaa", line("a"));
  expect(await store.addLine("work", "run_aaaaaaaa", line("a"))).toBe(true);
  expect((await store.thread("work", "run_aaaaaaaa"))?.entries).toHaveLength(1);
  for (let at = 1; at < LIMITS.linesInThread; at += 1) await store.addLine("work", "run_aaaaaaaa", line(`${at}`));
  expect(await store.addLine("work", "run_aaaaaaaa", line("one too many"))).toBe(false);
});

test("a file that cannot be read is set aside, and the thread goes on", async () => {
  await store.putCard("work", "one", card("run_aaaaaaaa", 1));
  const [name = ""] = await readdir(join(folder, "threads", "work"));
  await writeFile(join(folder, "threads", "work", name), '{"half":');
  const again = opened();
  expect(await again.thread("work", "run_aaaaaaaa")).toBeUndefined();
  await again.putCard("work", "one", card("run_aaaaaaaa", 2));
  expect(await headlines(again, "run_aaaaaaaa")).toEqual(["version 2"]);
});

test("a card of an older version is left out, and what people said stays", async () => {
  await store.putCard("work", "one", card("run_aaaaaaaa", 1));
  await store.addLine("work", "run_aaaaaaaa", { kind: "said", key: "s", who: "Ada", text: "why?" });
  const [name = ""] = await readdir(join(folder, "threads", "work"));
  const path = join(folder, "threads", "work", name);
  await writeFile(path, (await readFile(path, "utf8")).replace('"headline":"version 1",', ""));
  expect((await opened().thread("work", "run_aaaaaaaa"))?.entries.map(({ kind }) => kind)).toEqual(["said"]);
});

test.each(["../outside", "Work", "", "a/b", "."])("a channel named %j is refused", async (channel) => {
  await expect(store.putCard(channel, "one", card("run_aaaaaaaa", 1))).rejects.toThrow(/channel/);
});

test("an alert is told to operators once", async () => {
  const alert = alertCard(
    { key: "k", severity: "warning", since: 5, what: raw("w"), todo: raw("t") },
    translatorFor("en"),
  );
  await store.putCard("operators", "alert/k", alert);
  await store.putCard("operators", "alert/k", alert);
  expect((await store.thread("operators", "lobby"))?.entries).toHaveLength(1);
});

test("a browser that reads nothing costs a handful of names, however much happens", async () => {
  const { mailbox: dead, leave } = changes.open(new Set(["runs", "run:run_aaaaaaaa"]));
  for (let at = 0; at < 100_000; at += 1) {
    changes.changed("runs");
    changes.changed(`run:run_${at}`);
    changes.progressed({ runId: "run_aaaaaaaa", laneId: `lane-${at % 3}`, done: at, total: null, text: null });
  }
  const mail = [];
  for (let at = 0; at < 4; at += 1) mail.push(await dead.take());
  expect(mail).toMatchObject([
    { message: { kind: "changed", topic: "runs" } },
    { message: { kind: "progress", progress: { done: 99_999 } } },
    { message: { kind: "progress", progress: { done: 99_997 } } },
    { message: { kind: "progress", progress: { done: 99_998 } } },
  ]);
  const next = dead.take();
  leave();
  expect(await next).toBeUndefined();
  expect(changes.size).toBe(0);
});

test("threads that cannot be read for a moment are said to be, and stand where they stood afterwards", async () => {
  await store.putCard("work", "one", card("run_aaaaaaaa", 1));
  const [channel, aside] = [join(folder, "threads", "work"), join(folder, "aside")];
  const [name = ""] = await readdir(channel);
  const again = opened();
  await rename(channel, aside);
  await writeFile(channel, "");
  await expect(again.threads("work", 10, 0)).rejects.toThrow("ENOTDIR");
  await expect(again.putCard("work", "two", card("run_aaaaaaaa", 2))).rejects.toThrow("ENOTDIR");
  await rm(channel);
  await rename(aside, channel);

  await rename(join(channel, name), aside);
  await mkdir(join(channel, name));
  await expect(again.thread("work", "run_aaaaaaaa")).rejects.toThrow("EISDIR");
  await rm(join(channel, name), { recursive: true });
  await rename(aside, join(channel, name));
  await again.putCard("work", "two", card("run_aaaaaaaa", 2));
  expect(await headlines(again, "run_aaaaaaaa")).toEqual(["version 1", "version 2"]);
  expect(await readdir(channel)).toEqual([name]);
});
