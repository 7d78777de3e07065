import { expect, test } from "vitest";
import { anomaliesIn } from "../../src/metaagent/monitor.ts";
import type { MetaStateSnapshot } from "../../src/metaagent/snapshot.ts";

const DAY_MS = 24 * 3600_000;

function snapshot(at: number, queued: number): MetaStateSnapshot {
  return {
    at,
    strategy: "weighted-fair",
    queue: { waiting: [], waitingTotal: queued, paused: [], draining: false },
    running: [],
    runs: [
      { runId: "run_aaaaaaaa", tenant: "t", status: "waiting", stage: "thinking", version: 1, waitingSince: 5 },
      { runId: "run_bbbbbbbb", tenant: "t", status: "waiting", stage: "thinking", version: 1, waitingSince: at },
    ],
    metrics: { queued, running: 0, waitingForPeople: 2, deadLetters: 0, completed: 0 },
  };
}

const keysAt = (at: number, queued: number): string[] => anomaliesIn(snapshot(at, queued)).map(({ key }) => key);

test("a question that waits for a day is one alert, however often it is seen", () => {
  expect(keysAt(DAY_MS, 0)).toEqual([]);
  expect(keysAt(DAY_MS + 5, 0)).toEqual(["unanswered:run_aaaaaaaa:5"]);
  expect(keysAt(9 * DAY_MS, 0)).toEqual(keysAt(DAY_MS + 5, 0));
});

test("a backlog is one alert a day, so that the next one is heard too", () => {
  const [first] = keysAt(10, 500);
  expect(keysAt(10, 499)).toEqual([]);
  expect(keysAt(DAY_MS - 1, 800)[0]).toBe(first);
  expect(keysAt(DAY_MS, 800)[0]).not.toBe(first);
});
