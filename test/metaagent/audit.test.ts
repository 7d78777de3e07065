import { createHash } from "node:crypto";
import { appendFile, lstat, readFile, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTrail, trailsIn } from "../../adapters/engine/embedded/audit-file.ts";
import { OPERATIONS_TRAIL } from "../../src/contracts/audit.ts";
import { Command } from "../../src/contracts/command.ts";
import { createStory } from "../../src/cli/audit-story.ts";
import type { RunId } from "../../src/contracts/id.ts";
import { translatorFor } from "../../src/i18n.ts";
import { verifyTrail } from "../../src/metaagent/audit.ts";
import { aTask, type ControlPlane } from "../fixtures/control-plane.ts";
import { eventually } from "../fixtures/eventually.ts";
import { aPlane, reaches, started } from "../fixtures/planes.ts";

const BY = aTask().requestedBy;

async function asking(): Promise<{ plane: ControlPlane; runId: RunId }> {
  const plane = await aPlane({ rolesOf: ({ user }) => new Set(user === "ada" ? ["admin"] : []) });
  const runId = await started(plane, {}, "a");
  await reaches(plane, runId, "waiting");
  return { plane, runId };
}

async function completed(): Promise<{ plane: ControlPlane; runId: RunId; file: string }> {
  const { plane, runId } = await asking();
  const answer = { kind: "decision.answer", id: "b", by: BY, runId, answers: "recommended", args: {} } as const;
  await plane.agent.handle(answer);
  await plane.agent.handle(answer);
  await reaches(plane, runId, "completed");
  const folder = join(plane.root, "runs", runId);
  // Only then is nothing of it moved any more.
  await eventually(async () => expect((await lstat(folder)).isSymbolicLink()).toBe(true));
  return { plane, runId, file: join(folder, "audit.jsonl") };
}

async function verdictOf({ root }: ControlPlane, runId: RunId) {
  const stored = await readTrail(root, runId);
  if (stored === undefined) throw new Error("no such run");
  return verifyTrail(stored.lines, stored.head);
}

const linesOf = async (file: string): Promise<string[]> => (await readFile(file, "utf8")).trimEnd().split("\n");
const write = (file: string, lines: string[]): Promise<void> =>
  writeFile(file, lines.map((line) => `${line}\n`).join(""));

test("a run leaves a chained trail of every event, each once, with what was proposed, approved and planned", async () => {
  const { plane, runId } = await completed();
  const { entries, fault, mendable } = await verdictOf(plane, runId);
  expect([fault, mendable]).toEqual([undefined, 0]);
  expect(entries.map(({ number }) => number)).toEqual(entries.map((_, at) => at + 1));
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  expect(entries[0]).toMatchObject({ what: "run.started", by: BY, detail: { goal: aTask().goal } });
  const answers = entries.filter(({ what }) => what === "decision.answered");
  expect(answers).toHaveLength(1);
  const { about, cardVersion, proposed, approved } = answers[0]!.detail as Record<string, { answers?: object }>;
  expect([about, typeof cardVersion]).toEqual(["execution_confirmation", "number"]);
  expect(approved?.answers).toEqual(proposed?.answers);
  const plan = entries.find(({ what }) => what === "thinking.planned")?.detail["plan"];
  expect(plan).toMatchObject([{ laneId: "roof" }, { laneId: "cellar" }, { laneId: "summary" }]);
  expect(entries.at(-1)?.what).toBe("evolution.completed");
});

test("the story of a run is told in sentences, and leaves nothing out", async () => {
  const { plane, runId } = await completed();
  const { entries } = await verdictOf(plane, runId);
  for (const language of ["en", "zh-CN"]) {
    const tell = createStory(translatorFor(language));
    expect(entries.flatMap(tell).filter((line) => /[{}]|undefined/.test(line))).toEqual([]);
  }
  const story = entries.flatMap(createStory(translatorFor("en")));
  expect(story).toContain("“please check the house for us” in /workspace");
  expect(story).toContain("outcome: report_with_plan");
  expect(story).toContain("“summary”, by summary-inspector, after roof, cellar");
  expect(story).toContain("“roof”, by roof-inspector");
  expect(story).toContain("No rule was there to ask.");
  expect(story).toContain("“roof”: exit code 0, 10 ms, nothing found, no file");
});

test("a trail is found while its run is being moved into the archive", async () => {
  const { plane, runId } = await completed();
  const folder = join(plane.root, "runs", runId);
  await rename(folder, join(plane.root, "runs", `.${runId}.link`));
  const { entries, fault } = await verdictOf(plane, runId);
  expect(fault).toBeUndefined();
  expect(entries.at(-1)?.what).toBe("evolution.completed");
  await rename(join(plane.root, "runs", `.${runId}.link`), folder);
});

test("what was tried in vain is in the trail of the run, once", async () => {
  const { plane, runId } = await asking();
  const command = { kind: "run.cancel", id: "c", by: { surface: "web", user: "eve" }, runId } as const;
  for (const _ of [1, 2]) expect((await plane.agent.handle(command)).kind).toBe("refused");
  const { entries, fault } = await verdictOf(plane, runId);
  expect(fault).toBeUndefined();
  expect(entries.filter(({ what }) => what === "command.refused")).toMatchObject([
    { by: { user: "eve" }, detail: { command: "run.cancel", code: "auth.not_allowed" } },
  ]);
});

test.each([
  ["changed", (lines: string[]) => lines.with(3, lines[3]!.replace('"at":1', '"at":2')), 4],
  ["changed", (lines: string[]) => lines.with(3, lines[3]!.replace(/^\{/, '{"more":1,')), 4],
  ["removed", (lines: string[]) => lines.toSpliced(3, 1), 4],
  ["reordered", (lines: string[]) => lines.with(3, lines[4]!).with(4, lines[3]!), 4],
  ["cut", (lines: string[]) => lines.slice(0, -4), -3],
  ["added", (lines: string[]) => [...lines, lines.at(-1)!.replace(/"number":\d+/, `"number":${lines.length + 1}`)], 1],
] as const)(
  "a trail in which an entry was %s is found out, with the first entry that is wrong",
  async (kind, tamper, at) => {
    const { plane, runId, file } = await completed();
    const lines = await linesOf(file);
    await write(file, tamper(lines));
    const number = kind === "changed" || kind === "removed" || kind === "reordered" ? at : lines.length + at;
    expect((await verdictOf(plane, runId)).fault).toEqual({ kind, number });
  },
);

test("what a crash left out between document and trail, or half written, is no tampering, and is mended by the next write", async () => {
  const { plane, runId } = await asking();
  const file = join(plane.root, "runs", runId, "audit.jsonl");
  await eventually(async () => expect((await verdictOf(plane, runId)).mendable).toBe(0));
  const whole = await readFile(file, "utf8");
  const lines = await linesOf(file);
  const withoutLast = whole.slice(0, whole.length - lines.at(-1)!.length - 1);
  await truncate(file, withoutLast.length);
  expect(await verdictOf(plane, runId)).toMatchObject({ fault: undefined, mendable: 1 });
  await appendFile(file, lines.at(-1)!.slice(0, 20));
  expect(await verdictOf(plane, runId)).toMatchObject({ fault: undefined, mendable: 1 });
  const again = await plane.restart();
  await again.agent.handle({ kind: "run.cancel", id: "stop", by: BY, runId });
  await eventually(async () => expect((await verdictOf(again, runId)).mendable).toBe(0));
  const verdict = await verdictOf(again, runId);
  expect(verdict.fault).toBeUndefined();
  expect((await readFile(file, "utf8")).startsWith(whole)).toBe(true);
  expect(verdict.entries.at(-1)?.what).toBe("run.canceled");
});

test("what operators do to the queue, and what is refused without a run, stands in the operations' own trail, once", async () => {
  const { plane } = await asking();
  const pause = {
    kind: "queue.pause",
    id: "p",
    by: { surface: "web", user: "ada" },
    target: { kind: "macro", name: "house-check" },
  } as const;
  await plane.agent.handle(pause);
  await plane.agent.handle(pause);
  const stranger = { surface: "web", user: "eve" };
  const drain = { kind: "queue.drain", id: "d", by: stranger } as const;
  for (const _ of [1, 2]) expect((await plane.agent.handle(drain)).kind).toBe("refused");
  const task = aTask({ macro: "no-such-procedure" });
  await plane.agent.handle(Command.parse({ kind: "run.start", id: "s", by: BY, task }));
  await plane.agent.handle({ kind: "run.cancel", id: "n", by: BY, runId: "run_nowhere0" });
  const again = await plane.restart();
  await again.agent.handle({ kind: "queue.resume", id: "r", by: pause.by, target: pause.target });
  const { entries, fault, mendable } = await verdictOf(again, OPERATIONS_TRAIL);
  expect([fault, mendable]).toEqual([undefined, 0]);
  expect(entries).toMatchObject([
    { what: "queue.pause", by: { user: "ada" }, detail: { target: { name: "house-check" } } },
    { what: "command.refused", by: stranger, detail: { command: "queue.drain", code: "auth.not_allowed" } },
    { what: "command.refused", detail: { command: "run.start", code: "macro.unknown", goal: task.goal } },
    { what: "command.refused", detail: { command: "run.cancel", code: "run.unknown", runId: "run_nowhere0" } },
    { what: "queue.resume" },
  ]);
  expect(await trailsIn(again.root)).toContain(OPERATIONS_TRAIL);
  const file = join(again.root, "audit.jsonl");
  await write(file, (await linesOf(file)).slice(0, -2));
  expect((await verdictOf(again, OPERATIONS_TRAIL)).fault).toEqual({ kind: "cut", number: 4 });
});

test("each worker's start says how many rules let it through, which, and what they said to it", async () => {
  const { plane, runId } = await completed();
  const { entries } = await verdictOf(plane, runId);
  const starts = entries.flatMap(({ what, detail }) =>
    what === "dispatch.started" && "judgedBy" in detail ? [detail["judgedBy"]] : [],
  );
  const none = createHash("sha256").update("[]").digest("hex");
  expect(starts).toEqual([1, 2, 3].map(() => ({ rules: 0, hash: none })));
});
