import {
  ComponentType,
  GatewayDispatchEvents,
  GatewayIntentBits,
  InteractionType,
  Locale,
} from "discord-api-types/v10";
import { expect, test } from "vitest";
import { createClient } from "../../../adapters/discord/client.ts";
import { LIMITS } from "../../../adapters/discord/limits.ts";
import { aDiscord } from "../../fakes/discord/discord.ts";
import { aDiscordPlane } from "../../fixtures/discord.ts";
import { eventually } from "../../fixtures/eventually.ts";

const { Guilds, GuildMessages, MessageContent } = GatewayIntentBits;
test.each([
  ["as it is shipped", false, Guilds | GuildMessages],
  ["where the settings want every message", true, Guilds | GuildMessages | MessageContent],
])("the bot asks for no more than it needs, %s", async (_, messageContent, intents) => {
  const here = await aDiscordPlane({}, { messageContent });
  try {
    expect(here.discord.gateway.intents()).toBe(intents);
  } finally {
    await here.close();
  }
});

test("20,000 people who click leave a bounded number of them in memory, and the server itself stays whole", async () => {
  const discord = await aDiscord();
  const client = createClient({ messageContent: false, api: discord.api });
  try {
    await client.login("a-token");
    await eventually(() => expect(client.isReady()).toBe(true));
    const { world, gateway } = discord;
    const [channel = ""] = world.channels;
    let seen = 0;
    client.on("interactionCreate", () => {
      seen += 1;
    });
    for (let at = 0; at < 20_000; at += 1) {
      const user = { id: world.newId(), username: `p${at}`, discriminator: "0", global_name: null, avatar: null };
      gateway.dispatch(GatewayDispatchEvents.InteractionCreate, {
        id: world.newId(),
        application_id: world.applicationId,
        type: InteractionType.MessageComponent,
        token: "t",
        version: 1,
        guild_id: world.guildId,
        channel_id: channel,
        channel: world.asChannel(channel),
        member: { ...world.member(user, []), permissions: "0" },
        locale: Locale.EnglishUS,
        app_permissions: "0",
        attachment_size_limit: 10_000_000,
        entitlements: [],
        authorizing_integration_owners: {},
        data: { custom_id: "x", component_type: ComponentType.Button },
        message: world.asMessage({
          id: "1290000000000000001",
          channel,
          author: world.bot,
          nonce: undefined,
          body: {},
          edits: 0,
          files: [],
        }),
      });
    }
    await eventually(() => expect(seen).toBe(20_000));
    const guild = client.guilds.cache.get(world.guildId);
    // The bot itself is kept beside them.
    expect(client.users.cache.size).toBeLessThanOrEqual(LIMITS.cached + 1);
    expect(guild?.members.cache.size).toBeLessThanOrEqual(LIMITS.cached + 1);
    expect(client.user?.id).toBe(world.bot.id);
    expect(guild?.channels.cache.size).toBe(world.channels.length);
    expect(guild?.roles.cache.size).toBe(world.roles.length);
  } finally {
    await client.destroy();
    await discord.stop();
  }
});
