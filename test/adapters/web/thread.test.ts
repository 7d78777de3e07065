import { expect, test } from "vitest";
import { threadState, threadTask, threadTitle, type Thread } from "../../../adapters/web/thread.ts";
import { cardOf } from "../../../src/cards/cards-of.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { RUNS } from "../../fixtures/runs.ts";

const words = translatorFor("en");

function threadOf(name: keyof typeof RUNS): Thread {
  const run = RUNS[name];
  const kinds = ["notice", "decision", "result", "dead_letter"] as const;
  const cards = kinds.flatMap((kind) => cardOf(run, kind, words) ?? []);
  const entries = cards.map((card) => ({ kind: "card" as const, key: card.kind, postedAt: 0, changedAt: 0, card }));
  return { schemaVersion: 1, channel: "work", thread: run.runId, openedAt: 0, updatedAt: 0, entries };
}

test.each([
  ["waiting", "waiting"],
  ["executing", "active"],
  ["completed", "completed"],
  ["canceled", "canceled"],
  ["deadLetter", "dead_letter"],
] as const)("the thread of a run that is %s says so", (name, expected) => {
  expect(threadState(threadOf(name), false)).toBe(expected);
  expect(words.t(`web.status.${expected}`)).not.toBe("");
});

test("a run that cannot go on is not said to be at work", () => {
  expect(threadState(threadOf("executing"), true)).toBe("trouble");
});

test("a thread says which folder its run is about, and so does the title of each of its cards", () => {
  const run = { ...RUNS.waiting, task: { ...RUNS.waiting.task, workspace: "/srv/shop/api\u202e/" } };
  const cards = (["notice", "decision"] as const).flatMap((kind) => cardOf(run, kind, words) ?? []);
  const entries = cards.map((card) => ({ kind: "card" as const, key: card.kind, postedAt: 0, changedAt: 0, card }));
  const thread: Thread = { ...threadOf("waiting"), entries };
  expect(threadTask(thread)?.workspace).toBe("/srv/shop/api\u{fffd}/");
  expect(threadTitle(thread)).toBe(run.task.goal);
  for (const { title } of cards) expect(title).toContain("– in api\u{fffd}");
});
