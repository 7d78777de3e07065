import { describe, expect, test } from "vitest";
import { Macro } from "../../src/contracts/macro.ts";
import type { ArbitrationPacket } from "../../src/contracts/packets/closing.ts";
import { Run } from "../../src/contracts/run.ts";
import { arbitrate, type StuckLane } from "../../src/governance/warden.ts";
import { transition } from "../../src/spine/transition.ts";
import { GOOD_RESULT, goodResultFor } from "../fakes/fake-runtime.ts";
import { FAKE_CATALOG, aTask, FAKE_MACRO, type ControlPlane } from "../fixtures/control-plane.ts";
import { fenceOf, after, drive, running } from "../fixtures/run-events.ts";
import { eventually } from "../fixtures/eventually.ts";
import { aPlane, started } from "../fixtures/planes.ts";

const WRONG = { ...GOOD_RESULT, facts: { trackedFiles: -1 } };
const BY = aTask().requestedBy;

async function plane(stuck: readonly string[], macro: Macro = FAKE_MACRO): Promise<ControlPlane> {
  const here = await aPlane({ catalog: { ...FAKE_CATALOG, macros: [macro] } });
  for (const laneId of stuck) here.runtime.script(laneId, () => WRONG);
  return here;
}

async function reaches({ agent, clock }: ControlPlane, runId: string, status: string): Promise<Run> {
  await eventually(async () => {
    clock.advance(1000);
    expect((await agent.run(runId))?.summary.status).toBe(status);
  });
  const run = (await agent.document(runId))?.run;
  return Run.parse(run);
}

const timesOf = (here: ControlPlane, laneId: string): number =>
  here.runtime.orders.filter(({ brief }) => brief.laneId === laneId).length;

describe("work that comes back the same each time", () => {
  test("is sent back twice and no more, and what the rest does not need is left out", async () => {
    const here = await plane(["summary"]);
    const runId = await started(here, { answers: "recommended" });
    const run = await reaches(here, runId, "completed");
    expect(timesOf(here, "summary")).toBe(3);
    expect(run.packets.arbitrationPacket).toMatchObject({
      outcome: "narrow_scope",
      lanes: ["summary"],
      bounces: 2,
      bouncedBy: ["meta-prism", "meta-warden"],
    });
    expect(Object.keys(run.lanes)).toEqual(["roof", "cellar"]);
    expect(run.invocations.map(({ agent, duty }) => `${agent}: ${duty}`)).toEqual(
      expect.arrayContaining([
        "meta-warden: arbitrate what is sent back without anything new",
        "meta-conductor: revise the plan once, without what is stuck",
      ]),
    );
    expect(run.packets.evolutionWritebackPacket?.scars).toContainEqual({
      kind: "deadlock",
      detail: expect.stringContaining("narrow_scope"),
    });
    // Said where people look, and in the report.
    expect(JSON.stringify((await here.agent.run(runId))?.result)).toContain("Left out: it was sent back 2 times");
    await eventually(() => expect(here.workspace.closed).toEqual([runId]));
  });

  test("is taken as it is where only a check of reading work fails that proves little, and the result says so", async () => {
    const checked = { id: "again", kind: "command", argv: ["look", "again"] };
    const lanes = FAKE_MACRO.lanes.map((lane) => (lane.id === "roof" ? { ...lane, verify: [checked] } : lane));
    const here = await plane([], Macro.parse({ ...FAKE_MACRO, lanes }));
    here.runtime.script("roof", (order) =>
      order.agent.id === "command-runner" ? { ...GOOD_RESULT, exitCode: 1 } : goodResultFor(order),
    );
    const runId = await started(here, { answers: "recommended" });
    const run = await reaches(here, runId, "completed");
    expect(run.packets.arbitrationPacket).toMatchObject({ outcome: "proceed_with_assumption", lanes: ["roof"] });
    expect(run.workFindings).toMatchObject([{ laneId: "roof", status: { kind: "not_closable" } }]);
    expect(JSON.stringify((await here.agent.run(runId))?.result)).toContain("It is assumed that the work is right");
  });

  test("is stopped where nothing has passed its checks, and an operator may send it back", async () => {
    const here = await plane(["roof", "cellar", "summary"]);
    const runId = await started(here, { answers: "recommended" });
    const dead = await reaches(here, runId, "dead_letter");
    expect(dead.packets.arbitrationPacket?.outcome).toBe("stop_blocked");
    expect(dead.status).toMatchObject({ failure: { code: "governance.deadlock" } });
    for (const laneId of ["roof", "cellar", "summary"]) here.runtime.script(laneId, goodResultFor);
    await here.agent.handle({ kind: "dead_letter.retry", id: "r", by: BY, runId });
    await reaches(here, runId, "completed");
  });
});

describe("what the result cannot do without", () => {
  const asked = async () => {
    const here = await plane(["cellar"]);
    const runId = await started(here, { answers: "recommended" });
    const run = await reaches(here, runId, "waiting");
    return { here, runId, run };
  };
  const answer = ({ agent }: ControlPlane, runId: string, option: string) =>
    agent.handle({ kind: "decision.answer", id: "a", by: BY, runId, answers: { way_on: option }, args: {} });

  test("is a person's to decide, for as long as it takes", async () => {
    const { here, runId, run } = await asked();
    expect(run.packets.arbitrationPacket).toMatchObject({ outcome: "ask_user", separable: false });
    here.clock.advance(365 * 24 * 3600_000, "asleep");
    const card = (await here.agent.run(runId))?.decision;
    expect(card).toMatchObject({ about: "arbitration", resolved: null });
    const options = card?.questions[0]?.options ?? [];
    expect(options.map(({ id, rejectedBecause }) => [id, rejectedBecause === null])).toEqual([
      ["narrow_scope", false],
      ["proceed_with_assumption", true],
      ["stop", true],
    ]);
    expect(options.find(({ recommended }) => recommended)?.id).toBe("stop");
    expect(await answer(here, runId, "narrow_scope")).toMatchObject({ kind: "refused" });
    expect(timesOf(here, "cellar")).toBe(3);
  });

  test("goes on as an assumption where a person says so", async () => {
    const { here, runId } = await asked();
    expect(await answer(here, runId, "proceed_with_assumption")).toMatchObject({ kind: "accepted" });
    const run = await reaches(here, runId, "completed");
    expect(run.decisions.at(-1)).toMatchObject({ kind: "arbitration", status: "answered", how: "person" });
    expect(timesOf(here, "cellar")).toBe(3);
  });

  test("stops where a person says so", async () => {
    const { here, runId } = await asked();
    await answer(here, runId, "stop");
    expect((await reaches(here, runId, "dead_letter")).status).toMatchObject({
      failure: { code: "governance.deadlock" },
    });
  });
});

test("what brings something new each time is no deadlock, and has its three rounds", async () => {
  const here = await plane([]);
  let files = -1;
  here.runtime.script("summary", () => ({ ...GOOD_RESULT, facts: { trackedFiles: (files -= 1) } }));
  const run = await reaches(here, await started(here, { answers: "recommended" }), "dead_letter");
  expect(timesOf(here, "summary")).toBe(4);
  expect(run.packets.arbitrationPacket).toBeUndefined();
  expect(run.status).toMatchObject({ failure: { code: "verification.open_findings" } });
});

describe("the warden", () => {
  const lane = (change: Partial<StuckLane> = {}): StuckLane => ({
    laneId: "one",
    required: false,
    writes: false,
    builtUpon: false,
    doubtfulChecks: false,
    ...change,
  });
  test.each<[string, StuckLane[], string[], boolean, ArbitrationPacket["outcome"]]>([
    ["stops a run that was arbitrated before", [lane()], ["two"], true, "stop_blocked"],
    ["stops where nothing is sound", [lane()], [], false, "stop_blocked"],
    [
      "sets a doubtful check of reading work aside",
      [lane({ doubtfulChecks: true })],
      ["two"],
      false,
      "proceed_with_assumption",
    ],
    [
      "assumes nothing of work that writes",
      [lane({ doubtfulChecks: true, writes: true })],
      ["two"],
      false,
      "narrow_scope",
    ],
    ["leaves out what nothing needs", [lane()], ["two"], false, "narrow_scope"],
    ["asks about what is required", [lane({ required: true })], ["two"], false, "ask_user"],
    ["asks about what others stand on", [lane({ builtUpon: true })], ["two"], false, "ask_user"],
    [
      "asks where one of several is required",
      [lane(), lane({ laneId: "x", required: true })],
      ["two"],
      false,
      "ask_user",
    ],
  ])("%s", (_, stuck, sound, before, outcome) => {
    expect(arbitrate(stuck, sound, before).outcome).toBe(outcome);
  });
});

test("an arbitration of what is not stuck is refused", () => {
  const isVerifying = (now: Run): boolean =>
    now.dispatches.some((d) => d.status === "started" && d.work.kind === "stage" && d.work.step === "verification");
  const run = drive(isVerifying);
  const arbitrationPacket: ArbitrationPacket = {
    at: after(run),
    outcome: "proceed_with_assumption",
    reason: "none",
    separable: true,
    bounces: 2,
    bouncedBy: ["meta-warden"],
    lanes: ["history"],
    redrives: 0,
  };
  const invocation = {
    agent: "meta-warden",
    stage: "verification",
    duty: "d",
    nature: "deterministic_check",
    at: 1,
    state: "returned",
  } as const;
  expect(() =>
    transition(run, {
      kind: "verification.completed",
      ...fenceOf(run, running(run), "e"),
      invocations: [invocation],
      packets: { arbitrationPacket },
      outcomes: [],
      findings: [],
    }),
  ).toThrow(expect.objectContaining({ code: "gate.arbitration" }));
});
