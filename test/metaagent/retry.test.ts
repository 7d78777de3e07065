import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Macro } from "../../src/contracts/macro.ts";
import type { WorkerResult } from "../../src/contracts/worker.ts";
import { translatorFor } from "../../src/i18n.ts";
import { retryDelay } from "../../src/metaagent/deps.ts";
import { transition } from "../../src/spine/transition.ts";
import { GOOD_RESULT, goodResultFor } from "../fakes/fake-runtime.ts";
import { aTask, FAKE_CATALOG, FAKE_MACRO } from "../fixtures/control-plane.ts";
import { drive, fenceOf, startedEvent, workerPacket } from "../fixtures/run-events.ts";
import { aPlane, reaches, started } from "../fixtures/planes.ts";

const STALLED: WorkerResult = { ...GOOD_RESULT, exitCode: null, signal: "SIGTERM", stopped: "stalled", done: false };

test("a retry waits anything between nothing and the doubled base, and never longer than the maximum", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const waited = retryDelay({ baseMs: 1000, maxMs: 60_000 }, attempt, random);
      const cap = Math.min(60_000, 1000 * 2 ** (attempt - 1));
      expect(waited).toBeGreaterThanOrEqual(0);
      expect(waited).toBeLessThanOrEqual(cap);
      expect(waited).toBeCloseTo(random * cap, -1);
    }),
  );
});

describe("a worker that has gone silent", () => {
  test("is started again where it may be repeated", async () => {
    const here = await aPlane();
    let tries = 0;
    here.runtime.script("roof", (order) => ((tries += 1) === 1 ? STALLED : goodResultFor(order)));
    const runId = await started(here, { answers: "recommended" });
    await reaches(here, runId, "completed");
    expect(tries).toBe(2);
    const attempts = (await here.agent.document(runId))?.run.dispatches.filter(
      ({ work }) => work.kind === "lane" && work.laneId === "roof",
    );
    expect(attempts).toMatchObject([
      { status: "failed", failure: { code: "worker.stalled" } },
      { status: "succeeded" },
    ]);
  });

  test("is asked about where it must not be, and nothing is repeated before somebody answers", async () => {
    const here = await aPlane();
    let tries = 0;
    here.runtime.script("cellar", (order) => ((tries += 1) === 1 ? STALLED : goodResultFor(order)));
    const runId = await started(here, { answers: "recommended" });
    await reaches(here, runId, "waiting");
    here.clock.advance(30 * 24 * 3600_000, "asleep");
    const asked = await here.agent.run(runId);
    expect(asked).toMatchObject({ summary: { status: "waiting" }, decision: { about: "outcome_unknown" } });
    expect(JSON.stringify(asked?.decision?.context)).toContain("no sign of life");
    expect(tries).toBe(1);
    await here.agent.handle({
      kind: "decision.answer",
      id: "a",
      by: aTask().requestedBy,
      runId,
      answers: { cellar: "run_again" },
      args: {},
    });
    await reaches(here, runId, "completed");
    expect(tries).toBe(2);
  });

  test("is told how long it may be, as its lane says over its agent", async () => {
    const lanes = FAKE_MACRO.lanes.map((lane) => (lane.id === "roof" ? { ...lane, heartbeatMs: 5000 } : lane));
    const agents = FAKE_CATALOG.agents.map((card) => ({ ...card, heartbeatMs: 9000 }));
    const here = await aPlane({ catalog: { ...FAKE_CATALOG, agents, macros: [{ ...FAKE_MACRO, lanes }] } });
    const runId = await started(here, { answers: "recommended" });
    await reaches(here, runId, "completed");
    const told = here.runtime.orders.map(({ brief, heartbeatMs }) => [
      brief.laneId,
      { given: heartbeatMs, told: brief.heartbeatMs },
    ]);
    expect(Object.fromEntries(told)).toEqual({
      cellar: { given: 9000, told: 9000 },
      roof: { given: 5000, told: 5000 },
      summary: { given: 9000, told: 9000 },
    });
  });
});

describe("a macro's own rules of retry", () => {
  test("bound the attempts of its lanes that do not say their own, and the delay", async () => {
    const macro = Macro.parse({
      ...FAKE_MACRO,
      retry: { attempts: 4, baseMs: 100, maxMs: 200 },
      lanes: FAKE_MACRO.lanes.map(({ retries: _, ...lane }) => lane),
    });
    const here = await aPlane({ catalog: { ...FAKE_CATALOG, macros: [macro] } });
    here.runtime.script("roof", () => ({ ...GOOD_RESULT, exitCode: 1 }));
    const runId = await started(here, { answers: "recommended" });
    await reaches(here, runId, "dead_letter");
    const roof = here.runtime.orders.filter(({ brief }) => brief.laneId === "roof");
    // One more than the macro says: the recommended priority is thoroughness.
    expect(roof).toHaveLength(5);
    here.clock.advance(24 * 3600_000, "asleep");
    expect((await here.agent.run(runId))?.summary.status).toBe("dead_letter");
    const document = await here.agent.document(runId);
    expect(document?.run.lanes["roof"]).toMatchObject({ status: "failed", attempts: 5 });
  });

  test("are refused where the longest delay is shorter than the first", () => {
    expect(Macro.safeParse({ ...FAKE_MACRO, retry: { baseMs: 10, maxMs: 5 } }).success).toBe(false);
  });
});

describe("a worker that ran out of memory", () => {
  const ends: readonly [string, Partial<WorkerResult>, string][] = [
    ["killed by the system", { exitCode: null, signal: "SIGKILL" }, "killed from outside (SIGKILL)"],
    ["killed behind a shell", { exitCode: 137 }, "killed from outside (SIGKILL)"],
    [
      "that says so itself",
      {
        exitCode: 134,
        outputTail: "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
      },
      "ran out of memory (“heap out of memory”)",
    ],
    ["of Python", { exitCode: 1, outputTail: "Traceback\nMemoryError" }, "ran out of memory (“MemoryError”)"],
  ];
  test.each(ends)("%s: it is said plainly, and not tried without end", async (_, how, said) => {
    const here = await aPlane();
    here.runtime.script("roof", () => ({ ...GOOD_RESULT, done: false, ...how }));
    const runId = await started(here, { answers: "recommended" });
    await reaches(here, runId, "dead_letter");
    const dead = await here.agent.run(runId);
    expect(dead?.failure?.code).toBe("worker.out_of_memory");
    expect(translatorFor("en").say(dead?.failure?.text ?? { kind: "raw", raw: "" })).toContain(said);
    expect(here.runtime.orders.filter(({ brief }) => brief.laneId === "roof")).toHaveLength(3);
  });
});

test("work that is interrupted again and again is given up, since it may be what takes the bot down", () => {
  let run = drive((now) => now.stage === "execution", [workerPacket("one"), workerPacket("two")]);
  for (let n = 1; run.lanes["one"]?.status !== "failed"; n += 1) {
    expect(n).toBeLessThanOrEqual(20);
    const queued = run.dispatches.findLast(({ work }) => work.kind === "lane" && work.laneId === "one");
    if (queued === undefined) throw new Error("nothing of the lane is handed out");
    run = transition(run, startedEvent(run, queued)).run;
    const fence = fenceOf(run, queued, "interrupted");
    run = transition(run, { kind: "dispatch.interrupted", ...fence, repeatable: true }).run;
  }
  expect(run.lanes["one"]).toMatchObject({ attempts: 20, failure: { code: "dispatch.interrupted_too_often" } });
});
