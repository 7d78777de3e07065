import type { REST } from "discord.js";
import { createClosedChannels, type ClosedChannels } from "../../src/closed-channels.ts";
import { keyed } from "../../src/i18n.ts";
import type { Log } from "../../src/log.ts";
import type { Clock } from "../../src/ports.ts";
import { accessTo } from "./access.ts";
import { CODES, codeOf } from "./problems.ts";
import { SURFACE_NAME } from "./surface-name.ts";

/** What Discord answers where a channel is gone, or the bot may not do there what it needs to do. */
const REASONS = {
  [CODES.unknownChannel]: "discord.closed.gone",
  [CODES.missingAccess]: "discord.closed.access",
  [CODES.missingPermissions]: "discord.closed.permissions",
} as const;

export function createChannels(means: {
  readonly rest: REST;
  /** "" where it is not known yet. */
  readonly botId: () => string;
  readonly clock: Clock;
  readonly log: Log;
}): ClosedChannels {
  const { rest, botId, clock, log } = means;
  return createClosedChannels({
    surface: SURFACE_NAME,
    reasonOf: (error) => {
      const reason = REASONS[codeOf(error) ?? 0];
      return reason === undefined ? undefined : keyed(reason);
    },
    isOpen: async (channel) => (await accessTo(rest, botId(), channel))?.missing.length === 0,
    words: (channel, reason) => ({
      what: keyed("discord.alert.channel.what", { channel, reason }),
      todo: keyed("discord.alert.channel.todo"),
    }),
    clock,
    log,
  });
}
