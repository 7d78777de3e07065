import { expect, test } from "vitest";
import { Writable } from "node:stream";
import { pino } from "pino";
import { createEventHub, type EventHub, type Observer } from "../../src/metaagent/event-hub.ts";
import type { EventName, MetaAgentEvent } from "../../src/metaagent/events.ts";
import { createFakeClock } from "../fakes/fake-clock.ts";
import { aTask, type ControlPlane } from "../fixtures/control-plane.ts";
import { Command } from "../../src/contracts/command.ts";
import { GOOD_RESULT, goodResultFor } from "../fakes/fake-runtime.ts";
import { eventually } from "../fixtures/eventually.ts";
import { aPlane } from "../fixtures/planes.ts";

function aHub() {
  const lines: string[] = [];
  const clock = createFakeClock();
  const sink = new Writable({
    write: (chunk, _, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  return { hub: createEventHub(pino(sink), clock), clock, lines };
}

const trouble = (n: number): [name: "run.trouble", payload: { runId: string; text: { kind: "raw"; raw: string } }] => [
  "run.trouble",
  { runId: "run_aaaaaaaa", text: { kind: "raw", raw: String(n) } },
];
const told = (event: MetaAgentEvent): number => (event.name === "run.trouble" ? Number(sayRaw(event)) : -1);
const sayRaw = ({ payload }: Extract<MetaAgentEvent, { name: "run.trouble" }>): string =>
  payload.text.kind === "raw" ? payload.text.raw : "";
const observer = (name: string, notify: Observer["notify"]): Observer => ({ name, wants: () => true, notify });
const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
const stateOf = (hub: EventHub, name: string) => hub.observers().find((state) => state.name === name);

test("observers are told in order, and never on the way of the one who tells", async () => {
  const { hub } = aHub();
  const seen: number[] = [];
  hub.observe(observer("list", (event) => void seen.push(told(event))));
  for (const n of numbers(200)) hub.emit(...trouble(n));
  expect(seen).toEqual([]);
  await eventually(() => expect(seen).toEqual(numbers(200)));
});

test("an observer that throws or rejects gets the next event all the same, and one line in the log", async () => {
  const { hub, lines } = aHub();
  const seen: number[] = [];
  hub.observe(
    observer("bad", (event) => {
      if (told(event) < 10) throw new Error("no");
      if (told(event) < 20) return Promise.reject(new Error("no"));
      seen.push(told(event));
      return undefined;
    }),
  );
  for (const n of numbers(30)) hub.emit(...trouble(n));
  await eventually(() => expect(seen).toEqual(numbers(30).slice(20)));
  expect(stateOf(hub, "bad")).toEqual({ name: "bad", waiting: 0, dropped: 0, failed: 20 });
  expect(lines.filter((line) => line.includes("an observer failed"))).toHaveLength(1);
});

test("a listener that fails is named with whom it belongs to", async () => {
  const { hub, lines } = aHub();
  const fail = (): never => {
    throw new Error("no");
  };
  hub.on("run.trouble", fail, "plugin word-count");
  hub.emit(...trouble(1));
  await eventually(() => expect(lines.join()).toContain("plugin word-count on run.trouble"));
});

test("an observer that never resolves loses the oldest events, counted and logged once, and holds up no other", async () => {
  const { hub, lines } = aHub();
  const seen: number[] = [];
  hub.observe(observer("stuck", () => new Promise(() => undefined)));
  hub.observe(observer("list", (event) => void seen.push(told(event))));
  for (const n of numbers(500)) hub.emit(...trouble(n));
  await eventually(() => expect(seen).toHaveLength(500));
  for (const n of numbers(1000)) hub.emit(...trouble(n));
  await eventually(() => expect(seen).toHaveLength(1500));
  expect(stateOf(hub, "stuck")).toEqual({ name: "stuck", waiting: 1000, dropped: 499, failed: 0 });
  expect(lines.filter((line) => line.includes("dropped"))).toHaveLength(1);
});

test("an observer that holds the process up gets a tenth of the time", async () => {
  const { hub, clock } = aHub();
  const slow: number[] = [];
  const seen: number[] = [];
  hub.observe(
    observer("slow", (event) => {
      clock.advance(100);
      slow.push(told(event));
    }),
  );
  hub.observe(observer("list", (event) => void seen.push(told(event))));
  for (const n of numbers(5)) hub.emit(...trouble(n));
  await eventually(() => expect(seen).toEqual(numbers(5)));
  expect(slow).toEqual([0]);
  clock.advance(899);
  await eventually(() => expect(stateOf(hub, "slow")?.waiting).toBe(4));
  expect(slow).toEqual([0]);
  clock.advance(1);
  await eventually(() => expect(slow).toEqual([0, 1]));
});

test("an observer that leaves while it is told gets nothing more, and one that is told at the end gets the rest", async () => {
  const { hub } = aHub();
  const left: number[] = [];
  const seen: number[] = [];
  const off = hub.observe(
    observer("leaves", (event) => {
      left.push(told(event));
      off();
    }),
  );
  hub.observe(observer("list", (event) => void seen.push(told(event))));
  hub.emit(...trouble(0));
  await eventually(() => expect(left).toEqual([0]));
  hub.emit(...trouble(1));
  hub.emit(...trouble(2));
  hub.stop();
  expect([left, seen]).toEqual([[0], [0, 1, 2]]);
  hub.emit(...trouble(3));
  expect(seen).toHaveLength(3);
});

test("a run ends in time whatever its observers do", async () => {
  const plane = await aPlane();
  plane.agent.observe(observer("stuck", () => new Promise(() => undefined)));
  plane.agent.observe(
    observer("bad", () => {
      throw new Error("no");
    }),
  );
  await completes(plane);
  const states = plane.agent.observers();
  expect(states.find(({ name }) => name === "stuck")?.waiting).toBeGreaterThan(20);
});

test("a run tells what happened to it: stages, dispatches, decisions, retries, with their durations", async () => {
  const plane = await aPlane();
  const events: MetaAgentEvent[] = [];
  plane.agent.observe(observer("list", (event) => void events.push(event)));
  let tries = 0;
  plane.runtime.script("roof", (order) => {
    tries += 1;
    plane.clock.advance(2000);
    return tries === 1 ? { ...GOOD_RESULT, exitCode: 1 } : goodResultFor(order);
  });
  await completes(plane);
  const of = <K extends EventName>(name: K) =>
    events.flatMap((event) =>
      event.name === name ? [event.payload as Extract<MetaAgentEvent, { name: K }>["payload"]] : [],
    );

  await eventually(() => expect(of("run.status").at(-1)).toMatchObject({ from: "active", to: "completed" }));
  expect(of("run.status")[0]).toMatchObject({ from: null, to: "active", tenant: "terminal:ada", macroId: null });
  const stages = ["critical", "fetch", "thinking", "execution", "review", "meta_review", "verification", "evolution"];
  expect(of("stage.entered").map(({ stage }) => stage)).toEqual(stages);
  expect(of("stage.left").map(({ stage }) => stage)).toEqual(stages);
  expect(of("stage.left").find(({ stage }) => stage === "execution")?.durationMs).toBeGreaterThanOrEqual(4000);

  const roof = of("dispatch.ended").filter(({ work }) => work.kind === "lane" && work.laneId === "roof");
  expect(roof).toMatchObject([
    { attempt: 1, outcome: "failed", code: "worker.exit", macroId: "house-check" },
    { attempt: 2, outcome: "succeeded", code: null },
  ]);
  for (const { durationMs } of roof) expect(durationMs).toBeGreaterThanOrEqual(2000);
  expect(of("dispatch.queued").filter(({ retry }) => retry)).toMatchObject([{ attempt: 2, work: { laneId: "roof" } }]);
  const ids = (name: "dispatch.queued" | "dispatch.started" | "dispatch.ended"): string[] =>
    of(name).map(({ dispatchId }) => dispatchId);
  expect(ids("dispatch.started").toSorted()).toEqual(ids("dispatch.queued").toSorted());
  expect(ids("dispatch.ended").toSorted()).toEqual(ids("dispatch.queued").toSorted());
  expect(of("decision.opened")).toMatchObject([{ about: "execution_confirmation" }]);
  expect(of("decision.closed")).toMatchObject([{ how: "person", by: { user: "ada" } }]);
  expect(of("command.handled").map(({ command, outcome }) => [command, outcome])).toEqual([
    ["run.start", "accepted"],
    ["decision.answer", "accepted"],
  ]);
});

/** Starts a run, answers its question, and waits until it is complete; the clock moves on for retries. */
async function completes({ agent, clock }: ControlPlane): Promise<void> {
  const task = aTask();
  const reply = await agent.handle(Command.parse({ kind: "run.start", id: "a", by: task.requestedBy, task }));
  if (reply.kind === "refused" || reply.kind === "done") throw new Error(reply.message);
  const { runId } = reply;
  const reaches = (status: string) =>
    eventually(async () => {
      clock.advance(500);
      expect((await agent.run(runId))?.summary.status).toBe(status);
    });
  await reaches("waiting");
  await agent.handle({
    kind: "decision.answer",
    id: "b",
    by: task.requestedBy,
    runId,
    answers: "recommended",
    args: {},
  });
  await reaches("completed");
}
