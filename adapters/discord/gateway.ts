import {
  ChannelType,
  DiscordjsError,
  DiscordjsErrorCodes,
  Events,
  GatewayCloseCodes,
  GatewayDispatchEvents,
  Status,
  type Client,
} from "discord.js";
import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Clock } from "../../src/ports.ts";
import { isThread } from "./api.ts";
import { createClient, type ClientSettings } from "./client.ts";
import { LIMITS } from "./limits.ts";
import type { Place } from "./payload.ts";

export interface GatewayParts extends ClientSettings {
  readonly token: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly onInteraction: (payload: unknown) => void;
  readonly onMessage: (payload: unknown) => void;
  readonly onReady: () => void;
  /** Discord does not take the token; nothing is tried any more. */
  readonly onRefused: (reason: string) => void;
  /** Discord has ended the connection, and the library gives up. */
  readonly onClosed: (reason: string) => void;
}

/** Can the thread of a run be opened in a channel, or from where a thread is? */
export type Room = "open" | "private_thread" | "unfit";

/** The connection by which events arrive. The library resumes it; what the library gives up is begun again here. */
export interface Gateway {
  /** Connects in the background: nothing waits for Discord. */
  start(): void;
  /** Do events arrive now? A connection that is dead and has not ended is noticed by the library's heartbeats. */
  isConnected(): boolean;
  /** The bot's own id; "" before it is connected. */
  botId(): string;
  placeOf(channelId: string): Place;
  /** The server that a channel is in; undefined where the bot does not see it. */
  guildOf(channelId: string): string | undefined;
  roomOf(channelId: string): Room;
  /** The language that a server prefers, as its settings say. */
  localeOf(guildId: string): string | undefined;
  stop(): Promise<void>;
}

export function createGateway(parts: GatewayParts): Gateway {
  const { token, clock, log } = parts;
  let client: Client | undefined;
  let stopped = false;
  let callOff: () => void = () => undefined;

  const isConnected = (): boolean =>
    client?.isReady() === true && client.ws.shards.every(({ status }) => status === Status.Ready);
  const connect = async (): Promise<void> => {
    const made = createClient(parts);
    client = made;
    let ended = false;
    const onClosed = (reason: string): void => {
      ended = true;
      parts.onClosed(reason);
    };
    listen(made, { ...parts, onClosed, isStopped: () => stopped });
    try {
      await made.login(token);
    } catch (error) {
      await made.destroy();
      if (stopped) return;
      // What only a person can change is not tried again: Discord resets the token of who identifies too often.
      const refused = error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid;
      log.error({ err: messageOf(error), final: refused || ended }, "Discord could not be connected");
      if (refused) parts.onRefused(messageOf(error));
      else if (!ended) callOff = clock.after(LIMITS.connectAgainMs, () => void connect());
    }
  };
  return {
    start: () => void connect(),
    isConnected,
    botId: () => client?.user?.id ?? "",
    placeOf: (id) => {
      const channel = client?.channels.cache.get(id);
      const parent = channel !== undefined && isThread(channel.type) && "parentId" in channel ? channel.parentId : null;
      return parent === null ? { channel: id, thread: undefined } : { channel: parent, thread: id };
    },
    guildOf: (id) => {
      const channel = client?.channels.cache.get(id);
      return channel !== undefined && "guildId" in channel ? (channel.guildId ?? undefined) : undefined;
    },
    roomOf: (id) => {
      const channel = client?.channels.cache.get(id);
      if (channel?.type === ChannelType.PrivateThread) return "private_thread";
      const home = channel?.isThread() === true ? channel.parent : channel;
      // What is not seen is refused for its permissions.
      return home === undefined || home?.type === ChannelType.GuildText || home?.type === ChannelType.GuildAnnouncement
        ? "open"
        : "unfit";
    },
    localeOf: (guildId) => client?.guilds.cache.get(guildId)?.preferredLocale,
    stop: async () => {
      stopped = true;
      callOff();
      // Destroyed while it connects, the library connects again, and its promise stays open for good.
      if (isConnected()) await client?.destroy();
    },
  };
}

function listen(client: Client, parts: GatewayParts & { readonly isStopped: () => boolean }): void {
  const { log, onInteraction, onMessage, onReady, onClosed, isStopped } = parts;
  // The library tries twice a second: an outage of hours is two lines, not thousands.
  let isAway = false;
  const back = (): void => {
    // It was stopped while it was being connected.
    if (isStopped()) return void client.destroy();
    if (isAway) log.info("the connection to Discord stands again");
    isAway = false;
  };
  client.ws.on(GatewayDispatchEvents.InteractionCreate, (payload: unknown) => onInteraction(payload));
  client.ws.on(GatewayDispatchEvents.MessageCreate, (payload: unknown) => onMessage(payload));
  // Without a listener an error event would end the process.
  client.on(Events.Error, (error) => log.error({ err: error.message }, "the library reports an error of Discord"));
  client.on(Events.Warn, (message) => log.warn({ message }, "the library warns"));
  client.on(Events.ShardError, (error) => {
    if (!isAway) log.warn({ err: error.message }, "the connection to Discord failed");
  });
  client.on(Events.ShardReconnecting, () => {
    if (!isAway && !isStopped()) log.warn("the connection to Discord is gone; it is being connected again");
    isAway = true;
  });
  client.on(Events.ShardReady, back);
  client.on(Events.ShardResume, back);
  client.on(Events.ClientReady, ({ user }) => {
    log.info({ bot: user.username }, "Discord is connected");
    onReady();
  });
  client.on(Events.ShardDisconnect, ({ code }) => onClosed(`${code} ${GatewayCloseCodes[code] ?? ""}`.trim()));
}
