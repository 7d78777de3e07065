import { z } from "zod";
import { createClosedChannels, isClosedError, type ClosedChannels } from "../../src/closed-channels.ts";
import { messageOf } from "../../src/errors.ts";
import { keyed } from "../../src/i18n.ts";
import type { Log } from "../../src/log.ts";
import type { Clock } from "../../src/ports.ts";
import { SlackRefusal, type SlackApi } from "./api.ts";
import type { Pace } from "./pace.ts";
import { SURFACE_NAME } from "./surface-name.ts";

/** Why a channel takes nothing from the bot until people do something about it; in the words of Slack's reference. */
const CLOSED = ["not_in_channel", "channel_not_found", "is_archived"] as const;

/** Into which channels the bot can post. */
export interface Channels extends ClosedChannels {
  /** Can the bot post there? Where Slack does not say, it is taken as yes: then the post itself will tell. */
  isMember(channel: string): Promise<boolean>;
}

const Channel = z.object({
  channel: z.object({
    is_member: z.boolean().default(false),
    is_im: z.boolean().default(false),
    is_archived: z.boolean().default(false),
  }),
});

export function createChannels(means: {
  readonly api: SlackApi;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly log: Log;
}): Channels {
  const { api, pace, clock, log } = means;
  const joined = new Set<string>();

  const isOpen = async (channel: string): Promise<boolean> => {
    await pace.turn("people", "conversations.info");
    const how = { rate: "people", lane: "conversations.info", answer: Channel } as const;
    const { is_member, is_im, is_archived } = (await api.call("conversations.info", { channel }, how)).channel;
    return (is_member || is_im) && !is_archived;
  };
  const closed = createClosedChannels({
    surface: SURFACE_NAME,
    reasonOf: (error) => {
      const why = error instanceof SlackRefusal ? CLOSED.find((problem) => problem === error.problem) : undefined;
      return why === undefined ? undefined : keyed(`slack.closed.${why}`);
    },
    isOpen,
    words: (channel, reason) => ({
      what: keyed("slack.alert.channel.what", { channel, reason }),
      todo: keyed("slack.alert.channel.todo"),
    }),
    clock,
    log,
  });
  return {
    ...closed,
    into: async (channel, call) => {
      try {
        return await closed.into(channel, call);
      } catch (error) {
        if (isClosedError(error)) joined.delete(channel);
        throw error;
      }
    },
    isMember: async (channel) => {
      if (joined.has(channel)) return true;
      try {
        if (!(await isOpen(channel))) return false;
        joined.add(channel);
        return true;
      } catch (error) {
        if (error instanceof SlackRefusal && error.problem === "channel_not_found") return false;
        log.warn({ channel, err: messageOf(error) }, "Slack does not say whether the bot is in a channel");
        return true;
      }
    },
  };
}
