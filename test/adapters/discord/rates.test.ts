import { expect, test } from "vitest";
import { LIMITS } from "../../../adapters/discord/limits.ts";
import { Macro } from "../../../src/contracts/macro.ts";
import type { RunId } from "../../../src/contracts/id.ts";
import { controlIn, controlsOf, textOf } from "../../fakes/discord/people.ts";
import { goodResultFor } from "../../fakes/fake-runtime.ts";
import { createRunningClock } from "../../fakes/running-clock.ts";
import { FAKE_CATALOG, FAKE_MACRO } from "../../fixtures/control-plane.ts";
import { aDiscordPlane } from "../../fixtures/discord.ts";
import { eventually } from "../../fixtures/eventually.ts";

/** As many threads as Discord opens at once in one channel. */
const RUNS = 5;
const STEPS = 8;
/** Seconds of Discord in one second of ours. */
const SPEED = 10;
/** Without a pace of its own, a run whose steps take so long would use up what its thread may be sent. */
const STEP_MS = 600;

const [roof] = FAKE_MACRO.lanes;
const MACRO = Macro.parse({
  ...FAKE_MACRO,
  args: {},
  lanes: Array.from({ length: STEPS }, (_, at) => ({
    ...roof,
    id: `step-${at}`,
    dependsOn: at === 0 ? [] : [`step-${at - 1}`],
  })),
});

test("several runs of one channel go through under Discord's rates: nothing is lost or doubled, and nothing waits behind progress", async () => {
  const clock = createRunningClock(SPEED);
  const here = await aDiscordPlane(
    { clock, catalog: { ...FAKE_CATALOG, macros: [MACRO] }, digestMs: 10_000 },
    { editGapMs: LIMITS.editGapMs, callsPerSecond: LIMITS.callsPerSecond * SPEED },
  );
  try {
    const { discord } = here;
    const { agent, runtime } = here.plane();
    discord.enforceRates(SPEED);
    for (let at = 0; at < STEPS; at += 1) {
      runtime.script(`step-${at}`, async (order) => {
        await new Promise<void>((resolve) => clock.after(STEP_MS, resolve));
        return goodResultFor(order);
      });
    }
    const postponed: (string | null)[] = [];
    agent.on("effect.delivered", ({ outcome, code }) => {
      if (outcome !== "delivered") postponed.push(code);
    });

    const people = Array.from({ length: RUNS }, (_, at) => here.somebody(`person ${at}`));
    const runs = await Promise.all(people.map((who, at) => here.ask(who, `please check the house, number ${at}`)));
    const threadOf = async (runId: RunId): Promise<string> =>
      (await agent.document(runId))?.run.task.bindings[0]?.thread ?? "";
    const threads = await Promise.all(runs.map(threadOf));
    await Promise.all(
      people.map((who, at) => {
        const { message, id } = controlIn(discord.world.messagesIn(threads[at] ?? ""), "decision.recommended");
        return who.click(message, id);
      }),
    );
    await eventually(async () => {
      const documents = await Promise.all(runs.map((runId) => agent.document(runId)));
      expect(documents.map((document) => document?.run.status.kind)).toEqual(runs.map(() => "completed"));
      expect(documents.flatMap((document) => document?.outbox ?? [])).toEqual([]);
      // Operators are told of all of them, each once.
      const told = discord.world.messagesIn(here.operators).map(textOf).join("\n");
      expect(runs.map((runId) => told.split(runId).length - 1)).toEqual(runs.map(() => 1));
    });

    expect(new Set(threads).size).toBe(RUNS);
    expect(discord.world.threads.size).toBe(RUNS);
    for (const thread of threads) {
      const shown = discord.world.messagesIn(thread);
      // Notice, context, question and result.
      expect(shown).toHaveLength(4);
      expect(shown.flatMap(controlsOf)).toEqual([]);
    }

    // Steps are gathered by the adapter itself, so that Discord has no reason to put anything off.
    expect(postponed.filter((code) => code !== "discord.steps" && code !== "discord.newer")).toEqual([]);
    expect(postponed).toContain("discord.steps");
    expect(discord.limited()).toBe(0);
  } finally {
    await here.close();
  }
  expect(here.discord.state.violations).toEqual([]);
});
