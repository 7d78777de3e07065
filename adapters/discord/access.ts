import { ChannelType, Routes, type APIChannel, type APIGuild, type APIGuildMember, type REST } from "discord.js";
import { missingIn } from "./permissions.ts";

/** A channel as Discord shows it to the bot. */
export interface Access {
  readonly name: string;
  /** Can the thread of a run be opened from a message there? */
  readonly holdsThreads: boolean;
  /** Of the permissions that the bot needs, those that it lacks there. */
  readonly missing: readonly string[];
}

/** In a forum or media channel a thread begins without a message; all others of a server hold none. */
const WITH_THREADS: readonly ChannelType[] = [ChannelType.GuildText, ChannelType.GuildAnnouncement];

/** Asks Discord what the bot may in a channel; undefined where that is no channel of a server. */
export async function accessTo(rest: REST, botId: string, id: string): Promise<Access | undefined> {
  const channel = (await rest.get(Routes.channel(id))) as APIChannel;
  const guildId = "guild_id" in channel ? channel.guild_id : undefined;
  if (guildId === undefined) return undefined;
  const [guild, member] = await Promise.all([
    rest.get(Routes.guild(guildId)) as Promise<APIGuild>,
    rest.get(Routes.guildMember(guildId, botId)) as Promise<APIGuildMember>,
  ]);
  return {
    name: channel.name ?? id,
    holdsThreads: WITH_THREADS.includes(channel.type),
    missing: missingIn(channel, member, botId, guildId, guild.roles),
  };
}
