import {
  ApplicationFlags,
  DiscordAPIError,
  REST,
  Routes,
  type APIApplicationCommand,
  type RESTGetAPICurrentUserResult,
  type RESTGetCurrentApplicationResult,
} from "discord.js";
import { fail, ok, warn, type Check } from "../../src/contracts/check.ts";
import { raw } from "../../src/contracts/text.ts";
import { messageOf } from "../../src/errors.ts";
import { keyed } from "../../src/i18n.ts";
import { accessTo } from "./access.ts";
import { changedCommands, commandDefinitions } from "./commands.ts";
import { inviteLink } from "./permissions.ts";

export interface CheckInput {
  /** Ids of the channels that the settings name. */
  readonly channels: readonly string[];
  readonly guild: string | null;
  readonly messageContent: boolean;
}

/** What is set up once: the link that adds the bot to a server, its commands, and whether all of it is in place. */
export interface DiscordAdmin {
  invite(): Promise<string>;
  /** Registers what differs, in one server or (null) in all; resolves with the names of what differed. */
  register(guild: string | null): Promise<string[]>;
  /** Never rejects: what cannot be checked is a failed check. */
  check(input: CheckInput): Promise<Check[]>;
}

export function createDiscordAdmin({ token, api }: { readonly token: string; readonly api: string }): DiscordAdmin {
  const rest = new REST({ version: "10", api, timeout: 10_000, retries: 1 }).setToken(token);
  const application = async () => (await rest.get(Routes.currentApplication())) as RESTGetCurrentApplicationResult;
  const routeOf = (id: string, guild: string | null) =>
    guild === null ? Routes.applicationCommands(id) : Routes.applicationGuildCommands(id, guild);
  const wantedIn = (guild: string | null) => commandDefinitions(guild === null ? "global" : "server");
  const commandsIn = async (id: string, guild: string | null): Promise<string[]> => {
    const query = new URLSearchParams({ with_localizations: "true" });
    const present = (await rest.get(routeOf(id, guild), { query })) as APIApplicationCommand[];
    return changedCommands(wantedIn(guild), present);
  };
  return {
    invite: async () => inviteLink((await application()).id),
    register: async (guild) => {
      const { id } = await application();
      const changed = await commandsIn(id, guild);
      if (changed.length > 0) await rest.put(routeOf(id, guild), { body: wantedIn(guild) });
      return changed;
    },
    check: async ({ channels, guild, messageContent }) => {
      let app: RESTGetCurrentApplicationResult;
      let bot: RESTGetAPICurrentUserResult;
      try {
        app = await application();
        // In old applications the bot has an id of its own.
        bot = (await rest.get(Routes.user())) as RESTGetAPICurrentUserResult;
      } catch (error) {
        const refused = error instanceof DiscordAPIError && error.status === 401;
        const text = refused ? keyed("doctor.discord.token.refused") : raw(messageOf(error));
        return [fail("discord.token", text, keyed("doctor.discord.token.mend"))];
      }
      const { id, name } = app;
      const commands = await attempt("discord.commands", async () => {
        const changed = await commandsIn(id, guild);
        return changed.length === 0
          ? ok("discord.commands", keyed("doctor.discord.commands"))
          : warn(
              "discord.commands",
              keyed("doctor.discord.commands.differ", { names: changed.join(", ") }),
              keyed("doctor.discord.commands.mend"),
            );
      });
      const places = await Promise.all(
        channels.map((channel) => attempt("discord.channel", () => checkChannel(rest, bot.id, channel))),
      );
      return [
        ok("discord.token", keyed("doctor.discord.token", { name })),
        ...(guild === null && channels.length === 0
          ? [fail("discord.server", keyed("doctor.discord.server.none"), keyed("doctor.discord.server.mend"))]
          : []),
        ...checkIntents(app, messageContent),
        commands,
        ...places,
      ];
    },
  };
}

function checkIntents({ flags }: RESTGetCurrentApplicationResult, messageContent: boolean): Check[] {
  if (!messageContent) return [];
  const allowed = ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited;
  return ((flags ?? 0) & allowed) === 0
    ? [fail("discord.intents", keyed("doctor.discord.intents.missing"), keyed("doctor.discord.intents.mend"))]
    : [ok("discord.intents", keyed("doctor.discord.intents"))];
}

async function checkChannel(rest: REST, botId: string, id: string): Promise<Check> {
  const mend = keyed("doctor.discord.channel.mend");
  const mendKind = keyed("doctor.discord.channel.kind.mend");
  const access = await accessTo(rest, botId, id);
  if (access === undefined)
    return fail("discord.channel", keyed("doctor.discord.channel.none", { channel: id }), mendKind);
  const { name: channel, missing, holdsThreads } = access;
  if (!holdsThreads) return fail("discord.channel", keyed("doctor.discord.channel.kind", { channel }), mendKind);
  return missing.length === 0
    ? ok("discord.channel", keyed("doctor.discord.channel", { channel }))
    : fail("discord.channel", keyed("doctor.discord.channel.missing", { channel, missing: missing.join(", ") }), mend);
}

async function attempt(id: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    return fail(id, raw(messageOf(error)), keyed("doctor.discord.channel.mend"));
  }
}
