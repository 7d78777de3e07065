import { ChannelType } from "discord-api-types/v10";
import { afterEach, describe, expect, test } from "vitest";
import { createDiscordAdmin } from "../../../adapters/discord/admin.ts";
import { commandDefinitions } from "../../../adapters/discord/commands.ts";
import { missingIn, NEEDED } from "../../../adapters/discord/permissions.ts";
import { raw } from "../../../src/contracts/text.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { aDiscord, type FakeDiscord } from "../../fakes/discord/discord.ts";
import { role } from "../../fakes/discord/world.ts";

const opened: FakeDiscord[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((discord) => discord.stop()));
});

async function anAdmin() {
  const discord = await aDiscord();
  opened.push(discord);
  return { discord, admin: createDiscordAdmin({ token: "a-token", api: discord.api }) };
}

const writes = ({ calls }: FakeDiscord): number => calls.filter(({ method }) => method === "PUT").length;

describe("setting up the Discord bot", () => {
  test("the link asks for the permissions that are needed, and no other", async () => {
    const { admin, discord } = await anAdmin();
    const url = new URL(await admin.invite());
    expect(url.searchParams.get("client_id")).toBe(discord.world.applicationId);
    const bits = BigInt(url.searchParams.get("permissions") ?? "0");
    expect(bits).toBe(Object.values(NEEDED).reduce((all, bit) => all | bit, 0n));
    expect((bits & 8n) === 0n).toBe(true);
  });

  test("commands are written once, and not again where nothing differs", async () => {
    const { admin, discord } = await anAdmin();
    const guild = discord.world.guildId;
    expect((await admin.register(guild)).toSorted()).toEqual(["Run status", "Run with Coxswain", "cox"]);
    expect(await admin.register(guild)).toEqual([]);
    expect(writes(discord)).toBe(1);
    expect(await admin.register(null)).not.toEqual([]);
    expect(discord.state.violations).toEqual([]);
  });

  test("where a command is to be found is said of global commands alone: of a server's Discord keeps nothing of it", async () => {
    const { admin, discord } = await anAdmin();
    const guild = discord.world.guildId;
    const listIn = (scope: string) => discord.state.commands.find((known) => known.scope === scope)?.list ?? [];
    const own = `/guilds/${guild}`;
    await admin.register(guild);
    expect(listIn(own)).toHaveLength(3);
    for (const command of listIn(own)) {
      expect(command).not.toHaveProperty("contexts");
      expect(command).not.toHaveProperty("integration_types");
      Object.assign(command, { contexts: null, integration_types: null });
    }
    expect(await admin.register(guild)).toEqual([]);
    const checks = await admin.check({ channels: [], guild, messageContent: false });
    expect(checks).toMatchObject([{ id: "discord.token" }, { id: "discord.commands", state: "ok" }]);

    await admin.register(null);
    for (const command of listIn("")) expect(command).toMatchObject({ contexts: [0], integration_types: [0] });
    Object.assign(listIn("")[0] ?? {}, { contexts: [0, 1] });
    expect(await admin.register(null)).toEqual(["cox"]);
  });

  test("what Discord adds by itself does not count as a difference, a changed word does", async () => {
    const { admin, discord } = await anAdmin();
    await admin.register(null);
    const [{ list } = { list: [] }] = discord.state.commands;
    for (const command of list) Object.assign(command, { id: "1", version: "2", nsfw: false });
    expect(await admin.register(null)).toEqual([]);
    Object.assign(list[0] ?? {}, { description: "something else" });
    expect(await admin.register(null)).toEqual(["cox"]);
    // An option that was required once, and is not any more.
    const [{ list: again } = { list: [] }] = discord.state.commands;
    const changed = JSON.stringify(again[0]).replace('"name":"macro"', '"name":"macro","required":true');
    Object.assign(again[0] ?? {}, JSON.parse(changed));
    const checks = await admin.check({ channels: [], guild: null, messageContent: false });
    expect(checks.map(({ id, state }) => `${id} ${state}`)).toContain("discord.commands warn");
    expect(await admin.register(null)).toEqual(["cox"]);
  });

  test("a bot that no server is named for works for none, which the check says", async () => {
    const { admin, discord } = await anAdmin();
    const states = async (channels: readonly string[], guild: string | null): Promise<string[]> =>
      (await admin.check({ channels, guild, messageContent: false })).map(({ id, state }) => `${id} ${state}`);
    expect(await states([], null)).toContain("discord.server fail");
    const [channel = ""] = discord.world.channels;
    expect((await states([channel], null)).join()).not.toContain("discord.server");
    expect((await states([], discord.world.guildId)).join()).not.toContain("discord.server");
  });

  test("every command has its words in every language, within Discord's limits", () => {
    const seen: { description?: string; name?: string }[] = [];
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(visit);
      else if (typeof value === "object" && value !== null) {
        const fields = value as Record<string, unknown>;
        if ("description" in fields) {
          expect(Object.keys(fields["description_localizations"] as object)).toEqual(["zh-CN"]);
          seen.push(fields);
        }
        Object.values(fields).forEach(visit);
      }
    };
    visit(commandDefinitions("global"));
    expect(seen.length).toBeGreaterThan(15);
    for (const { description = "", name = "" } of seen) {
      expect(description.length).toBeGreaterThan(0);
      expect(description.length).toBeLessThanOrEqual(100);
      expect(name).toMatch(/^[a-z0-9-]{1,32}$/u);
    }
  });

  test("the check names the missing permissions of a channel, an intent that is not allowed, and commands that differ", async () => {
    const { admin, discord } = await anAdmin();
    const channels = [discord.world.channels[0] ?? ""];
    await admin.register(null);
    discord.world.roles.splice(0, 1, role(discord.world.guildId, "@everyone", "1024"));
    const input = { channels, guild: null, messageContent: true };
    const states = async () => (await admin.check(input)).map(({ id, state }) => `${id} ${state}`);
    expect(await states()).toEqual([
      "discord.token ok",
      "discord.intents fail",
      "discord.commands ok",
      "discord.channel fail",
    ]);
    const everything = Object.values(NEEDED).reduce((all, bit) => all | bit, 0n);
    discord.world.roles.splice(0, 1, role(discord.world.guildId, "@everyone", String(everything)));
    Object.assign(discord.state.application, { flags: 1 << 18 });
    expect(await states()).toEqual([
      "discord.token ok",
      "discord.intents ok",
      "discord.commands ok",
      "discord.channel ok",
    ]);
  });

  test.each([
    ["a voice channel", ChannelType.GuildVoice],
    ["a stage", ChannelType.GuildStageVoice],
    ["a forum", ChannelType.GuildForum],
    ["a media channel", ChannelType.GuildMedia],
    ["a category", ChannelType.GuildCategory],
    ["a thread", ChannelType.PublicThread],
    ["a thread of announcements", ChannelType.AnnouncementThread],
    ["a conversation of two", ChannelType.DM],
  ])("%s cannot hold the thread of a run: the check says so, and which channels can", async (_, type) => {
    const { admin, discord } = await anAdmin();
    const [channel = ""] = discord.world.channels;
    const shown = { ...discord.world.asChannel(channel), type };
    const body = type === ChannelType.DM ? { ...shown, guild_id: undefined } : shown;
    discord.mishap({ when: ({ path }) => path === `/channels/${channel}`, times: 9, reply: { status: 200, body } });
    const checks = await admin.check({ channels: [channel], guild: null, messageContent: false });
    const { state, mend } = checks.find(({ id }) => id === "discord.channel") ?? {};
    expect(state).toBe("fail");
    expect(translatorFor("en").say(mend ?? raw(""))).toContain("text or announcement channel");
  });

  test("a channel of announcements can hold the thread of a run", async () => {
    const { admin, discord } = await anAdmin();
    const [channel = ""] = discord.world.channels;
    const body = { ...discord.world.asChannel(channel), type: ChannelType.GuildAnnouncement };
    discord.mishap({ when: ({ path }) => path === `/channels/${channel}`, times: 9, reply: { status: 200, body } });
    const checks = await admin.check({ channels: [channel], guild: null, messageContent: false });
    expect(checks).toContainEqual(expect.objectContaining({ id: "discord.channel", state: "ok" }));
  });

  test("the permissions are those of the bot, whose id is not its application's in old applications", async () => {
    const { admin, discord } = await anAdmin();
    const [channel = ""] = discord.world.channels;
    discord.world.bot.id = "1270000000000000001";
    const denied = { id: discord.world.bot.id, type: 1, allow: "0", deny: String(NEEDED["Attach Files"]) };
    const body = { ...discord.world.asChannel(channel), permission_overwrites: [denied] };
    discord.mishap({ when: ({ path }) => path === `/channels/${channel}`, times: 9, reply: { status: 200, body } });
    const checks = await admin.check({ channels: [channel], guild: null, messageContent: false });
    const { state, text } = checks.find(({ id }) => id === "discord.channel") ?? {};
    expect(state).toBe("fail");
    expect(translatorFor("en").say(text ?? raw(""))).toContain("Attach Files");
    expect(discord.calls.map(({ path }) => path)).toContain(
      `/guilds/${discord.world.guildId}/members/1270000000000000001`,
    );
  });

  test("a token that Discord refuses is one failed check", async () => {
    const { admin, discord } = await anAdmin();
    discord.mishap({
      when: () => true,
      times: 9,
      reply: { status: 401, body: { code: 0, message: "401: Unauthorized" } },
    });
    expect(await admin.check({ channels: ["1"], guild: null, messageContent: false })).toMatchObject([
      { id: "discord.token", state: "fail" },
    ]);
  });

  test("a channel's own rules count: what is denied to everyone can be given to the bot's role or to itself", () => {
    const all = String(Object.values(NEEDED).reduce((bits, bit) => bits | bit, 0n));
    const deny = String(NEEDED["Send Messages"]);
    const roles = [
      { id: "1", permissions: all },
      { id: "2", permissions: "0" },
    ];
    const missing = (overwrites: object[]): string[] =>
      missingIn({ type: 0, permission_overwrites: overwrites } as never, { roles: ["2"] }, "9", "1", roles);
    const everyone = { id: "1", type: 0, allow: "0", deny };
    expect(missing([])).toEqual([]);
    expect(missing([everyone])).toEqual(["Send Messages"]);
    expect(missing([everyone, { id: "2", type: 0, allow: deny, deny: "0" }])).toEqual([]);
    expect(missing([everyone, { id: "9", type: 1, allow: deny, deny: "0" }])).toEqual([]);
  });
});
