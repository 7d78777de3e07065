import {
  ChannelType,
  GatewayDispatchEvents,
  type GuildMemberFlags,
  Locale,
  MessageType,
  OverwriteType,
  PermissionFlagsBits,
  type RoleFlags,
  type APIGuildMember,
  type APIMessage,
  type APIPublicThreadChannel,
  type APIRole,
  type APITextChannel,
  type APIUser,
  type GatewayGuildCreateDispatchData,
  type GatewayThreadCreateDispatchData,
  type GatewayThreadDeleteDispatchData,
  type GatewayThreadUpdateDispatchData,
} from "discord-api-types/v10";
import { aServer } from "./server.ts";

export interface StoredMessage {
  readonly id: string;
  readonly channel: string;
  readonly author: APIUser;
  readonly nonce: string | undefined;
  body: Record<string, unknown>;
  /** How often it was edited. */
  edits: number;
  readonly files: readonly string[];
}

export interface StoredThread {
  readonly id: string;
  readonly parent: string;
  readonly name: string;
  readonly archived: boolean;
  readonly locked: boolean;
}

/** What became of a thread, as the gateway tells it. */
export type ThreadNews =
  | { readonly event: GatewayDispatchEvents.ThreadCreate; readonly data: GatewayThreadCreateDispatchData }
  | { readonly event: GatewayDispatchEvents.ThreadUpdate; readonly data: GatewayThreadUpdateDispatchData }
  | { readonly event: GatewayDispatchEvents.ThreadDelete; readonly data: GatewayThreadDeleteDispatchData };

/** `gone`: deleted. `unseen`: hidden from the bot, or it was removed from the server. `mute`: it may not write. */
export type Closed = "gone" | "unseen" | "mute";

/** One server with its channels, threads and messages. */
export interface World {
  readonly bot: APIUser;
  readonly guildId: string;
  readonly applicationId: string;
  readonly messages: Map<string, StoredMessage>;
  /** By their id, which is that of the message they were opened from. */
  readonly threads: ReadonlyMap<string, StoredThread>;
  openThread(thread: Pick<StoredThread, "id" | "parent" | "name">): void;
  /** Puts a thread away, or takes it out of the archive. */
  changeThread(id: string, to: Partial<Pick<StoredThread, "archived" | "locked">>): void;
  /** Deletes a thread with all that was said in it. */
  removeThread(id: string): void;
  /** From now on whatever becomes of a thread is announced. */
  onThread(announce: (news: ThreadNews) => void): void;
  readonly channels: readonly string[];
  /** Further places: private threads, posts of a forum, voice channels. */
  readonly rooms: Set<string>;
  /** Channels in which the bot may not do what it needs to, threads included. */
  readonly closed: Map<string, Closed>;
  /** Discord knows a nonce for a short while; from now on, for none. */
  forgetsNonces: boolean;
  readonly deletedNonces: Set<string>;
  /** What the bot may in a channel. */
  permissionsIn(channel: string): bigint;
  newId(): string;
  person(name: string): APIUser;
  member(user: APIUser, roles: readonly string[]): APIGuildMember;
  addMessage(message: Omit<StoredMessage, "id" | "edits">): StoredMessage;
  /** In the order in which they were posted. */
  messagesIn(channel: string): StoredMessage[];
  asMessage(message: StoredMessage): APIMessage;
  asChannel(channel: string): APITextChannel | APIPublicThreadChannel;
  guild(): GatewayGuildCreateDispatchData;
  readonly roles: APIRole[];
  /** The language that the server prefers. */
  locale: Locale;
}

const NO_MEMBER_FLAGS = 0 as GuildMemberFlags;
const NO_ROLE_FLAGS = 0 as RoleFlags;
const EVERYTHING = (1n << 53n) - 1n;
const JOINED = "2024-01-01T00:00:00.000000+00:00";

/** A field of a body as text; "" where it is none. */
export function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function createWorld(channels: readonly string[]): World {
  // Ids have to have 17 to 20 digits.
  let last = 1_200_000_000_000_000_000n;
  const newId = (): string => String((last += 1n));
  const people = new Map<string, APIUser>();
  const person = (name: string): APIUser => {
    const known = people.get(name) ?? {
      id: newId(),
      username: name,
      discriminator: "0",
      global_name: name,
      avatar: null,
    };
    people.set(name, known);
    return known;
  };
  const applicationId = newId();
  const bot: APIUser = {
    id: applicationId,
    username: "coxswain",
    discriminator: "0",
    global_name: null,
    avatar: null,
    bot: true,
  };
  const guildId = newId();
  const messages = new Map<string, StoredMessage>();
  const threads = new Map<string, StoredThread>();
  const closed = new Map<string, Closed>();
  let announce: (news: ThreadNews) => void = () => undefined;
  const roles: APIRole[] = [role(guildId, "@everyone", String(EVERYTHING & ~PermissionFlagsBits.Administrator))];

  const asThread = (thread: StoredThread): APIPublicThreadChannel => ({
    id: thread.id,
    type: ChannelType.PublicThread,
    guild_id: guildId,
    parent_id: thread.parent,
    owner_id: bot.id,
    name: thread.name,
    message_count: 0,
    member_count: 1,
    total_message_sent: 0,
    rate_limit_per_user: 0,
    applied_tags: [],
    thread_metadata: {
      archived: thread.archived,
      locked: thread.locked,
      auto_archive_duration: 10_080,
      archive_timestamp: JOINED,
    },
  });
  const asText = (id: string): APITextChannel => ({
    id,
    type: ChannelType.GuildText,
    guild_id: guildId,
    name: "general",
    position: 0,
    permission_overwrites:
      closed.get(id) === "mute"
        ? [{ id: bot.id, type: OverwriteType.Member, allow: "0", deny: String(PermissionFlagsBits.SendMessages) }]
        : [],
    nsfw: false,
    rate_limit_per_user: 0,
    parent_id: null,
    last_message_id: null,
    topic: null,
  });
  const asChannel = (id: string): APITextChannel | APIPublicThreadChannel => {
    const thread = threads.get(id);
    return thread === undefined ? asText(id) : asThread(thread);
  };
  const member = (user: APIUser, given: readonly string[]): APIGuildMember => ({
    user,
    roles: [...given],
    joined_at: JOINED,
    deaf: false,
    mute: false,
    flags: NO_MEMBER_FLAGS,
    nick: null,
    avatar: null,
  });
  const world: World = {
    locale: Locale.EnglishUS,
    bot,
    guildId,
    applicationId,
    messages,
    threads,
    openThread: (given) => {
      const thread = { ...given, archived: false, locked: false };
      threads.set(thread.id, thread);
      announce({ event: GatewayDispatchEvents.ThreadCreate, data: { ...asThread(thread), newly_created: true } });
    },
    changeThread: (id, to) => {
      const known = threads.get(id);
      if (known === undefined) return;
      const thread = { ...known, ...to };
      threads.set(id, thread);
      announce({ event: GatewayDispatchEvents.ThreadUpdate, data: asThread(thread) });
    },
    removeThread: (id) => {
      const thread = threads.get(id);
      if (thread === undefined) return;
      threads.delete(id);
      for (const message of messages.values()) if (message.channel === id) messages.delete(message.id);
      const data = { id, guild_id: guildId, parent_id: thread.parent, type: ChannelType.PublicThread } as const;
      announce({ event: GatewayDispatchEvents.ThreadDelete, data });
    },
    onThread: (listener) => {
      announce = listener;
    },
    channels,
    closed,
    rooms: new Set(),
    forgetsNonces: false,
    deletedNonces: new Set(),
    permissionsIn: (channel) =>
      closed.has(threads.get(channel)?.parent ?? channel) ? 0n : BigInt(roles[0]?.permissions ?? "0"),
    roles,
    newId,
    person,
    member,
    addMessage: (message) => {
      const stored = { ...message, id: newId(), edits: 0 };
      messages.set(stored.id, stored);
      return stored;
    },
    messagesIn: (channel) => [...messages.values()].filter((message) => message.channel === channel),
    asMessage: ({ id, channel, author, body }) => ({
      id,
      channel_id: channel,
      author,
      content: textIn(body["content"]),
      timestamp: JOINED,
      edited_timestamp: null,
      tts: false,
      mention_everyone: false,
      mentions: [],
      mention_roles: [],
      attachments: [],
      embeds: [],
      pinned: false,
      type: MessageType.Default,
      flags: Number(body["flags"] ?? 0),
      components: (body["components"] ?? []) as NonNullable<APIMessage["components"]>,
    }),
    asChannel,
    guild: () => ({
      ...aServer(guildId, person("owner").id),
      roles,
      preferred_locale: world.locale,
      joined_at: JOINED,
      channels: channels.map(asText),
      threads: [...threads.values()].filter(({ archived }) => !archived).map(asThread),
    }),
  };
  return world;
}

export function role(id: string, name: string, permissions: string): APIRole {
  return {
    id,
    name,
    permissions,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    position: 0,
    managed: false,
    mentionable: false,
    flags: NO_ROLE_FLAGS,
  };
}
