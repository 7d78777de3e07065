import {
  ChannelType,
  DiscordAPIError,
  MessageFlags,
  Routes,
  type APIMessage,
  type APIThreadChannel,
  type REST,
  type RESTPatchAPIChannelJSONBody,
  type RESTPatchAPIChannelMessageJSONBody,
  type RESTPostAPIChannelMessageJSONBody,
  type RESTPostAPIChannelMessagesThreadsJSONBody,
} from "discord.js";
import { shorten } from "../../src/plain-text.ts";
import { LIMITS } from "./limits.ts";
import { nonceOf } from "./nonce.ts";
import { CODES, codeOf } from "./problems.ts";
import type { Sheet } from "./sheet.ts";

export interface Upload {
  readonly name: string;
  readonly data: Buffer;
}

/** What is written in channels with the bot's own token. Each call is harmless to repeat. */
export interface DiscordApi {
  /** Posts once for a key, however often it is asked within a few minutes; resolves with the message's id. */
  post(channel: string, key: string, sheet: Sheet, upload?: Upload, replyTo?: string): Promise<string>;
  /** A message of the bot whose container has this number, among the newest of a channel; undefined: none has. */
  find(channel: string, container: number): Promise<string | undefined>;
  edit(channel: string, message: string, sheet: Sheet): Promise<void>;
  remove(channel: string, message: string): Promise<void>;
  /** The thread of a message: opened, or the one that it has. Its id is the message's. */
  openThread(channel: string, message: string, name: string): Promise<string>;
  /** Takes a thread out of the archive; a locked one needs Manage Threads. */
  unarchive(thread: string): Promise<void>;
}

/** Nobody is ever notified by what a card holds, whatever it holds. */
const SILENT = { parse: [] };

/** What every message of ours is made of, posted or edited. */
export function shownAs(components: Sheet["components"]) {
  return { components, flags: MessageFlags.IsComponentsV2, allowed_mentions: SILENT } as const;
}

/** What Discord says of the bot's token with each call. */
export interface TokenNews {
  taken(): void;
  refused(reason: string): void;
}

export function createApi(rest: REST, token: TokenNews): DiscordApi {
  const heard = async (call: Promise<unknown>): Promise<unknown> => {
    try {
      const result = await call;
      token.taken();
      return result;
    } catch (error) {
      if (error instanceof DiscordAPIError && error.status === 401) token.refused(error.message);
      throw error;
    }
  };
  return {
    post: async (channel, key, { components }, upload, replyTo) => {
      const body: RESTPostAPIChannelMessageJSONBody = {
        ...shownAs(components),
        nonce: nonceOf(key),
        enforce_nonce: true,
        ...(replyTo === undefined ? {} : { message_reference: { message_id: replyTo, fail_if_not_exists: false } }),
        ...(upload === undefined ? {} : { attachments: [{ id: 0, filename: upload.name }] }),
      };
      const files = upload === undefined ? [] : [{ name: upload.name, data: upload.data }];
      const posted = (await heard(rest.post(Routes.channelMessages(channel), { body, files }))) as APIMessage;
      return posted.id;
    },
    find: async (channel, container) => {
      const query = new URLSearchParams({ limit: "100" });
      const messages = (await heard(rest.get(Routes.channelMessages(channel), { query }))) as APIMessage[];
      return messages.find(({ components }) => components?.some(({ id }) => id === container))?.id;
    },
    edit: async (channel, message, { components }) => {
      // An edit is parsed for mentions anew.
      const body: RESTPatchAPIChannelMessageJSONBody = shownAs(components);
      await heard(rest.patch(Routes.channelMessage(channel, message), { body }));
    },
    remove: async (channel, message) => {
      await heard(rest.delete(Routes.channelMessage(channel, message)));
    },
    openThread: async (channel, message, name) => {
      const body: RESTPostAPIChannelMessagesThreadsJSONBody = {
        name: shorten(name, LIMITS.threadName),
        auto_archive_duration: LIMITS.archiveMinutes,
      };
      try {
        const thread = (await heard(rest.post(Routes.threads(channel, message), { body }))) as APIThreadChannel;
        return thread.id;
      } catch (error) {
        if (codeOf(error) === CODES.threadExists) return message;
        throw error;
      }
    },
    unarchive: async (thread) => {
      const body: RESTPatchAPIChannelJSONBody = { archived: false };
      await heard(rest.patch(Routes.channel(thread), { body }));
    },
  };
}

export function isThread(type: ChannelType | undefined): boolean {
  return (
    type === ChannelType.PublicThread || type === ChannelType.PrivateThread || type === ChannelType.AnnouncementThread
  );
}
