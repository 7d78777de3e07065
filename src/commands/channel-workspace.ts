import type { Channel } from "../contracts/channel.ts";

/** The absolute folder that runs of a channel are about; undefined where the settings bind none to it. */
export function channelWorkspace(channels: readonly Channel[], surface: string, channel: string): string | undefined {
  return channels.find((bound) => bound.surface === surface && bound.channel === channel)?.workspace;
}
