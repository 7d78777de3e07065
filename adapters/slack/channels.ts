import { z } from "zod";
import { BusyError, messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Clock } from "../../src/ports.ts";
import { SlackRefusal, type SlackApi } from "./api.ts";
import type { Pace } from "./pace.ts";

/** Why a channel takes nothing from the bot until people do something about it; in the words of Slack's reference. */
const CLOSED = ["not_in_channel", "channel_not_found", "is_archived"] as const;
export type ClosedBy = (typeof CLOSED)[number];

export interface ClosedChannel {
  readonly channel: string;
  readonly since: number;
  readonly why: ClosedBy;
}

/** Into which channels the bot can post. */
export interface Channels {
  /** Can the bot post there? Where Slack does not say, it is taken as yes: then the post itself will tell. */
  isMember(channel: string): Promise<boolean>;
  /**
   * Makes a call that shows something in a channel. One that is closed is not knocked at for each message: a BusyError
   * then leaves the message where it is saved, until `lookAgain` finds the channel open.
   */
  into<T>(channel: string, call: () => Promise<T>): Promise<T>;
  /** Those that were found closed, the oldest first. */
  closed(): readonly ClosedChannel[];
  /** Taken for closed until Slack says otherwise: it was, before the process ended. */
  suspect(channel: ClosedChannel): void;
  /** Asks Slack of the closed ones whether the bot was invited again; one round at a time. */
  lookAgain(): Promise<void>;
}

const Channel = z.object({
  channel: z.object({
    is_member: z.boolean().default(false),
    is_im: z.boolean().default(false),
    is_archived: z.boolean().default(false),
  }),
});
const CLOSED_CODE = "slack.closed_channel";
/** When a message may look again whether its channel is open. */
const KNOCK_MS = 30_000;

export function createChannels(means: {
  readonly api: SlackApi;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly log: Log;
}): Channels {
  const { api, pace, clock, log } = means;
  const joined = new Set<string>();
  const closed = new Map<string, ClosedChannel>();
  let round: Promise<void> | undefined;

  const isMember = async (channel: string): Promise<boolean> => {
    if (joined.has(channel)) return true;
    try {
      const isOpen = await ask(channel);
      if (isOpen) joined.add(channel);
      return isOpen;
    } catch (error) {
      if (error instanceof SlackRefusal && error.problem === "channel_not_found") return false;
      log.warn({ channel, err: messageOf(error) }, "Slack does not say whether the bot is in a channel");
      return true;
    }
  };
  const ask = async (channel: string): Promise<boolean> => {
    await pace.turn("people", "conversations.info");
    const how = { rate: "people", lane: "conversations.info", answer: Channel } as const;
    const { is_member, is_im, is_archived } = (await api.call("conversations.info", { channel }, how)).channel;
    return (is_member || is_im) && !is_archived;
  };
  const askAll = async (): Promise<void> => {
    for (const { channel } of closed.values()) {
      const isOpen = await ask(channel).catch(() => false);
      if (isOpen) closed.delete(channel);
    }
  };

  return {
    isMember,
    into: async (channel, call) => {
      if (closed.has(channel)) throw closedError(channel);
      try {
        return await call();
      } catch (error) {
        const why = error instanceof SlackRefusal ? CLOSED.find((problem) => problem === error.problem) : undefined;
        if (why === undefined) throw error;
        joined.delete(channel);
        closed.set(channel, { channel, since: clock.now(), why });
        log.error({ channel, why }, "a channel of Slack takes nothing from the bot; its messages wait");
        throw closedError(channel);
      }
    },
    closed: () => [...closed.values()],
    suspect: (given) => {
      closed.set(given.channel, given);
    },
    lookAgain: () => {
      round ??= askAll().finally(() => (round = undefined));
      return round;
    },
  };
}

function closedError(channel: string): BusyError {
  const message = `The channel ${channel} takes nothing from the bot: invite it there again.`;
  return new BusyError(CLOSED_CODE, message, KNOCK_MS);
}

/** Nothing that somebody waits for here and now can be shown there. */
export function isClosedError(error: unknown): boolean {
  return error instanceof BusyError && error.code === CLOSED_CODE;
}
