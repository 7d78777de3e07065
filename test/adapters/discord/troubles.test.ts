import { ChannelType, GatewayDispatchEvents } from "discord-api-types/v10";
import { afterEach, describe, expect, test } from "vitest";
import type { RunId } from "../../../src/contracts/id.ts";
import type { SurfaceMessage } from "../../../src/ports.ts";
import { readCustomId } from "../../../adapters/discord/custom-id.ts";
import { answerText, controlIn, controlsOf, textOf, type Somebody } from "../../fakes/discord/people.ts";
import type { StoredMessage } from "../../fakes/discord/world.ts";
import { aDiscordPlane, type DiscordPlane } from "../../fixtures/discord.ts";
import { eventually } from "../../fixtures/eventually.ts";

const planes: DiscordPlane[] = [];
afterEach(async () => {
  for (const here of planes.splice(0)) {
    await here.close();
    expect(here.discord.state.violations).toEqual([]);
  }
});

async function plane(...given: Parameters<typeof aDiscordPlane>): Promise<DiscordPlane> {
  const here = await aDiscordPlane(...given);
  planes.push(here);
  return here;
}

/** Lets time pass until exactly these alerts about Discord are open. */
async function alerted(here: DiscordPlane, ...keys: string[]): Promise<void> {
  await eventually(() => expect(here.alerts()).toEqual(keys));
}

/** What operators were told, as it reads now. */
function told({ discord, operators }: DiscordPlane, text: string): StoredMessage[] {
  return discord.world.messagesIn(operators).filter((message) => textOf(message).includes(text));
}

async function toldOnce(here: DiscordPlane, text: string): Promise<StoredMessage> {
  await eventually(() => {
    here.plane().clock.advance(5000);
    expect(told(here, text)).toHaveLength(1);
  });
  const [message] = told(here, text);
  if (message === undefined) throw new Error("not told");
  return message;
}

async function saysOver(here: DiscordPlane, message: StoredMessage): Promise<void> {
  await eventually(() => {
    here.plane().clock.advance(5000);
    expect(textOf(message)).toContain("Over");
  });
}

async function answerElsewhere(here: DiscordPlane, runId: RunId): Promise<void> {
  const by = { surface: "terminal", user: "grace" };
  const { agent } = here.plane();
  await agent.handle({ kind: "decision.answer", id: "terminal-1", by, runId, answers: "recommended", args: {} });
}

async function completed(here: DiscordPlane, runId: RunId): Promise<void> {
  await eventually(async () => {
    here.plane().clock.advance(1200);
    expect((await here.plane().agent.run(runId))?.summary.status).toBe("completed");
  });
}

const newestThread = ({ discord }: DiscordPlane): string => [...discord.world.threads.keys()].at(-1) ?? "";

const postsInto = ({ discord }: DiscordPlane, channel: string): number =>
  discord.calls.filter(({ method, path }) => {
    const id = /^\/channels\/(\d+)\/messages/.exec(path)?.[1] ?? "";
    return method === "POST" && (id === channel || discord.world.threads.get(id)?.parent === channel);
  }).length;

const NOTHING = {
  key: "k",
  thread: undefined,
  message: undefined,
  card: { kind: "digest", language: "en", title: "t", headline: "h", runs: [] },
} as const satisfies Omit<SurfaceMessage, "channel">;

describe("operators hear of it where Discord itself is the trouble", () => {
  test("no connection for two minutes is an alert, once an outage, and over when one stands again", async () => {
    const here = await plane();
    here.discord.gateway.refuse(true);
    await eventually(() => expect(here.discord.gateway.open()).toBe(0));
    here.plane().clock.advance(60_000);
    expect(here.alerts()).toEqual([]);
    await alerted(here, "discord:offline");
    // Messages still arrive: only what people do is not heard.
    const message = await toldOnce(here, "connection to Discord is gone");
    await alerted(here, "discord:offline");
    here.discord.gateway.refuse(false);
    await alerted(here);
    await saysOver(here, message);
    expect(told(here, "connection to Discord is gone")).toHaveLength(1);
    const began = await here.somebody("ada").slash(here.home, "help");
    await eventually(() => expect(answerText(began)).toContain("/cox"));
  });

  test("a short break is nobody's business", async () => {
    const here = await plane();
    here.discord.gateway.close(1001);
    await eventually(() => expect(here.discord.gateway.counts.resumed).toBe(1));
    for (const _ of [1, 2, 3]) expect(here.alerts()).toEqual([]);
  });

  test("an outage that outlives a restart is told once, and is over when Discord is there", async () => {
    const here = await plane();
    here.discord.gateway.refuse(true);
    await alerted(here, "discord:offline");
    const message = await toldOnce(here, "connection to Discord is gone");
    await here.restart(false);
    for (const _ of [1, 2, 3]) expect(here.alerts()).toEqual(["discord:offline"]);
    here.discord.gateway.refuse(false);
    await alerted(here);
    await saysOver(here, message);
    expect(told(here, "connection to Discord is gone")).toHaveLength(1);
  });

  test("a Discord that cannot be reached at the start is tried again, and operators hear of it", async () => {
    const here = await plane();
    const down = {
      when: ({ path }: { path: string }) => path === "/gateway/bot",
      reply: { status: 503, body: { message: "down" } },
      times: 1000,
    };
    here.discord.mishap(down);
    await here.restart(false);
    await alerted(here, "discord:offline");
    down.times = 0;
    await alerted(here);
    const began = await here.somebody("ada").slash(here.home, "help");
    await eventually(() => expect(answerText(began)).toContain("/cox"));
  });

  test.each([4004, 4014])(
    "close code %i is told as what ended it, and a restart that is let in ends the alert",
    async (code) => {
      const here = await plane();
      here.discord.gateway.close(code);
      await alerted(here, "discord:closed");
      const message = await toldOnce(here, String(code));
      // One alert for one cause, however long nobody is heard.
      for (const _ of [1, 2, 3]) expect(here.alerts()).toEqual(["discord:closed"]);
      await here.restart();
      await alerted(here);
      await saysOver(here, message);
    },
  );

  test("a bot that is not let in for its intents identifies once: Discord resets the token of who tries too often", async () => {
    const here = await plane();
    here.discord.gateway.refuseToIdentify(4014);
    await here.restart(false);
    await alerted(here, "discord:closed");
    for (const _ of [1, 2, 3]) expect(here.alerts()).toEqual(["discord:closed"]);
    expect(here.discord.gateway.counts.identified).toBe(2);
  });

  test("a token that is refused is an alert, which a message ends that Discord takes with it", async () => {
    const here = await plane();
    const runId = await here.ask(here.somebody("ada"));
    const refusing = {
      when: ({ method, path }: { method: string; path: string }) => method !== "GET" && path.startsWith("/channels/"),
      reply: { status: 401, body: { code: 0, message: "401: Unauthorized" } },
      times: 1000,
    };
    here.discord.mishap(refusing);
    await answerElsewhere(here, runId);
    await alerted(here, "discord:login");
    refusing.times = 0;
    await completed(here, runId);
    await alerted(here);
    expect(told(here, "does not take the bot's token")).toHaveLength(1);
  });

  test.each(["details", "run"])(
    "of two bots on one token one notices with the first %s, raises an alert and does nothing any more",
    async (what) => {
      const here = await plane();
      const ada = here.somebody("ada");
      await here.ask(ada);
      const other = await plane({}, { shared: here.discord });
      const { message, id } = controlIn(here.discord.world.messagesIn(newestThread(here)), "decision.details");
      const act = (): Promise<unknown> =>
        what === "run" ? ada.slash(here.home, "run", { goal: "please check the house again" }) : ada.click(message, id);
      await act();
      await eventually(() => expect([...here.alerts(), ...other.alerts()]).toEqual(["discord:second_bot"]));
      await eventually(() => expect(here.discord.gateway.open()).toBe(1));
      // What was asked for is done once, by the one that answered.
      const [stopped, acting] = here.alerts().length === 1 ? [here, other] : [other, here];
      const begun = async (which: DiscordPlane): Promise<number> =>
        (await which.plane().agent.runs({ search: "again", limit: 5, offset: 0 })).total;
      await eventually(async () => expect(await begun(acting)).toBe(what === "run" ? 1 : 0));
      expect(await begun(stopped)).toBe(0);
      await expect(stopped.part().surface.put({ ...NOTHING, channel: here.home })).rejects.toMatchObject({
        code: "discord.stopped",
      });
      await ada.slash(here.home, "help");
      for (const _ of [1, 2, 3]) {
        expect(stopped.alerts()).toEqual(["discord:second_bot"]);
        expect(acting.alerts()).toEqual([]);
      }
    },
  );

  test("after a restart a second bot is no trouble any more once somebody was answered undisputed", async () => {
    const here = await plane();
    const ada: Somebody = here.somebody("ada");
    const other = await plane({}, { shared: here.discord });
    await ada.slash(here.home, "help");
    await eventually(() => expect([...here.alerts(), ...other.alerts()]).toEqual(["discord:second_bot"]));
    const [stopped, acting] = here.alerts().length === 1 ? [here, other] : [other, here];
    await acting.part().stop();
    await acting.part().close();
    await stopped.restart();
    for (const _ of [1, 2, 3]) expect(stopped.alerts()).toEqual(["discord:second_bot"]);
    await ada.slash(here.home, "help");
    await alerted(stopped);
  });
});

describe("a channel that takes nothing from the bot", () => {
  test.each(["gone", "unseen", "mute"] as const)(
    "%s: the run goes on, operators are told what to do, and everything appears when it is open again",
    async (how) => {
      const here = await plane();
      const runId = await here.ask(here.somebody("ada"));
      here.discord.world.closed.set(here.home, how);
      const before = postsInto(here, here.home);
      await answerElsewhere(here, runId);
      await completed(here, runId);
      await alerted(here, `discord:channel:${here.home}`);
      const alert = await toldOnce(here, `channel ${here.home}`);
      here.plane().clock.advance(600_000);
      await alerted(here, `discord:channel:${here.home}`);
      // It is asked whether the channel is open; it is not knocked at with every message.
      expect(postsInto(here, here.home) - before).toBeLessThan(4);

      here.discord.world.closed.clear();
      await alerted(here);
      await saysOver(here, alert);
      const thread = newestThread(here);
      await eventually(() => {
        here.plane().clock.advance(5000);
        expect(here.plane().agent.undelivered().count).toBe(0);
      });
      const shown = here.discord.world.messagesIn(thread);
      expect(shown.flatMap(({ files }) => files)).toHaveLength(1);
      expect(shown.flatMap(controlsOf).filter((id) => readCustomId(id).kind === "action")).toEqual([]);
    },
  );

  test("a restart in between tells nobody that it is over, nor a second time that it is closed", async () => {
    const here = await plane();
    const runId = await here.ask(here.somebody("ada"));
    here.discord.world.closed.set(here.home, "unseen");
    await answerElsewhere(here, runId);
    await completed(here, runId);
    await alerted(here, `discord:channel:${here.home}`);
    const alert = await toldOnce(here, `channel ${here.home}`);
    await here.restart();
    for (const _ of [1, 2, 3]) expect(here.alerts()).toEqual([`discord:channel:${here.home}`]);
    expect(told(here, `channel ${here.home}`)).toHaveLength(1);
    here.discord.world.closed.clear();
    await alerted(here);
    await saysOver(here, alert);
  });

  test("a run that nobody would see there is not started, and whoever asked is told what is missing", async () => {
    const here = await plane();
    const ada = here.somebody("ada");
    const message = ada.say(here.home, "the roof leaks", { mention: false });
    here.discord.world.closed.set(here.home, "mute");
    const typed = await ada.slash(here.home, "run", { goal: "please check the house for us" });
    const chosen = await ada.menu("Run with Coxswain", message);
    for (const began of [typed, chosen]) {
      await eventually(() => expect(answerText(began)).toContain("Send Messages in Threads"));
      expect(answerText(began)).toContain("nothing was started");
    }
    expect((await here.plane().agent.runs({ limit: 5, offset: 0 })).total).toBe(0);
    // Asking is possible everywhere: the answer needs no permission.
    const status = await ada.slash(here.home, "status");
    await eventually(() => expect(answerText(status)).not.toBe(""));
  });

  test.each([
    ["a private thread", ChannelType.PrivateThread, "private thread"],
    ["a post of a forum", ChannelType.PublicThread, "No thread for a run"],
    ["the text of a voice channel", ChannelType.GuildVoice, "No thread for a run"],
  ])("no run is started from %s, and its words stay there", async (_, type, told) => {
    const here = await plane();
    const { world, gateway } = here.discord;
    const forum = world.newId();
    const [room, parent] = [world.newId(), type === ChannelType.PrivateThread ? here.home : forum];
    world.rooms.add(room);
    const common = { guild_id: world.guildId, name: "a room", position: 1, permission_overwrites: [] };
    gateway.dispatch(GatewayDispatchEvents.ChannelCreate, { ...common, id: forum, type: ChannelType.GuildForum });
    if (type === ChannelType.GuildVoice) {
      gateway.dispatch(GatewayDispatchEvents.ChannelCreate, { ...common, id: room, type });
    } else {
      const thread_metadata = { archived: false, locked: false, auto_archive_duration: 60, archive_timestamp: null };
      const thread = { ...world.asChannel(here.home), id: room, type, parent_id: parent, thread_metadata };
      gateway.dispatch(GatewayDispatchEvents.ThreadCreate, thread);
    }
    const ada = here.somebody("ada");
    const secret = ada.say(room, "Bob earns 1234", { mention: false });
    const chosen = await ada.menu("Run with Coxswain", secret);
    const typed = await ada.slash(room, "run", { goal: "please check what Bob earns" });
    for (const began of [chosen, typed]) {
      await eventually(() => expect(answerText(began)).toContain(told));
      expect(answerText(began)).toContain("Nothing was started");
    }
    ada.say(room, "run please check what Bob earns");
    await eventually(() => expect(world.messagesIn(room).map(textOf).join("\n")).toContain(told));
    expect(world.messagesIn(here.home)).toEqual([]);
    expect((await here.plane().agent.runs({ limit: 5, offset: 0 })).total).toBe(0);
  });
});
