import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { connectDiscord } from "../../adapters/discord/connect.ts";
import { readCustomId } from "../../adapters/discord/custom-id.ts";
import { createRunFiles } from "../../adapters/engine/embedded/run-files.ts";
import { connectSlack } from "../../adapters/slack/connect.ts";
import { createLog } from "../../src/log.ts";
import type { ConnectedSurface, Surface } from "../../src/ports.ts";
import { aDiscord } from "../fakes/discord/discord.ts";
import { controlsOf, somebody, textOf as discordText } from "../fakes/discord/people.ts";
import { createFakeClock } from "../fakes/fake-clock.ts";
import { GOOD_RESULT, goodResultFor } from "../fakes/fake-runtime.ts";
import { startFakeSlack } from "../fakes/slack/fake-slack.ts";
import { cardIn, textOf as slackText } from "../fakes/slack/shown.ts";
import { aVisitor, formsIn, textIn } from "../fixtures/browser-less.ts";
import { aConsole } from "../fixtures/console.ts";
import { FAKE_CATALOG } from "../fixtures/control-plane.ts";

const CHANNEL = "C0WORK";

test("one run, started in Slack, answered in the console, mended in Discord: all three show the same state", async () => {
  const clock = createFakeClock();
  const log = createLog("silent");
  const stateRoot = await mkdtemp(join(tmpdir(), "coxswain-three-"));
  const [slack, discord] = await Promise.all([startFakeSlack(), aDiscord()]);
  const [operators = ""] = discord.world.channels;
  const operatorChannels = [{ surface: "discord", channel: operators, role: "operators" as const }];
  const common = { stateRoot, clock, log, language: undefined, files: createRunFiles(stateRoot) };
  const connected: ConnectedSurface[] = await Promise.all([
    connectSlack({
      ...common,
      botToken: slack.bot.token,
      by: { mode: "socket", appToken: "xapp-fake-0000" },
      apiUrl: slack.apiUrl,
      notice: "plan",
      allow: { guests: false, externals: false },
      groups: [],
      channels: [{ surface: "slack", channel: CHANNEL, workspace: "/workspace" }],
    }),
    connectDiscord({
      ...common,
      token: "a-token",
      api: discord.api,
      channels: [],
      operatorChannels,
      messageContent: false,
    }),
  ]);
  const surfaces = connected.map(({ surface }): Surface => surface);
  const here = await aConsole({ root: stateRoot, clock, surfaces, operatorChannels });
  const { agent, runtime } = here.plane();
  const raise = (alerts: Parameters<typeof agent.raise>[0]): Promise<void> => agent.raise(alerts);
  const bot = { door: agent, query: agent, catalog: FAKE_CATALOG, files: common.files, raise };
  /** Time passes until it holds: Slack's cards wait for their turn by the clock. */
  const until = <T>(look: () => T | Promise<T>): Promise<T> =>
    vi.waitFor(
      () => {
        clock.advance(1500);
        return look();
      },
      { timeout: 20_000, interval: 20 },
    );
  try {
    await Promise.all(connected.map((place) => place.start(bot)));
    await until(() => {
      expect(slack.sockets()).toBe(2);
      expect(discord.gateway.counts.identified).toBe(1);
    });
    let broken = true;
    runtime.script("cellar", (order) => (broken ? { ...GOOD_RESULT, exitCode: 3 } : goodResultFor(order)));

    slack.users.set("U0ADA", { name: "Ada" });
    await slack.command("U0ADA", CHANNEL, "run please check the house for us");
    const runId = await until(async () => {
      const { runs } = await agent.runs({ status: "waiting", limit: 5, offset: 0 });
      expect(runs).toHaveLength(1);
      return runs[0]?.runId ?? "";
    });

    const visitor = await aVisitor(here.url);
    const answer = async (): Promise<void> => {
      const { html } = await visitor.get(`/runs/${runId}`);
      const form = formsIn(html).find(({ buttons }) =>
        buttons.some(({ meaning }) => meaning === "decision.recommended"),
      );
      const token = form?.buttons.find(({ meaning }) => meaning === "decision.recommended")?.token;
      if (form === undefined || token === undefined) throw new Error("the console asks nothing");
      await visitor.send(form.action, [...form.fields, ["token", token]]);
    };
    await answer();
    const status = async (): Promise<string | undefined> => (await agent.run(runId))?.summary.status;
    await until(async () => expect(await status()).toBe("dead_letter"));

    const letter = await until(() => {
      const found = discord.world.messagesIn(operators).find((message) => controlsOf(message).length === 3);
      if (found === undefined) throw new Error("no dead letter in Discord");
      return found;
    });
    const retry = controlsOf(letter).find((id) => {
      const control = readCustomId(id);
      return control.kind === "action" && control.button.action === "dead_letter.retry";
    });
    broken = false;
    await somebody(discord, "olga").click(letter, retry ?? "");
    await until(async () => expect(await status()).toBe("completed"));

    const headline = (await agent.run(runId))?.result?.headline ?? "?";
    await until(async () => {
      const result = slack.messages.find((message) => cardIn(message)?.kind === "result");
      expect(result === undefined ? "" : slackText(result.blocks)).toContain(headline);
      expect(discord.world.messagesIn(operators).map(discordText).join("\n")).toContain(headline);
      expect(textIn((await visitor.get(`/runs/${runId}`)).html)).toContain(headline);
    });
    expect(controlsOf(letter)).toEqual([]);
    expect([...slack.problems, ...discord.state.violations]).toEqual([]);
  } finally {
    await Promise.all(connected.map((place) => place.stop()));
    await here.close();
    await Promise.all(connected.map((place) => place.close()));
    await Promise.all([slack.close(), discord.stop()]);
  }
});
