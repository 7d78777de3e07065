import { afterEach, describe, expect, test } from "vitest";
import type { FakeMessage } from "../../fakes/slack/world.ts";
import { buttonsOf, cardIn, textOf } from "../../fakes/slack/shown.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { aSlack, HOME, OPERATORS, type SlackPlane } from "../../fixtures/slack.ts";

const planes: SlackPlane[] = [];
afterEach(async () => {
  for (const plane of planes.splice(0)) {
    await plane.close();
    expect(plane.slack.problems).toEqual([]);
  }
});

async function here(): Promise<SlackPlane> {
  const plane = await aSlack();
  planes.push(plane);
  plane.slack.users.set("U0ADA", { name: "Ada" });
  return plane;
}

const isOpen = (message: FakeMessage) => cardIn(message)?.kind === "decision" && buttonsOf(message).length > 0;
const alertsOf = (plane: SlackPlane): string[] =>
  plane
    .plane()
    .agent.alerts()
    .map(({ key }) => key)
    .filter((key) => key.startsWith("slack:"));
/** Lets time pass until exactly these alerts of Slack are open. */
const alerted = (plane: SlackPlane, ...keys: string[]): Promise<true> =>
  plane.until(() => (alertsOf(plane).join() === keys.join() ? true : undefined));
const toldOperators = (plane: SlackPlane, text: string): Promise<FakeMessage> =>
  plane.message(OPERATORS, (message) => cardIn(message) === undefined && textOf(message.blocks).includes(text));

async function asked(plane: SlackPlane): Promise<string> {
  await plane.slack.say("U0ADA", HOME, `<@${plane.slack.bot.user}> run please check the house for us`);
  return cardIn(await plane.message(HOME, isOpen))?.runId ?? "";
}

async function answerElsewhere(plane: SlackPlane, runId: string): Promise<void> {
  const by = { surface: "terminal", user: "grace" };
  const { agent } = plane.plane();
  await agent.handle({ kind: "decision.answer", id: "terminal-1", by, runId, answers: "recommended", args: {} });
}

/** Four minutes, in which everything that is due has its turn. */
async function aWhile(plane: SlackPlane): Promise<void> {
  let turns = 0;
  await plane.until(() => ((turns += 1) > 200 ? true : undefined));
}

const callsInto = ({ slack }: SlackPlane, channel: string): number =>
  slack.calls.filter(({ method, args }) => method.startsWith("chat.") && args["channel"] === channel).length;

describe("a channel that the bot was removed from", () => {
  test.each(["not_in_channel", "channel_not_found", "is_archived"] as const)(
    "%s: the run goes on, operators are told what to do, and everything appears when it is open again",
    async (why) => {
      const plane = await here();
      const runId = await asked(plane);
      plane.slack.closed.set(HOME, why);
      const before = callsInto(plane, HOME);
      await answerElsewhere(plane, runId);
      const alert = await toldOperators(plane, "/invite");
      expect(textOf(alert.blocks)).toContain(HOME);
      await plane.message(OPERATORS, (message) => cardIn(message)?.kind === "result");
      plane.plane().clock.advance(600_000);
      await alerted(plane, `slack:channel:${HOME}`);
      // It is asked whether the channel is open; it is not knocked at with every message.
      expect(callsInto(plane, HOME) - before).toBeLessThan(4);
      const { ack } = await plane.slack.command("U0ADA", HOME, "run please check the house");
      expect(String(ack?.payload["text"])).toContain("/invite");

      plane.slack.closed.clear();
      await alerted(plane);
      const result = await plane.message(HOME, (message) => cardIn(message)?.kind === "result");
      expect(cardIn(result)?.runId).toBe(runId);
      await plane.until(() => (plane.slack.messages.some(isOpen) ? undefined : true));
      await plane.message(HOME, ({ file }) => file !== undefined);
      await plane.until(() => (textOf(alert.blocks).includes("Over") ? true : undefined));
      await plane.until(() => (plane.plane().agent.undelivered().count === 0 ? true : undefined));
    },
  );

  test("a restart in between tells nobody that it is over, nor a second time that it is closed", async () => {
    const plane = await here();
    const runId = await asked(plane);
    plane.slack.closed.set(HOME, "not_in_channel");
    await answerElsewhere(plane, runId);
    await toldOperators(plane, "/invite");
    await plane.restart();
    await aWhile(plane);
    expect(alertsOf(plane)).toEqual([`slack:channel:${HOME}`]);
    const posts = plane.slack.messages.filter(
      (message) => message.channel === OPERATORS && textOf(message.blocks).includes(`into the channel ${HOME}`),
    );
    expect(posts).toHaveLength(1);
    expect(textOf(posts[0]?.blocks)).not.toContain("Over");
    plane.slack.closed.clear();
    await alerted(plane);
    await plane.until(() => (textOf(posts[0]?.blocks).includes("Over") ? true : undefined));
  });
});

describe("operators hear of it where Slack itself is the trouble", () => {
  test("no connection for two minutes is an alert, once an outage, and over when one stands again", async () => {
    const plane = await here();
    plane.slack.refuseSockets(true);
    plane.slack.cut();
    await alerted(plane, "slack:offline");
    plane.plane().clock.advance(600_000);
    const told = await toldOperators(plane, "connection to Slack is gone");
    plane.slack.refuseSockets(false);
    await plane.until(() => (plane.slack.sockets() === 2 ? true : undefined));
    await alerted(plane);
    await plane.until(() => (textOf(told.blocks).includes("Over") ? true : undefined));
    const posts = plane.slack.messages.filter(({ blocks }) => textOf(blocks).includes("connection to Slack is gone"));
    expect(posts).toHaveLength(1);
  });

  test("an app that is removed from the workspace is an alert", async () => {
    const plane = await here();
    await plane.slack.deliver("events_api", {
      type: "event_callback",
      event_id: "EvGone",
      team_id: plane.slack.bot.team,
      event: { type: "app_uninstalled" },
    });
    await alerted(plane, "slack:revoked");
    expect(textOf((await toldOperators(plane, "rights away")).blocks)).toContain("app_uninstalled");
  });

  test("a token that is refused is an alert, which a restart with a good one ends", async () => {
    const plane = await here();
    const runId = await asked(plane);
    plane.slack.revoke(true);
    await answerElsewhere(plane, runId);
    await alerted(plane, "slack:login");
    await eventually(async () => {
      plane.plane().clock.advance(1200);
      expect((await plane.plane().agent.run(runId))?.summary.status).toBe("completed");
    });
    plane.slack.revoke(false);
    await plane.restart();
    await alerted(plane);
    await plane.message(HOME, (message) => cardIn(message)?.kind === "result");
  });
});
