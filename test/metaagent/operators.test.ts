import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderPlain } from "../../src/cards/fallback.ts";
import type { Binding } from "../../src/contracts/task.ts";
import type { RunSummary } from "../../src/contracts/document.ts";
import { createLog } from "../../src/log.ts";
import { createEventHub } from "../../src/metaagent/event-hub.ts";
import { createOperators } from "../../src/metaagent/operators.ts";
import { strategyNamed } from "../../src/metaagent/strategies/strategy-named.ts";
import { createEmbeddedHarness } from "../adapters/engine/engine-harness.ts";
import { RUNS } from "../fixtures/runs.ts";
import { createFakeSurface, type FakeSurface } from "../fakes/fake-surface.ts";
import { aTask, type ControlPlane } from "../fixtures/control-plane.ts";
import { eventually } from "../fixtures/eventually.ts";
import { aPlane, started } from "../fixtures/planes.ts";
import { GOOD_RESULT } from "../fakes/fake-runtime.ts";

const HOME: Binding = { surface: "left", channel: "work", role: "home" };
const OPERATORS: Binding = { surface: "right", channel: "ops", role: "operators" };
const DAY_MS = 24 * 3600_000;
const DIGEST_MS = 3600_000;

const start = (here: ControlPlane, id: string, answers: "ask" | "recommended"): Promise<string> =>
  started(here, { answers, bindings: [HOME] }, id);

/** Also to those who look at the whole: a change can be read a moment before they are told of it. */
function reaches({ agent }: ControlPlane, runId: string, status: RunSummary["status"]): Promise<void> {
  return eventually(async () => {
    expect((await agent.run(runId))?.summary.status).toBe(status);
    const live = agent.getState().runs.find((run) => run.runId === runId);
    expect(live?.status ?? status).toBe(status);
  });
}

/** Time passes at once, with nothing on its way: what takes that long to arrive would be an alert of its own. */
async function leap(here: ControlPlane, ms: number): Promise<void> {
  await eventually(() => expect(here.agent.undelivered().count).toBe(0));
  here.clock.advance(ms, "asleep");
}

/** Every effect was delivered or waits for a surface that is away. */
async function ends(here: ControlPlane, id: string): Promise<string> {
  const runId = await start(here, id, "recommended");
  await reaches(here, runId, "completed");
  await eventually(async () => {
    const outbox = (await here.agent.document(runId))?.outbox ?? [];
    expect(outbox.filter(({ effect }) => effect.kind === "publish")).toEqual([]);
  });
  return runId;
}

const kindsOn = ({ messages }: FakeSurface): string[] => messages.map(({ cards }) => cards.at(-1)?.kind ?? "none");
const textsOn = ({ messages }: FakeSurface, kind: string): string[] =>
  messages.flatMap(({ cards }) => cards.filter((card) => card.kind === kind).map(renderPlain));

/** Both surfaces: the people of the run are on the left, operators on the right. */
function surfaces() {
  const left = createFakeSurface("left");
  const right = createFakeSurface("right");
  return { left, right, surfaces: [left, right] };
}

test("an alert is posted once to operators, and nobody else", async () => {
  const { left, right, surfaces: both } = surfaces();
  const here = await aPlane({ surfaces: both, operatorChannels: [OPERATORS] });
  const runId = await start(here, "a", "ask");
  await reaches(here, runId, "waiting");
  await leap(here, DAY_MS);
  await eventually(() => expect(kindsOn(right)).toEqual(["alert"]));
  await leap(here, DAY_MS);
  const again = await here.restart();
  await leap(again, DAY_MS);
  const ended = await ends(again, "b");
  await eventually(() => expect(kindsOn(right)).toEqual(["alert", "result"]));
  expect(textsOn(right, "alert")).toHaveLength(1);
  expect(textsOn(right, "alert")[0]).toContain(runId);
  expect(ended).not.toBe(runId);
  expect(kindsOn(left)).not.toContain("alert");
});

test.each([
  ["did not arrive", false],
  ["arrived, but its answer was lost", true],
])("an alert that %s is delivered again, over a restart, and shown once", async (_, arrives) => {
  const { right, surfaces: both } = surfaces();
  const ops = createFakeSurface("third");
  const before = await aPlane({
    surfaces: [...both, ops],
    operatorChannels: [OPERATORS, { ...OPERATORS, surface: "third" }],
  });
  const runId = await start(before, "a", "ask");
  await reaches(before, runId, "waiting");
  right.fail(1, arrives);
  await leap(before, DAY_MS);
  // A surface that is away holds up no other.
  await eventually(() => expect(kindsOn(ops)).toEqual(["alert"]));
  const here = await before.restart();
  await eventually(() => expect(kindsOn(right)).toEqual(["alert"]));
  await leap(here, DAY_MS);
  await ends(here, "b");
  expect(kindsOn(right).filter((kind) => kind === "alert")).toHaveLength(1);
  expect(kindsOn(ops).filter((kind) => kind === "alert")).toHaveLength(1);
});

test("an operators' channel that takes nothing holds up no other of the same surface, and gets it later", async () => {
  const { right, surfaces: both } = surfaces();
  const second = { ...OPERATORS, channel: "on-call" };
  const here = await aPlane({ surfaces: both, operatorChannels: [OPERATORS, second] });
  right.close("ops");
  const runId = await start(here, "a", "ask");
  await reaches(here, runId, "waiting");
  await leap(here, DAY_MS);
  await eventually(() => expect(right.messages.map(({ channel }) => channel)).toEqual(["on-call"]));
  right.close(undefined);
  await eventually(() => {
    here.clock.advance(30_000);
    expect(right.messages.map(({ channel }) => channel)).toEqual(["on-call", "ops"]);
  });
});

test("where operators have the home of a run for their channel, it is told once how the run ended", async () => {
  const { left, surfaces: both } = surfaces();
  const here = await aPlane({ surfaces: both, operatorChannels: [{ ...HOME, role: "operators" }] });
  await ends(here, "a");
  expect(kindsOn(left).filter((kind) => kind === "result")).toHaveLength(1);
});

test("a strategy that fails stops no run, and operators are told once, over a restart too", async () => {
  const { right, surfaces: both } = surfaces();
  const strategy = {
    ...strategyNamed("weighted-fair"),
    name: "by-the-stars",
    place: () => {
      throw new Error("no stars tonight");
    },
  };
  const here = await aPlane({ surfaces: both, operatorChannels: [OPERATORS], strategy });
  await ends(here, "a");
  await eventually(() => expect(textsOn(right, "alert")).toHaveLength(1));
  expect(textsOn(right, "alert")[0]).toContain("“by-the-stars” failed");
  expect(textsOn(right, "alert")[0]).toContain("no stars tonight");
  const again = await here.restart();
  await ends(again, "b");
  await eventually(() => expect(kindsOn(right)).toEqual(["alert", "result", "result"]));
});

test("a surface that comes back is told without a restart", async () => {
  const { right, surfaces: both } = surfaces();
  const here = await aPlane({ surfaces: both, operatorChannels: [OPERATORS] });
  await reaches(here, await start(here, "a", "ask"), "waiting");
  right.fail(2);
  await leap(here, DAY_MS);
  await eventually(() => {
    here.clock.advance(5000, "asleep");
    expect(kindsOn(right)).toEqual(["alert"]);
  });
});

test("what comes up where a surface is not served is told by the bot that serves it", async () => {
  const right = createFakeSurface("right");
  const served: FakeSurface[] = [];
  const alone = await aPlane({ surfaces: served, operatorChannels: [OPERATORS] });
  await reaches(alone, await start(alone, "a", "ask"), "waiting");
  await leap(alone, DAY_MS);
  await eventually(async () =>
    expect(await readFile(join(alone.root, "operations.json"), "utf8")).toContain("unanswered"),
  );
  served.push(right);
  await alone.restart();
  await eventually(() => expect(kindsOn(right)).toEqual(["alert"]));
});

test("a dead letter is told by its card, and by an alert only where that card is not shown", async () => {
  const { right, surfaces: both } = surfaces();
  const operatorChannels = [OPERATORS];
  const here = await aPlane({ surfaces: both, operatorChannels, digestMs: DIGEST_MS });
  here.runtime.script("cellar", () => ({ ...GOOD_RESULT, exitCode: 3 }));
  const runId = await start(here, "a", "recommended");
  // Set up after the run had begun: the run's own cards do not go there.
  operatorChannels.push({ surface: "right", channel: "night-shift", role: "operators" });
  await eventually(async () => {
    here.clock.advance(1000);
    expect((await here.agent.run(runId))?.summary.status).toBe("dead_letter");
  });
  const told = (): string[] =>
    right.messages.map(({ channel, cards }) => `${channel}: ${cards.at(-1)?.kind}`).toSorted();
  await eventually(() => expect(told()).toEqual(["night-shift: alert", "ops: dead_letter"]));
});

test("a digest tells operators of each run once, and the run's own people at once", async () => {
  const { left, right, surfaces: both } = surfaces();
  const here = await aPlane({ surfaces: both, operatorChannels: [OPERATORS], digestMs: DIGEST_MS });
  const first = await ends(here, "a");
  const second = await ends(here, "b");
  expect(kindsOn(left).filter((kind) => kind === "result")).toHaveLength(2);
  expect(right.messages).toEqual([]);
  await leap(here, DIGEST_MS);
  await eventually(() => expect(kindsOn(right)).toEqual(["digest"]));
  const [text] = textsOn(right, "digest");
  expect(text).toContain("2 runs have ended");
  expect(text).toContain("2 completed");
  expect(text).toContain("please check the house for us: completed, nothing found");
  for (const runId of [first, second]) expect(text?.split(runId)).toHaveLength(2);

  const third = await ends(here, "c");
  await leap(here, DIGEST_MS);
  await eventually(() => expect(kindsOn(right)).toEqual(["digest", "digest"]));
  expect(textsOn(right, "digest")[1]).toContain(third);
  expect(textsOn(right, "digest")[1]).not.toContain(first);
});

test("what was gathered survives a restart, and a surface that is away then", async () => {
  const { right, surfaces: both } = surfaces();
  const before = await aPlane({ surfaces: both, operatorChannels: [OPERATORS], digestMs: DIGEST_MS });
  const runId = await ends(before, "a");
  const here = await before.restart();
  expect(right.messages).toEqual([]);
  right.fail(1, true);
  await leap(here, DIGEST_MS);
  await eventually(() => expect(kindsOn(right)).toEqual(["digest"]));
  const last = await here.restart();
  const other = await ends(last, "b");
  await leap(last, DIGEST_MS);
  await eventually(() => expect(right.messages).toHaveLength(2));
  expect(renderPlain(right.messages[0]!.cards[0]!)).toContain(runId);
  expect(renderPlain(right.messages[1]!.cards[0]!)).toContain(other);
  expect(renderPlain(right.messages[1]!.cards[0]!)).not.toContain(runId);
});

test("a result that is delivered again, because another surface was away, is gathered once", async () => {
  const { left, right, surfaces: both } = surfaces();
  const here = await aPlane({ surfaces: both, operatorChannels: [OPERATORS], digestMs: DIGEST_MS });
  // That a surface does not answer for hours is told as well.
  const digests = (): string[] => textsOn(right, "digest");
  const runId = await start(here, "a", "ask");
  await reaches(here, runId, "waiting");
  await eventually(() => expect(kindsOn(left)).toEqual(["notice", "decision"]));
  left.fail(1000);
  await here.agent.handle({
    kind: "run.cancel",
    id: "stop",
    by: { surface: "terminal", user: "grace" },
    runId,
  });
  await reaches(here, runId, "canceled");
  await eventually(async () => {
    const messages = Object.values((await here.agent.document(runId))?.messages ?? {});
    expect(messages.map(({ card }) => card)).toContain("result");
  });
  here.clock.advance(DIGEST_MS, "asleep");
  await eventually(() => expect(digests()).toHaveLength(1));
  left.fail(0);
  here.clock.advance(DIGEST_MS, "asleep");
  await eventually(() => expect(kindsOn(left)).toContain("result"));
  here.clock.advance(DIGEST_MS, "asleep");
  await ends(here, "b");
  here.clock.advance(DIGEST_MS, "asleep");
  await eventually(() => expect(digests()).toHaveLength(2));
  expect(textsOn(right, "digest")[0]).toContain("canceled");
  expect(textsOn(right, "digest")[1]).not.toContain(runId);
});

test("a run that is gathered again after its digest, as by a crash in between, is not told of twice", async () => {
  const { engine, clock, right, operators, dispose } = await alone();
  await operators.gather(RUNS.completed, OPERATORS);
  await eventually(() => {
    clock.advance(DIGEST_MS);
    expect(right.messages).toHaveLength(1);
  });
  await operators.gather(RUNS.completed, OPERATORS);
  expect(engine.operations().digest.lines).toEqual([]);
  await operators.stop();
  expect(kindsOn(right)).toEqual(["digest"]);
  await dispose();
});

test("a digest that is full is sent before its time, and none is longer", async () => {
  const { clock, right, operators, dispose } = await alone();
  for (let at = 0; at < 120; at += 1) {
    await operators.gather({ ...RUNS.completed, runId: `run_${String(at).padStart(8, "0")}` }, OPERATORS);
  }
  await eventually(() => expect(right.messages).toHaveLength(1));
  await eventually(() => {
    clock.advance(DIGEST_MS);
    expect(right.messages).toHaveLength(2);
  });
  await operators.stop();
  const runs = right.messages.map(({ cards: [card] }) => (card?.kind === "digest" ? card.runs.length : 0));
  expect(runs[0]).toBeLessThanOrEqual(101);
  expect(runs.reduce((sum, count) => sum + count)).toBe(120);
  await dispose();
});

test("an alert is edited where it stands when it is over, also after a restart", async () => {
  const { right, surfaces: both } = surfaces();
  const before = await aPlane({ surfaces: both, operatorChannels: [OPERATORS] });
  const runId = await start(before, "a", "ask");
  await reaches(before, runId, "waiting");
  await leap(before, DAY_MS);
  await eventually(() => expect(kindsOn(right)).toEqual(["alert"]));
  const here = await before.restart();
  const by = aTask().requestedBy;
  await here.agent.handle({ kind: "run.cancel", id: "stop", by, runId });
  await eventually(() => {
    here.clock.advance(60_000, "asleep");
    expect(textsOn(right, "alert")).toHaveLength(2);
  });
  expect(textsOn(right, "alert")[1]).toContain("Over: ");
  // How the run ended is told on its own, before the alert's end or after.
  await eventually(() => expect(kindsOn(right)).toEqual(["alert", "result"]));
});

test("a state of affairs is told when it begins, gets worse and is over, in one message; the next one is another", async () => {
  const right = createFakeSurface("right");
  let free = 10 ** 12;
  const machine = { freeBytes: async () => free, loopLagMs: () => null };
  const here = await aPlane({ surfaces: [right], operatorChannels: [OPERATORS], machine });
  const told: string[] = [];
  here.agent.on("alert.resolved", ({ alert }) => void told.push(alert.key));
  const look = async (bytes: number, versions: number[]): Promise<void> => {
    free = bytes;
    await eventually(() => {
      here.clock.advance(60_000);
      expect(right.messages.map(({ cards }) => cards.length)).toEqual(versions);
    });
  };
  await look(900 * 1024 ** 2, [1]);
  await look(100 * 1024 ** 2, [2]);
  expect(textsOn(right, "alert")[1]).toContain("Alert (critical)");
  await look(10 ** 12, [3]);
  expect(textsOn(right, "alert")[2]).toContain("Over: ");
  expect(told).toEqual(["disk"]);
  await look(900 * 1024 ** 2, [3, 1]);
});

test("an alert that is over before it arrived is told once, as over", async () => {
  const right = createFakeSurface("right");
  let free = 5;
  const machine = { freeBytes: async () => free, loopLagMs: () => null };
  right.fail(1000);
  const here = await aPlane({ surfaces: [right], operatorChannels: [OPERATORS], machine });
  const seen: string[] = [];
  here.agent.observe({
    name: "list",
    wants: ({ name }) => name.startsWith("alert"),
    notify: ({ name }) => void seen.push(name),
  });
  await eventually(() => {
    here.clock.advance(60_000);
    free = 10 ** 12;
    expect(seen).toContain("alert.resolved");
  });
  right.fail(0);
  await eventually(() => {
    here.clock.advance(60_000);
    expect(right.messages.map(({ cards }) => cards.length)).toEqual([1]);
  });
  expect(textsOn(right, "alert")[0]).toContain("Over: ");
});

test("the alert of a dead letter is over when somebody deals with it", async () => {
  const right = createFakeSurface("right");
  const operatorChannels: Binding[] = [];
  const here = await aPlane({ surfaces: [right], operatorChannels });
  here.runtime.script("cellar", () => ({ ...GOOD_RESULT, exitCode: 3 }));
  const runId = await start(here, "a", "recommended");
  operatorChannels.push(OPERATORS);
  await eventually(async () => {
    here.clock.advance(1000);
    expect((await here.agent.run(runId))?.summary.status).toBe("dead_letter");
  });
  await eventually(() => expect(textsOn(right, "alert")).toHaveLength(1));
  await here.agent.handle({
    kind: "dead_letter.discard",
    id: "d",
    by: aTask().requestedBy,
    runId,
    reason: "not needed",
  });
  await eventually(() =>
    expect(textsOn(right, "alert").at(-1)).toContain("Over: “please check the house for us” has failed for good"),
  );
  expect(right.messages).toHaveLength(1);
});

test("an alert that is over before its first message has arrived is told as over where that message stands", async () => {
  const reading = Promise.withResolvers<void>();
  const arriving = Promise.withResolvers<void>();
  const { engine, right, operators, dispose } = await alone(reading.promise, arriving.promise);
  const text = { kind: "raw", raw: "words" } as const;
  await operators.raise([{ key: "k", severity: "critical", since: 1, what: text, todo: text, runId: "run_00000000" }]);
  await eventually(() => expect(right.messages).toHaveLength(1));
  const resolving = operators.resolve("k");
  arriving.resolve();
  await eventually(() => expect(engine.operations().alerts[0]?.shown).toHaveLength(1));
  reading.resolve();
  await resolving;
  await eventually(() => expect(textsOn(right, "alert").at(-1)).toContain("Over: "));
  expect(right.messages).toHaveLength(1);
  await operators.stop();
  await dispose();
});

/** The part by itself on a real engine; its second reading and every answer of the surface come when they are let. */
async function alone(reading?: Promise<void>, arriving?: Promise<void>) {
  const harness = await createEmbeddedHarness();
  const engine = await harness.open();
  const right = createFakeSurface("right");
  const log = createLog("silent");
  let readings = 0;
  const operators = createOperators({
    engine: {
      ...engine,
      read: async (runId) => {
        if ((readings += 1) > 1) await reading;
        return engine.read(runId);
      },
    },
    surfaces: [
      {
        ...right,
        put: async (message) => {
          const shown = await right.put(message);
          await arriving;
          return shown;
        },
      },
    ],
    operatorChannels: [OPERATORS],
    digestMs: DIGEST_MS,
    toolLanguage: undefined,
    clock: harness.clock,
    retry: { baseMs: 1000, maxMs: 60_000, attempts: 3 },
    random: () => 0.5,
    log,
    events: createEventHub(log, harness.clock),
  });
  return { engine, clock: harness.clock, right, operators, dispose: () => harness.dispose() };
}
