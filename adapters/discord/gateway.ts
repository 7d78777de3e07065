import {
  DiscordjsError,
  DiscordjsErrorCodes,
  Events,
  GatewayCloseCodes,
  GatewayDispatchEvents,
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
  /** It could not be connected: told once, however often it is tried. */
  readonly onRefused: (reason: string) => void;
  /** Discord has ended the connection, and the library gives up. */
  readonly onClosed: (code: number, reason: string) => void;
}

/** The connection by which events arrive. The library resumes it; what the library gives up is begun again here. */
export interface Gateway {
  /** Connects in the background: nothing waits for Discord. */
  start(): void;
  /** The bot's own id; "" before it is connected. */
  botId(): string;
  placeOf(channelId: string): Place;
  /** The language that a server prefers, as its settings say. */
  localeOf(guildId: string): string | undefined;
  stop(): Promise<void>;
}

export function createGateway(parts: GatewayParts): Gateway {
  const { token, clock, log } = parts;
  let client: Client | undefined;
  let stopped = false;
  let told = false;
  let callOff: () => void = () => undefined;

  const connect = async (): Promise<void> => {
    const made = createClient(parts);
    client = made;
    listen(made, parts);
    try {
      await made.login(token);
    } catch (error) {
      await made.destroy();
      if (stopped) return;
      // A wrong token only a person can change.
      const final = error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid;
      log.error({ err: messageOf(error), final }, "Discord could not be connected");
      if (!told) parts.onRefused(messageOf(error));
      told = true;
      if (!final) callOff = clock.after(LIMITS.connectAgainMs, () => void connect());
    }
  };
  return {
    start: () => void connect(),
    botId: () => client?.user?.id ?? "",
    placeOf: (id) => {
      const channel = client?.channels.cache.get(id);
      const parent = channel !== undefined && isThread(channel.type) && "parentId" in channel ? channel.parentId : null;
      return parent === null ? { channel: id, thread: undefined } : { channel: parent, thread: id };
    },
    localeOf: (guildId) => client?.guilds.cache.get(guildId)?.preferredLocale,
    stop: async () => {
      stopped = true;
      callOff();
      await client?.destroy();
    },
  };
}

function listen(client: Client, { log, onInteraction, onMessage, onClosed }: GatewayParts): void {
  client.ws.on(GatewayDispatchEvents.InteractionCreate, (payload: unknown) => onInteraction(payload));
  client.ws.on(GatewayDispatchEvents.MessageCreate, (payload: unknown) => onMessage(payload));
  // Without a listener an error event would end the process.
  client.on(Events.Error, (error) => log.error({ err: error.message }, "the library reports an error of Discord"));
  client.on(Events.Warn, (message) => log.warn({ message }, "the library warns"));
  client.on(Events.ShardError, (error) => log.warn({ err: error.message }, "the connection to Discord failed"));
  client.on(Events.ShardReconnecting, () => log.info("Discord is being connected again"));
  client.on(Events.ClientReady, ({ user }) => log.info({ bot: user.username }, "Discord is connected"));
  client.on(Events.ShardDisconnect, ({ code }) => onClosed(code, `${code} ${GatewayCloseCodes[code] ?? ""}`.trim()));
}
