import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Command, type CommandInput, type CommandReply } from "../../src/contracts/command.ts";
import { OperationsDocument } from "../../src/contracts/operations.ts";
import type { MetaTaskInput } from "../../src/contracts/task.ts";
import type { RunView } from "../../src/contracts/view.ts";
import { type ControlPlane } from "../fixtures/control-plane.ts";
import { createFakeSurface } from "../fakes/fake-surface.ts";
import { GOOD_RESULT, createFakeRuntime } from "../fakes/fake-runtime.ts";
import { eventually } from "../fixtures/eventually.ts";
import { aPlane, started, until } from "../fixtures/planes.ts";

const OLGA = { surface: "web", user: "olga" };
const TENANT = { kind: "tenant", name: "terminal:ada" } as const;

let commands = 0;
async function act(here: ControlPlane, command: Record<string, unknown>, id = `q${(commands += 1)}`): Promise<string> {
  const reply = await handle(here, { by: OLGA, ...command, id } as CommandInput);
  if (reply.kind !== "done") throw new Error(`${reply.kind}: ${"message" in reply ? reply.message : ""}`);
  return reply.message;
}

function handle(here: ControlPlane, command: CommandInput): Promise<CommandReply> {
  return here.agent.handle(Command.parse(command));
}

const start = (here: ControlPlane, id: string, more: Partial<MetaTaskInput> = {}): Promise<string> =>
  started(here, { answers: "recommended", ...more }, id);

const completed = (view: RunView): boolean => view.summary.status === "completed";

describe("what is paused", () => {
  test("does not start, says so, survives a restart, and goes on when it is resumed", async () => {
    let here = await aPlane();
    expect(await act(here, { kind: "queue.pause", target: TENANT })).toContain("terminal:ada");
    const runId = await start(here, "s1");
    expect((await here.agent.queue()).waiting).toMatchObject([
      { runId, tenant: "terminal:ada", paused: [TENANT], start: { kind: "held" } },
    ]);
    here = await here.restart();
    expect((await here.agent.queue()).paused).toMatchObject([{ target: TENANT, by: OLGA }]);
    expect(here.agent.getState().queue).toMatchObject({ waitingTotal: 1, paused: [TENANT] });
    const ends = until(here, runId, completed);
    await act(here, { kind: "queue.resume", target: TENANT });
    await ends;
  });

  test("of a macro lets its run begin, and holds it once Critical has chosen the macro", async () => {
    const here = await aPlane();
    const target = { kind: "macro", name: "house-check" };
    await act(here, { kind: "queue.pause", target });
    const runId = await start(here, "s1");
    await until(here, runId, (view) => view.summary.stage === "fetch");
    expect((await here.agent.queue()).waiting).toMatchObject([{ runId, macroId: "house-check", paused: [target] }]);
    const ends = until(here, runId, completed);
    await act(here, { kind: "queue.resume", target });
    await ends;
  });

  test("a name that is no macro is refused, a misspelt tenant is told by what waits of it", async () => {
    const here = await aPlane();
    const base = { kind: "queue.pause", by: OLGA } as const;
    expect(await handle(here, { ...base, id: "x", target: { kind: "macro", name: "hose-check" } })).toMatchObject({
      kind: "refused",
      code: "macro.unknown",
    });
    expect(await act(here, { ...base, target: { kind: "tenant", name: "bobb" } })).toContain("Nothing of it waits");
  });
});

describe("the notice of a run that waits", () => {
  test("says its place, why and when, on every surface, and says it no more once the run moves", async () => {
    const surface = createFakeSurface("web");
    const here = await aPlane({ surfaces: [surface] });
    await act(here, { kind: "queue.pause", target: TENANT });
    const runId = await start(here, "s1", { bindings: [{ surface: "web", channel: "work", role: "home" }] });
    const shown = (): string | undefined => {
      const card = surface.messages.find(({ cards }) => cards[0]?.kind === "notice")?.cards.at(-1);
      return card?.kind === "notice" ? card.lines.find(({ label }) => label === "Waiting")?.value : undefined;
    };
    await eventually(() => expect(surface.messages).not.toEqual([]));
    expect(shown()).toBeUndefined();
    const told = until(here, runId, ({ notice }) => notice.lines.some(({ label }) => label === "Waiting"));
    here.clock.advance(5000);
    await told;
    await eventually(() => expect(shown()).toContain("An operator has paused everything that counts for terminal:ada"));
    expect(shown()).toContain("next in the queue");
    expect(shown()).toContain("does not start before an operator lets it");
    const edits = surface.messages[0]?.cards.length;
    here.clock.advance(20_000);
    await eventually(async () => expect((await here.agent.queue()).waitingTotal).toBe(1));
    expect(surface.messages[0]?.cards.length).toBe(edits);
    const ends = until(here, runId, completed);
    await act(here, { kind: "queue.resume", target: TENANT });
    await ends;
    await eventually(() => expect(shown()).toBeUndefined());
  });

  test("holds up no delivery of the run where it could not be edited", async () => {
    const surface = createFakeSurface("web");
    const edit = Promise.withResolvers<undefined>();
    let reads = Infinity;
    const here = await aPlane({
      surfaces: [surface],
      // Two reads are for what the notice is to say, the third is of what is to be edited.
      before: (engine) => ({ ...engine, read: (runId) => ((reads += 1) === 3 ? edit.promise : engine.read(runId)) }),
    });
    await act(here, { kind: "queue.pause", target: TENANT });
    const runId = await start(here, "s1", { bindings: [{ surface: "web", channel: "work", role: "home" }] });
    await eventually(async () => expect((await here.agent.document(runId))?.outbox).toEqual([]));
    reads = 0;
    here.clock.advance(5000);
    await eventually(() => expect(reads).toBe(3));
    const ends = until(here, runId, completed);
    await act(here, { kind: "queue.resume", target: TENANT });
    await ends;
    edit.reject(new Error("EMFILE: too many open files"));
    await eventually(() => expect(surface.messages.map(({ cards }) => cards[0]?.kind)).toContain("result"));
  });
});

describe("an act of an operator", () => {
  test("counts once, is kept with who did it, and needs the role", async () => {
    const here = await aPlane({ rolesOf: ({ user }) => new Set(user === "olga" ? ["operator"] : ["requester"]) });
    await act(here, { kind: "queue.raise", target: TENANT }, "twice");
    expect(await act(here, { kind: "queue.raise", target: TENANT }, "twice")).toContain("before");
    expect((await here.agent.queue()).weights).toEqual({ "terminal:ada": 2 });
    const ada = { surface: "terminal", user: "ada" };
    expect(await handle(here, { kind: "queue.drain", id: "d", by: ada })).toMatchObject({ code: "auth.not_allowed" });
    expect((await here.agent.queue()).drainingSince).toBeNull();
  });

  test("weighs a tenant anew, and takes it back", async () => {
    const here = await aPlane();
    await act(here, { kind: "queue.weigh", tenant: "team", weight: 3 });
    await act(here, { kind: "queue.lower", target: { kind: "tenant", name: "team" } });
    expect((await here.agent.queue()).weights).toEqual({ team: 1.5 });
    await act(here, { kind: "queue.weigh", tenant: "team", weight: null });
    expect((await here.agent.queue()).weights).toEqual({});
  });

  test("brings the waiting work of a macro forward at once", async () => {
    const here = await aPlane();
    const target = { kind: "macro", name: "house-check" } as const;
    await act(here, { kind: "queue.pause", target });
    const runId = await start(here, "s1");
    await until(here, runId, (view) => view.summary.stage === "fetch");
    const orderOf = async () => (await here.agent.document(runId))?.queue[0]?.order ?? Number.NaN;
    const before = await orderOf();
    await act(here, { kind: "queue.raise", target });
    expect(before - (await orderOf())).toBeCloseTo(60_000);
    await act(here, { kind: "queue.lower", target });
    expect(await orderOf()).toBeCloseTo(before);
  });
});

describe("a drain", () => {
  test("starts nothing new, lets what runs end, tells operators, and is over with the process", async () => {
    const released = Promise.withResolvers<void>();
    const runtime = createFakeRuntime();
    const whole = {
      ...runtime,
      run: async (...order: Parameters<typeof runtime.run>) => {
        await released.promise;
        return runtime.run(...order);
      },
    };
    let here = await aPlane({ runtime: whole });
    const runId = await start(here, "s1");
    await until(here, runId, (view) => view.working.some(({ laneId }) => laneId !== null));
    await act(here, { kind: "queue.drain" });
    const late = await start(here, "s2");
    const drained = new Promise<string>((resolve) => {
      here.agent.on("alert.raised", ({ alert }) => resolve(alert.key));
    });
    released.resolve();
    expect(await drained).toMatch(/^drained:/);
    const queue = await here.agent.queue();
    expect(queue.running).toEqual([]);
    expect(queue.waiting.map((place) => place.runId)).toContain(late);
    expect(queue.waiting.every(({ start: { kind } }) => kind === "held")).toBe(true);
    expect(here.agent.alerts().map(({ key }) => key)).toEqual([await drained]);
    here = await here.restart();
    await Promise.all([until(here, runId, completed), until(here, late, completed)]);
    expect(here.agent.alerts()).toEqual([]);
  });

  test("is taken back", async () => {
    const here = await aPlane();
    await act(here, { kind: "queue.drain" });
    const runId = await start(here, "s1");
    expect((await here.agent.queue()).drainingSince).toBe(here.clock.now());
    await eventually(() => expect(here.agent.alerts()).toHaveLength(1));
    const ends = until(here, runId, completed);
    await act(here, { kind: "queue.undrain" });
    await ends;
    await eventually(() => expect(here.agent.alerts()).toEqual([]));
  });
});

test("while the process ends nothing new starts, whatever operators do, and it says that it is draining", async () => {
  const here = await aPlane();
  expect(here.agent.getState().queue.draining).toBe(false);
  await here.agent.drain(1000);
  expect(here.agent.getState().queue.draining).toBe(true);
  const runId = await start(here, "s1");
  await act(here, { kind: "queue.resume", target: { kind: "tenant", name: "terminal:ada" } });
  await act(here, { kind: "queue.undrain" });
  // The queue looks again at what waits when something else arrives.
  const other = await start(here, "s2");
  expect((await here.agent.queue()).running).toEqual([]);
  const again = await here.restart();
  await Promise.all([until(again, runId, completed), until(again, other, completed)]);
});

describe("what a tenant has used", () => {
  const finishOf = async (here: ControlPlane): Promise<number> => {
    const { flows } = OperationsDocument.parse(JSON.parse(await readFile(join(here.root, "operations.json"), "utf8")));
    return flows["terminal:ada"]?.finish ?? 0;
  };

  test("is saved though the work failed and taught nothing, tokens included", async () => {
    const runtime = createFakeRuntime();
    const usage = { inputTokens: 900_000, outputTokens: 100_000 };
    for (const laneId of ["roof", "cellar"]) runtime.script(laneId, () => ({ ...GOOD_RESULT, exitCode: 3, usage }));
    const here = await aPlane({ runtime });
    const runId = await start(here, "s1");
    await eventually(async () => {
      here.clock.advance(1000);
      expect((await here.agent.run(runId))?.summary.status).toBe("dead_letter");
      // Two lanes of a million tokens each, at 1 s for a thousand.
      expect(await finishOf(here)).toBeGreaterThan(2_000_000);
    });
  });
});
