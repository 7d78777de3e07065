import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Command } from "../../src/contracts/command.ts";
import { RunStatusEnvelope } from "../../src/contracts/envelope.ts";
import { SpineState } from "../../src/contracts/spine-state.ts";
import type { MetaTaskInput } from "../../src/contracts/task.ts";
import { runIdOf } from "../../src/metaagent/start-run.ts";
import { createFakeSurface } from "../fakes/fake-surface.ts";
import { GOOD_RESULT, goodResultFor } from "../fakes/fake-runtime.ts";
import { createFakeWorkspace } from "../fakes/fake-workspace.ts";
import { aTask, type ControlPlane } from "../fixtures/control-plane.ts";
import { eventually } from "../fixtures/eventually.ts";
import { aPlane, hasEnded, isWaiting, started, until } from "../fixtures/planes.ts";

const BY = { surface: "terminal", user: "grace" };

function answer(
  { agent }: ControlPlane,
  runId: string,
  id = "click-1",
  answers: "recommended" | Record<string, string> = "recommended",
) {
  return agent.handle({ kind: "decision.answer", id, by: BY, runId, answers, args: {} });
}

describe("a governed run", () => {
  test("asks once, does what was chosen, and completes on evidence", async () => {
    const here = await aPlane();
    const runId = await started(here);
    const asked = await until(here, runId, isWaiting);
    expect(asked.decision?.questions.length).toBeGreaterThanOrEqual(4);
    expect(here.runtime.orders).toEqual([]);
    await answer(here, runId);
    const done = await until(here, runId, hasEnded);
    expect(done.summary.status).toBe("completed");
    expect(done.artifacts.map((artifact) => artifact.path)).toContain("artifacts/report.md");
    expect(here.runtime.orders.map((order) => order.brief.laneId).toSorted()).toEqual(["cellar", "roof", "summary"]);
    expect(here.workspace.kept.size).toBe(0);
  });

  test("dispatches only the lanes that were chosen", async () => {
    const here = await aPlane();
    const runId = await started(here);
    const asked = await until(here, runId, isWaiting);
    const answers = Object.fromEntries(
      (asked.decision?.questions ?? []).map((q) => [q.id, q.options.find((o) => o.recommended)?.id ?? ""]),
    );
    await here.agent.handle({
      kind: "decision.answer",
      id: "c",
      by: BY,
      runId,
      answers: { ...answers, scope: "own_selection" },
      args: { areas: ["roof", "cellar"] },
    });
    await until(here, runId, hasEnded);
    expect(here.runtime.orders.map((order) => order.brief.laneId).toSorted()).toEqual(["cellar", "roof"]);
  });

  test("keeps its public files true at every stage", async () => {
    const here = await aPlane();
    const runId = await started(here);
    await until(here, runId, isWaiting);
    const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(here.root, name), "utf8"));
    await eventually(async () => {
      expect(RunStatusEnvelope.parse(await read("active-run.json"))).toMatchObject({
        runId,
        active: true,
        currentStageKey: "thinking",
        percent: 38,
      });
    });
    await eventually(async () => {
      expect(SpineState.parse(await read("spine/spine-state.json"))).toMatchObject({
        runId,
        choiceSurfaceState: "execution_confirmation_allowed",
      });
    });
    await answer(here, runId);
    await until(here, runId, hasEnded);
    await eventually(async () => {
      expect(RunStatusEnvelope.parse(await read(`runs/${runId}/status.json`))).toMatchObject({
        active: false,
        percent: 100,
        next: null,
        blockedOn: null,
      });
      const spine = SpineState.parse(await read("spine/spine-state.json"));
      expect(spine.dispatchChain["critical"]).toContain("meta-warden");
      expect(spine.dispatchChain["execution"]).toContain("roof-inspector");
      expect(spine).toHaveProperty("workerTaskPackets");
    });
    expect(await readFile(join(here.root, `runs/${runId}/task_plan.md`), "utf8")).toMatch(/^# /);
  });

  test("writes its planning files in the language of the run, evidence included", async () => {
    const here = await aPlane();
    const runId = await started(here, { answers: "recommended", language: "zh-CN" });
    await until(here, runId, hasEnded);
    await eventually(async () => {
      const findings = await readFile(join(here.root, `runs/${runId}/findings.md`), "utf8");
      expect(findings).toMatch(/个提交|次提交/u);
      expect(findings).not.toMatch(/commits by/u);
    });
  });

  test("a standing instruction is recorded as one, and nobody is asked", async () => {
    const here = await aPlane();
    const runId = await started(here, { answers: "recommended" });
    const done = await until(here, runId, hasEnded);
    expect(done.summary.status).toBe("completed");
    const run = (await here.agent.document(runId))?.run;
    expect(run?.decisions).toMatchObject([{ status: "answered", how: "standing_instruction" }]);
    expect(run?.packets.preDecisionOptionFrame?.choiceGateSkip?.reason).toBe("user_said_so");
  });
});

describe("the language of a run", () => {
  const say = ({ agent }: ControlPlane, runId: string, text: string, id: string) =>
    agent.handle({ kind: "run.message", id, by: aTask().requestedBy, runId, text });

  test("follows who speaks last, card and notice alike, and not a word that tells nothing", async () => {
    const here = await aPlane();
    const runId = await started(here);
    await until(here, runId, isWaiting);
    await say(here, runId, "现在进行到哪一步了？请告诉我", "m1");
    expect(await here.agent.run(runId)).toMatchObject({
      envelope: { languageResolution: { language: "zh-CN", source: "latest_user_input" } },
      decision: { language: "zh-CN" },
      notice: { language: "zh-CN" },
    });
    await say(here, runId, "ok", "m2");
    expect((await here.agent.run(runId))?.envelope.resolvedOutputLanguage).toBe("zh-CN");
  });

  test("stays where it was chosen", async () => {
    const here = await aPlane();
    const runId = await started(here, { language: "en" });
    await until(here, runId, isWaiting);
    await say(here, runId, "现在进行到哪一步了？请告诉我", "m1");
    expect((await here.agent.run(runId))?.envelope.resolvedOutputLanguage).toBe("en");
  });
});

describe("commands that come twice or late", () => {
  test("a redelivered start is the same run", async () => {
    const here = await aPlane();
    const first = await started(here);
    expect(await started(here)).toBe(first);
    expect((await here.agent.runs({ limit: 10, offset: 0 })).total).toBe(1);
  });

  test("of fifty simultaneous answers exactly one counts, and the others are told who was first", async () => {
    const here = await aPlane();
    const runId = await started(here);
    await until(here, runId, isWaiting);
    const replies = await Promise.all(Array.from({ length: 50 }, (_, n) => answer(here, runId, `click-${n}`)));
    expect(replies.filter((reply) => reply.kind === "accepted")).toHaveLength(1);
    const others = replies.filter((reply) => reply.kind === "already");
    expect(others).toHaveLength(49);
    expect(others[0]).toMatchObject({ message: expect.stringContaining("grace") });
    await until(here, runId, hasEnded);
  });

  test("of one click that arrives twice at the same time, or one start, exactly one is told that it counted", async () => {
    const here = await aPlane();
    const task = aTask();
    const start = Command.parse({ kind: "run.start", id: "s", by: task.requestedBy, task });
    const starts = await Promise.all([here.agent.handle(start), here.agent.handle(start)]);
    expect(starts.map(({ kind }) => kind).toSorted()).toEqual(["accepted", "already"]);
    const runId = runIdOf("s");
    await until(here, runId, isWaiting);
    const replies = await Promise.all([answer(here, runId, "click"), answer(here, runId, "click")]);
    expect(replies.map(({ kind }) => kind).toSorted()).toEqual(["accepted", "already"]);
  });

  test("an answer that names an unknown option is refused and the question stays open", async () => {
    const here = await aPlane();
    const runId = await started(here);
    await until(here, runId, isWaiting);
    expect(await answer(here, runId, "c", { outcome: "world_peace" })).toMatchObject({
      kind: "refused",
      code: "answer.unknown_option",
    });
    expect((await here.agent.run(runId))?.summary.status).toBe("waiting");
  });

  test("canceling a finished run changes nothing and says so", async () => {
    const here = await aPlane();
    const runId = await started(here, { answers: "recommended" });
    await until(here, runId, hasEnded);
    expect(await here.agent.handle({ kind: "run.cancel", id: "x", by: BY, runId })).toMatchObject({ kind: "already" });
  });

  test("a start for a folder that is not there makes no run", async () => {
    const here = await aPlane();
    const task = aTask({ workspace: "/nowhere" });
    const reply = await here.agent.handle(Command.parse({ kind: "run.start", id: "s", by: task.requestedBy, task }));
    expect(reply).toMatchObject({ kind: "refused", code: "workspace.missing" });
    expect((await here.agent.runs({ limit: 10, offset: 0 })).total).toBe(0);
  });

  test("a folder with nothing in it is refused with advice, and no operator has to clear it", async () => {
    const here = await aPlane({ workspace: createFakeWorkspace({ trackedFiles: 0 }) });
    const runId = await started(here);
    const refused = await until(here, runId, hasEnded);
    expect(refused).toMatchObject({ summary: { status: "refused" }, deadLetter: null });
    expect(JSON.stringify(refused.result)).toContain("nothing to look at");
  });

  test("a command for an unknown run is refused with a way out", async () => {
    const here = await aPlane();
    expect(await answer(here, "run_00000000")).toMatchObject({ kind: "refused", code: "run.unknown" });
  });
});

describe("two surfaces", () => {
  const bindings: MetaTaskInput["bindings"] = [
    { surface: "left", channel: "work", role: "home" },
    { surface: "right", channel: "work", role: "mirror" },
    { surface: "right", channel: "ops", role: "operators" },
  ];

  test("converge on the same cards, each message posted once and edited in place", async () => {
    const left = createFakeSurface("left");
    const right = createFakeSurface("right");
    const here = await aPlane({ surfaces: [left, right] });
    const runId = await started(here, { bindings });
    await until(here, runId, isWaiting);
    await answer(here, runId);
    await until(here, runId, hasEnded);
    await eventually(() => expect(right.messages.filter((message) => message.channel === "ops")).toHaveLength(1));
    await eventually(() => expect(left.messages.at(-1)?.cards.at(-1)?.kind).toBe("result"));
    const shown = (messages: typeof left.messages) =>
      messages.map((message) => message.cards.at(-1)).toSorted((a, b) => `${a?.kind}`.localeCompare(`${b?.kind}`));
    expect(shown(left.messages).map((card) => card?.kind)).toEqual(["decision", "notice", "result"]);
    expect(shown(right.messages.filter((message) => message.channel === "work"))).toEqual(shown(left.messages));
    expect(new Set(left.messages.map((message) => message.thread)).size).toBe(1);
    expect(shown(left.messages)[0]).toMatchObject({
      resolved: { line: expect.stringContaining("grace") },
      actions: [],
    });
  });

  test("a delivery whose answer was lost is repeated, and still shown once", async () => {
    const left = createFakeSurface("left");
    const here = await aPlane({ surfaces: [left] });
    left.fail(1, true);
    const runId = await started(here, { bindings: [{ surface: "left", channel: "work", role: "home" }] });
    await until(here, runId, isWaiting);
    await eventually(() => {
      here.clock.advance(60_000);
      expect(left.messages.map((message) => `${message.cards.at(-1)?.kind}`).toSorted()).toEqual([
        "decision",
        "notice",
      ]);
    });
  });
});

test("a card whose turn has not come holds up no other card, and is shown as it stands when its turn comes", async () => {
  const left = createFakeSurface("left");
  const here = await aPlane({ surfaces: [left] });
  const runId = await started(here, { bindings: [{ surface: "left", channel: "work", role: "home" }] });
  await until(here, runId, isWaiting);
  const notice = () => left.messages.find(({ cards }) => cards[0]?.kind === "notice");
  await eventually(() => expect(notice()?.cards.at(-1)).toMatchObject({ percent: 38 }));
  left.hold("notice", 5000);
  const edits = notice()?.cards.length ?? 0;
  await answer(here, runId);
  await until(here, runId, hasEnded);
  await eventually(() => expect(left.messages.at(-1)?.cards.at(-1)?.kind).toBe("result"));
  expect(notice()?.cards).toHaveLength(edits);
  left.hold(undefined);
  await eventually(() => {
    here.clock.advance(5000);
    expect(notice()?.cards).toHaveLength(edits + 1);
  });
  expect(notice()?.cards.at(-1)).toMatchObject({ percent: 100, actions: [] });
});

test("a surface that is away holds up no other surface and no alert", async () => {
  const away = createFakeSurface("left");
  const ops = createFakeSurface("right");
  const here = await aPlane({ surfaces: [away, ops] });
  away.fail(1000);
  const alerts: string[] = [];
  here.agent.on("alert.raised", ({ alert }) => {
    alerts.push(alert.key);
  });
  here.runtime.script("roof", () => ({ ...GOOD_RESULT, exitCode: 1 }));
  const runId = await started(here, {
    answers: "recommended",
    bindings: [
      { surface: "left", channel: "work", role: "home" },
      { surface: "right", channel: "ops", role: "operators" },
    ],
  });
  await eventually(() => {
    here.clock.advance(5000);
    expect(ops.messages.map((message) => message.cards.at(-1)?.kind)).toEqual(["dead_letter"]);
    expect(alerts).toEqual([`dead_letter:${runId}:0`]);
  });
  expect(away.messages).toEqual([]);
});

describe("what goes wrong", () => {
  test("a worker that fails once is tried again after a while", async () => {
    const here = await aPlane();
    let tries = 0;
    here.runtime.script("roof", (order) =>
      (tries += 1) === 1 ? { ...GOOD_RESULT, exitCode: 1 } : goodResultFor(order),
    );
    const runId = await started(here, { answers: "recommended" });
    await eventually(() => expect(tries).toBe(1));
    const done = until(here, runId, hasEnded);
    await eventually(() => {
      here.clock.advance(1000);
      expect(tries).toBe(2);
    });
    expect((await done).summary.status).toBe("completed");
  });

  test("a worker that says nothing of being done is not believed", async () => {
    const here = await aPlane();
    here.runtime.script("roof", () => ({ ...GOOD_RESULT, done: false }));
    const runId = await started(here, { answers: "recommended" });
    const dead = until(here, runId, hasEnded);
    await eventually(async () => {
      here.clock.advance(60_000);
      expect((await here.agent.run(runId))?.summary.status).toBe("dead_letter");
    });
    expect(await dead).toMatchObject({ failure: { code: "worker.not_done" }, deadLetter: { actions: [{}, {}, {}] } });
  });

  test("a dead letter is retried where it failed, and what had succeeded is not repeated", async () => {
    const here = await aPlane();
    let broken = true;
    here.runtime.script("cellar", (order) => (broken ? { ...GOOD_RESULT, exitCode: 3 } : goodResultFor(order)));
    const runId = await started(here, { answers: "recommended" });
    await eventually(async () => {
      here.clock.advance(60_000);
      expect((await here.agent.run(runId))?.summary.status).toBe("dead_letter");
    });
    broken = false;
    const roofs = here.runtime.orders.filter((order) => order.brief.laneId === "roof").length;
    expect(await here.agent.handle({ kind: "dead_letter.retry", id: "r", by: BY, runId })).toMatchObject({
      kind: "accepted",
    });
    expect((await until(here, runId, hasEnded)).summary.status).toBe("completed");
    expect(here.runtime.orders.filter((order) => order.brief.laneId === "roof")).toHaveLength(roofs);
  });

  test("work that Review finds wrong goes back with the reason, and closes on a fresh result", async () => {
    const here = await aPlane();
    here.runtime.script("roof", (order) =>
      order.brief.revisions.length === 0 ? { ...GOOD_RESULT, facts: { trackedFiles: 99 } } : goodResultFor(order),
    );
    const runId = await started(here, { answers: "recommended" });
    expect((await until(here, runId, hasEnded)).summary.status).toBe("completed");
    const again = here.runtime.orders.filter((order) => order.brief.laneId === "roof");
    expect(again).toHaveLength(2);
    expect(again[1]?.brief.revisions).toEqual([{ stepId: "same-files", detail: expect.stringContaining("99") }]);
    const run = (await here.agent.document(runId))?.run;
    expect(run?.workFindings).toMatchObject([{ status: { kind: "closed" } }]);
  });

  test("canceling ends the workers", async () => {
    const here = await aPlane();
    const aborted = Promise.withResolvers<void>();
    here.runtime.script(
      "roof",
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            aborted.resolve();
            reject(new Error("stopped"));
          });
        }),
    );
    const runId = await started(here, { answers: "recommended" });
    await eventually(() => expect(here.runtime.orders.some((order) => order.brief.laneId === "roof")).toBe(true));
    expect(here.agent.cancelTask(runId)).toBe(true);
    await aborted.promise;
    expect((await until(here, runId, hasEnded)).summary.status).toBe("canceled");
    await eventually(() => {
      here.clock.advance(500);
      expect(here.workspace.closed).toContain(runId);
    });
    expect(here.agent.cancelTask(runId)).toBe(false);
    expect(here.agent.cancelVerdict(runId)).toEqual({ cancelable: false, reason: "unknown" });
  });

  test("a restart while a question is open asks it no second time and loses no answer", async () => {
    const left = createFakeSurface("left");
    const before = await aPlane({ surfaces: [left] });
    const runId = await started(before, { bindings: [{ surface: "left", channel: "work", role: "home" }] });
    await until(before, runId, isWaiting);
    const here = await before.restart();
    await answer(here, runId);
    expect((await until(here, runId, hasEnded)).summary.status).toBe("completed");
    await eventually(() =>
      expect(left.messages.map((message) => `${message.cards.at(-1)?.kind}`).toSorted()).toEqual([
        "decision",
        "notice",
        "result",
      ]),
    );
  });

  test("an interrupted attempt that must not be repeated asks after the restart", async () => {
    const before = await aPlane();
    before.runtime.script(
      "cellar",
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("stopped")));
        }),
    );
    const runId = await started(before, { answers: "recommended" });
    await eventually(() => expect(before.runtime.orders.some((order) => order.brief.laneId === "cellar")).toBe(true));
    const here = await before.restart();
    here.runtime.script("cellar", goodResultFor);
    const asked = await until(here, runId, isWaiting);
    expect(asked.decision?.questions.map((question) => question.id)).toEqual(["cellar"]);
    await answer(here, runId, "again", { cellar: "run_again" });
    expect((await until(here, runId, hasEnded)).summary.status).toBe("completed");
  });
});

test("the task API gives its id at once, and accepted() says when it is durable", async () => {
  const here = await aPlane();
  const taskId = here.agent.enqueueTask(aTask({ answers: "recommended" }));
  await here.agent.accepted(taskId);
  expect((await here.agent.run(taskId))?.summary.runId).toBe(taskId);
  await until(here, taskId, hasEnded);
  await eventually(() => expect(here.agent.cancelTask(taskId)).toBe(false));
  expect(() => here.agent.enqueueTask(aTask({ goal: " " }))).toThrow(/say what is to be done/);
  const refused = here.agent.enqueueTask(aTask({ macro: "unheard-of" }));
  await expect(here.agent.accepted(refused)).rejects.toThrow(/unheard-of/);
  expect(here.agent.cancelVerdict(refused)).toEqual({ cancelable: false, reason: "unknown" });
  expect(here.agent.cancelTask(refused)).toBe(false);
  await expect(here.agent.accepted(refused)).rejects.toThrow(/unheard-of/);
});

test("however many tasks were refused, those that are being accepted are not forgotten", async () => {
  const looking = Promise.withResolvers<undefined>();
  let first = true;
  const here = await aPlane({
    before: (engine) => ({
      ...engine,
      read: (runId) => {
        const answer = first ? looking.promise : engine.read(runId);
        first = false;
        return answer;
      },
    }),
  });
  const slow = here.agent.enqueueTask(aTask());
  const others = Array.from({ length: 1100 }, () => here.agent.enqueueTask(aTask({ macro: "unheard-of" })));
  await Promise.allSettled(others.map((taskId) => here.agent.accepted(taskId)));
  expect(here.agent.cancelVerdict(slow)).toEqual({ cancelable: true, reason: "running" });
  looking.resolve(undefined);
  await here.agent.accepted(slow);
});

test("the state snapshot cannot be changed by who holds it", async () => {
  const here = await aPlane();
  const runId = await started(here);
  await until(here, runId, isWaiting);
  const state = here.agent.getState();
  expect(state.metrics.waitingForPeople).toBe(1);
  expect(state.runs).toMatchObject([{ runId, status: "waiting" }]);
  expect(() => {
    (state.runs as unknown[]).push("x");
  }).toThrow(TypeError);
  expect(() => {
    Object.assign(state.metrics, { queued: 5 });
  }).toThrow(TypeError);
});
