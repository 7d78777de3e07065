import { describe, expect, test } from "vitest";
import { deadLetterCard } from "../../src/cards/dead-letter-card.ts";
import { bulkRetryLines, retryLetters } from "../../src/commands/bulk-retry.ts";
import { type CommandInput } from "../../src/contracts/command.ts";
import { Macro } from "../../src/contracts/macro.ts";
import { translatorFor } from "../../src/i18n.ts";
import type { RolesOf } from "../../src/metaagent/authorize.ts";
import { GOOD_RESULT, goodResultFor } from "../fakes/fake-runtime.ts";
import { FAKE_CATALOG, aTask, FAKE_MACRO, type ControlPlane } from "../fixtures/control-plane.ts";
import { aPlane, reaches, started } from "../fixtures/planes.ts";

const OPERATOR = { surface: "terminal", user: "olga" };
const title = { en: "Days", "zh-CN": "天数" };
const MACRO = Macro.parse({
  ...FAKE_MACRO,
  args: { ...FAKE_MACRO.args, days: { type: "integer", title, default: 30, min: 1, max: 90 } },
  lanes: FAKE_MACRO.lanes.map((lane) => ({ ...lane, retries: 0 })),
});
const rolesOf: RolesOf = ({ user }) => new Set(user === "olga" ? ["operator"] : ["requester", "approver"]);

/** The roof cannot be inspected over more than ten days; everything else goes well. */
async function plane(): Promise<ControlPlane> {
  const here = await aPlane({ catalog: { ...FAKE_CATALOG, macros: [MACRO] }, rolesOf });
  here.runtime.script("roof", (order) =>
    Number(order.brief.args["days"]) <= 10 ? goodResultFor(order) : { ...GOOD_RESULT, exitCode: 3 },
  );
  return here;
}

async function aDeadLetter(here: ControlPlane, id = "s"): Promise<string> {
  const runId = await started(here, { answers: "recommended" }, id);
  await reaches(here, runId, "dead_letter");
  return runId;
}

const retry = (
  here: ControlPlane,
  runId: string,
  more: Partial<Extract<CommandInput, { kind: "dead_letter.retry" }>> = {},
) => here.agent.handle({ kind: "dead_letter.retry", id: "retry-1", by: OPERATOR, runId, ...more });

const lanesOf = (here: ControlPlane, from = 0): string[] =>
  here.runtime.orders
    .slice(from)
    .map(({ brief }) => brief.laneId)
    .toSorted();

describe("a retry", () => {
  test("without a change keeps what had succeeded", async () => {
    const here = await plane();
    const runId = await aDeadLetter(here);
    const before = here.runtime.orders.length;
    here.runtime.script("roof", goodResultFor);
    expect(await retry(here, runId)).toMatchObject({ kind: "accepted" });
    await reaches(here, runId, "completed");
    expect(lanesOf(here, before)).toEqual(["roof", "summary"]);
  });

  test("with other arguments does anew what was done with the old ones, and the run goes by them to its end", async () => {
    const here = await plane();
    const runId = await aDeadLetter(here);
    const before = here.runtime.orders.length;
    expect(await retry(here, runId, { args: { days: 7 } })).toMatchObject({ kind: "accepted" });
    await reaches(here, runId, "completed");
    expect(lanesOf(here, before)).toEqual(["cellar", "roof", "summary"]);
    expect(here.runtime.orders.slice(before).every(({ brief }) => brief.args["days"] === 7)).toBe(true);
    const run = (await here.agent.document(runId))?.run;
    expect(run).toMatchObject({
      redriveArgs: { days: 7 },
      redrives: 1,
      redriven: { by: expect.anything() },
      packets: { runHeader: { args: { days: 7 } } },
    });
  });

  test("that comes twice is one, and a change that changes nothing repeats nothing", async () => {
    const here = await plane();
    const runId = await aDeadLetter(here);
    const before = here.runtime.orders.length;
    here.runtime.script("roof", goodResultFor);
    const replies = [
      await retry(here, runId, { args: { days: 30 } }),
      await retry(here, runId, { args: { days: 30 } }),
    ];
    expect(replies.map(({ kind }) => kind)).toEqual(["accepted", "already"]);
    await reaches(here, runId, "completed");
    expect(lanesOf(here, before)).toEqual(["roof", "summary"]);
  });

  test.each([
    ["out of its bounds", { days: 91 }, "macro.bad_argument", "90"],
    ["that is none of the macro's", { weeks: 1 }, "macro.bad_argument", "weeks"],
    ["that chooses parts of the work", { areas: ["roof"] }, "redrive.lanes", "areas"],
    ["that looks like a secret", { days: "ghp_" + "aB3".repeat(12) }, "redrive.secret", "days"],
  ])("with an argument %s is refused, and the letter stays", async (_, args, code, says) => {
    const here = await plane();
    const runId = await aDeadLetter(here);
    const reply = await retry(here, runId, { args });
    expect(reply).toMatchObject({ kind: "refused", code });
    expect(reply.kind === "refused" && reply.message).toContain(says);
    expect((await here.agent.run(runId))?.summary.status).toBe("dead_letter");
  });

  test("is for operators", async () => {
    const here = await plane();
    const runId = await aDeadLetter(here);
    const reply = await retry(here, runId, { by: aTask().requestedBy });
    expect(reply).toMatchObject({ kind: "refused", code: "auth.not_allowed" });
  });

  test("of what was given up is refused, by whom and why, and no later retry brings it back", async () => {
    const here = await plane();
    const runId = await aDeadLetter(here);
    const discard = { kind: "dead_letter.discard", id: "d", by: OPERATOR, runId, reason: "the house is sold" } as const;
    expect(await here.agent.handle(discard)).toMatchObject({ kind: "accepted" });
    expect(await here.agent.handle(discard)).toMatchObject({ kind: "already" });
    for (const id of ["r1", "r2"]) {
      const reply = await retry(here, runId, { id, args: { days: 7 } });
      expect(reply).toMatchObject({ kind: "refused", code: "dead_letter.discarded" });
      expect(reply.kind === "refused" && reply.message).toMatch(/olga.*the house is sold.*final/su);
    }
    expect((await here.agent.run(runId))?.summary.status).toBe("discarded");
    const history = (await here.agent.document(runId))?.history ?? [];
    expect(history.filter(({ event }) => event === "dead_letter.discarded")).toMatchObject([{ by: OPERATOR }]);
  });
});

describe("a retry of many", () => {
  const words = translatorFor("en");

  test("sends back those of one code, each once, and says how many of how many", async () => {
    const here = await plane();
    const runIds = [await aDeadLetter(here, "a"), await aDeadLetter(here, "b")];
    const { agent } = here;
    // Which are meant is seen from the list: loading a thousand runs for it would take as many calls.
    const session = { door: agent, query: { ...agent, run: () => Promise.reject(new Error("a run was loaded")) } };
    const who = { commandId: "bulk", by: OPERATOR };
    expect(await retryLetters(session, { code: "worker.stalled" }, who)).toEqual({ retried: [], refused: [] });
    expect(await retryLetters(session, { macro: "other-check" }, who)).toEqual({ retried: [], refused: [] });
    const refused = await retryLetters(session, { code: "worker.exit" }, { ...who, by: aTask().requestedBy });
    expect(bulkRetryLines(refused, words)).toEqual([
      "0 of 2 are sent back to work.",
      expect.stringMatching(/^2 were refused: .*operator/u),
    ]);
    here.runtime.script("roof", goodResultFor);
    const done = await retryLetters(session, { macro: "house-check", code: "worker.exit" }, who);
    expect(done.retried.toSorted()).toEqual(runIds.toSorted());
    expect(bulkRetryLines(done, words)).toEqual(["2 of 2 are sent back to work."]);
    for (const runId of runIds) {
      await reaches(here, runId, "completed");
      expect((await agent.document(runId))?.run.redrives).toBe(1);
    }
    expect(bulkRetryLines(await retryLetters(session, { macro: "house-check" }, who), words)).toEqual([
      "No dead letter fits, so nothing was retried.",
    ]);
  });
});

describe("a retry after the macro was changed", () => {
  /** The same bot with another macro file: the run goes on where it is kept. */
  async function retriedWith(change: (lane: Macro["lanes"][number]) => Partial<Macro["lanes"][number]>) {
    const macros = [MACRO];
    const here = await aPlane({ catalog: { ...FAKE_CATALOG, macros }, rolesOf });
    here.runtime.script("roof", () => ({ ...GOOD_RESULT, exitCode: 3 }));
    const runId = await aDeadLetter(here);
    here.runtime.script("roof", goodResultFor);
    macros[0] = {
      ...MACRO,
      lanes: MACRO.lanes.map((lane) => (lane.id === "roof" ? { ...lane, ...change(lane) } : lane)),
    };
    const before = here.runtime.orders.length;
    expect(await retry(here, runId)).toMatchObject({ kind: "accepted" });
    await reaches(here, runId, "completed");
    const run = (await here.agent.document(runId))?.run;
    if (run === undefined) throw new Error("the run is gone");
    const card = JSON.stringify(deadLetterCard(run, translatorFor("en")));
    return {
      roof: here.runtime.orders.slice(before).find(({ brief }) => brief.laneId === "roof"),
      run,
      card,
      lanes: lanesOf(here, before),
    };
  }

  test("goes by the mended macro where that fits what was approved, and says so", async () => {
    const { roof, run, card, lanes } = await retriedWith(() => ({ timeLimitMs: 7777 }));
    // Twice as long as the macro says, as the card had it.
    expect(roof?.timeLimitMs).toBe(2 * 7777);
    expect(lanes).toEqual(["roof", "summary"]);
    expect(run.redriven).toMatchObject({ macro: "taken" });
    expect(card).toContain("The procedure was changed since; the run goes by it as it is now.");
  });

  test("keeps what was approved where the macro became other work, and says that a new run is the way", async () => {
    const { roof, run, card } = await retriedWith(() => ({ timeLimitMs: 7777, writes: ["**"] }));
    expect(roof?.timeLimitMs).not.toBe(2 * 7777);
    expect(run.redriven).toMatchObject({ macro: "kept" });
    expect(card).toContain("For the changed one, start a new run.");
  });

  test("says nothing of a macro that is as it was", async () => {
    const { run, card } = await retriedWith(() => ({}));
    expect(run.redriven).not.toHaveProperty("macro");
    expect(card).not.toContain("The procedure was changed");
  });
});
