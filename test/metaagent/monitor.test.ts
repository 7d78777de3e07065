import { describe, expect, test } from "vitest";
import { alertCard } from "../../src/cards/alert-card.ts";
import { renderPlain } from "../../src/cards/fallback.ts";
import type { OperationsDocument } from "../../src/contracts/operations.ts";
import { SHIPPED_LANGUAGES, translatorFor } from "../../src/i18n.ts";
import { learnQuality } from "../../src/metaagent/learned-quality.ts";
import { anomaliesIn, type Readings } from "../../src/metaagent/monitor.ts";
import type { RunInBrief } from "../../src/metaagent/snapshot.ts";
import { ALERT_THRESHOLDS } from "../fixtures/control-plane.ts";

const DAY_MS = 24 * 3600_000;
const MINUTE_MS = 60_000;
const NOW = 1_700_000_000_000;

const quiet: Readings = {
  at: NOW,
  queued: 0,
  runs: [],
  history: [],
  macros: {},
  undelivered: { count: 0, since: null },
  freeBytes: null,
  loopLagMs: null,
};
const run = (parts: Partial<RunInBrief>): RunInBrief => ({
  runId: "run_aaaaaaaa",
  tenant: "t",
  status: "active",
  stage: "thinking",
  version: 1,
  queued: 0,
  waitingSince: null,
  idleSince: null,
  goal: "check the house",
  ...parts,
});
const queuedOverTime = (values: number[]): OperationsDocument["telemetry"] =>
  values.map((queued, index) => ({
    at: NOW - (values.length - index) * MINUTE_MS,
    queued,
    running: 0,
    waiting: 0,
    deadLetters: 0,
    completed: 0,
  }));
const outcomes = (marks: string): OperationsDocument["macros"] =>
  marks.split("").reduce<OperationsDocument["macros"]>((known, mark) => learnQuality(known, "check", mark === "+"), {});
const see = (readings: Partial<Readings>, open: string[] = []) =>
  anomaliesIn({ ...quiet, ...readings }, ALERT_THRESHOLDS, new Set(open));
const keys = (readings: Partial<Readings>, open: string[] = []): string[] => see(readings, open).map(({ key }) => key);

test("where nothing is wrong there is nothing to tell", () => {
  expect(see({ freeBytes: 10 ** 12, loopLagMs: 3, queued: 5, runs: [run({})] })).toEqual([]);
});

test("a question that waits for a day is one alert, however often it is seen", () => {
  const asked = (ms: number) => ({ runs: [run({ status: "waiting", waitingSince: NOW - ms })] });
  expect(keys(asked(DAY_MS - 1))).toEqual([]);
  expect(keys(asked(DAY_MS))).toEqual([`unanswered:run_aaaaaaaa:${NOW - DAY_MS}`]);
  expect(see(asked(DAY_MS))[0]).toMatchObject({ since: NOW - DAY_MS, runId: "run_aaaaaaaa", standing: true });
});

test("a run that is active while nothing of it works, waits or happens is stalled", () => {
  const idle = (ms: number) => ({ runs: [run({ idleSince: NOW - ms })] });
  expect(keys(idle(14 * MINUTE_MS))).toEqual([]);
  expect(see(idle(15 * MINUTE_MS))).toMatchObject([{ severity: "critical", since: NOW - 15 * MINUTE_MS }]);
});

test("a backlog is told at its threshold, gets worse, and is over well below it", () => {
  expect(keys({ queued: 499 })).toEqual([]);
  expect(see({ queued: 500 })).toMatchObject([{ key: "backlog", severity: "warning" }]);
  expect(see({ queued: 2000 }, ["backlog"])).toMatchObject([{ key: "backlog", severity: "critical" }]);
  expect(keys({ queued: 401 }, ["backlog"])).toEqual(["backlog"]);
  expect(keys({ queued: 399 }, ["backlog"])).toEqual([]);
});

test("a backlog that grows is told long before the threshold, and one that swings is not", () => {
  expect(keys({ history: queuedOverTime([10, 12, 15, 18, 20, 24, 28, 31, 35, 40]), queued: 45 })).toEqual(["growing"]);
  expect(keys({ history: queuedOverTime([10, 40, 10, 40, 10, 40, 10, 40, 10, 40]), queued: 45 })).toEqual([]);
  expect(keys({ history: queuedOverTime([40, 40, 40, 40, 40, 40, 40, 40, 40, 40]), queued: 41 })).toEqual([]);
  expect(keys({ history: queuedOverTime([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), queued: 10 })).toEqual([]);
});

test("a macro that fails more than it used to is told of; one that always failed so much is not", () => {
  const good = "+".repeat(60);
  expect(keys({ macros: outcomes(good) })).toEqual([]);
  expect(keys({ macros: outcomes(`${good}${"-+".repeat(10)}`) })).toEqual(["failing:check"]);
  expect(keys({ macros: outcomes("-+".repeat(60)) })).toEqual([]);
  expect(keys({ macros: outcomes("-".repeat(20)) })).toEqual([]);
  expect(keys({ macros: outcomes(`${good}${"-+".repeat(10)}${"+".repeat(12)}`) }, ["failing:check"])).toEqual([]);
});

test("what does not get through, a disk that fills up, and a process that is held up are told with how bad it is", () => {
  expect(keys({ undelivered: { count: 3, since: NOW - 9 * MINUTE_MS } })).toEqual([]);
  expect(keys({ undelivered: { count: 3, since: NOW - 10 * MINUTE_MS } })).toEqual(["undelivered"]);
  expect(see({ freeBytes: 1024 ** 3 - 1 })).toMatchObject([{ key: "disk", severity: "warning" }]);
  expect(see({ freeBytes: 1024 ** 2 })).toMatchObject([{ key: "disk", severity: "critical" }]);
  expect(keys({ freeBytes: 1.2 * 1024 ** 3 }, ["disk"])).toEqual(["disk"]);
  expect(keys({ freeBytes: 1.3 * 1024 ** 3 }, ["disk"])).toEqual([]);
  expect(keys({ loopLagMs: 499 })).toEqual([]);
  expect(keys({ loopLagMs: 500 })).toEqual(["lag"]);
});

describe.each(SHIPPED_LANGUAGES)("in %s", (language) => {
  test("every alert says what, since when, how bad and what to do, with no hole in it", () => {
    const all = see({
      queued: 500,
      history: queuedOverTime([10, 12, 15, 18, 20, 24, 28, 31, 35, 40]),
      runs: [run({ idleSince: 0 }), run({ runId: "run_bbbbbbbb", status: "waiting", waitingSince: 0 })],
      macros: outcomes(`${"+".repeat(60)}${"-+".repeat(10)}`),
      undelivered: { count: 3, since: 0 },
      freeBytes: 5,
      loopLagMs: 800,
    });
    expect(all).toHaveLength(8);
    for (const alert of all) {
      const card = alertCard(alert, translatorFor(language));
      expect(renderPlain(card)).not.toMatch(/[{}]|\balert\.[a-z]/);
      expect(card.todo.length).toBeGreaterThan(10);
    }
  });
});
