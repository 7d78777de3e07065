import { z } from "zod";
import { messageOf } from "../../src/errors.ts";
import { SlackRefusal } from "./api.ts";
import type { Desk } from "./desk.ts";

const Channel = z.object({
  channel: z.object({ is_member: z.boolean().default(false), is_im: z.boolean().default(false) }),
});

/** Can the bot post there? Where Slack does not say, it is taken as yes: then the post itself will tell. */
export async function isMember(desk: Desk, channel: string): Promise<boolean> {
  if (desk.joined.has(channel)) return true;
  try {
    await desk.pace.turn("people", "conversations.info");
    const how = { rate: "people", lane: "conversations.info", answer: Channel } as const;
    const { is_member, is_im } = (await desk.api.call("conversations.info", { channel }, how)).channel;
    if (is_member || is_im) desk.joined.add(channel);
    return is_member || is_im;
  } catch (error) {
    if (error instanceof SlackRefusal && error.problem === "channel_not_found") return false;
    desk.log.warn({ channel, err: messageOf(error) }, "Slack does not say whether the bot is in a channel");
    return true;
  }
}
