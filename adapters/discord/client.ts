import { Client, GatewayIntentBits, Options, REST, type ClientOptions } from "discord.js";
import { LIMITS } from "./limits.ts";

export interface ClientSettings {
  /** Read messages in which the bot is not mentioned; a privileged intent, to be allowed in the developer portal. */
  readonly messageContent: boolean;
  readonly api: string;
}

/** The library's client, for the gateway. Its caches are bounded, however many people click. */
export function createClient({ messageContent, api }: ClientSettings): Client {
  const own = {
    maxSize: LIMITS.cached,
    keepOverLimit: ({ id, client }: { id: string; client: Client }) => id === client.user?.id,
  };
  const options: ClientOptions = {
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      ...(messageContent ? [GatewayIntentBits.MessageContent] : []),
    ],
    allowedMentions: { parse: [] },
    enforceNonce: true,
    // Guild, Channel, Role and PermissionOverwrite managers must not be limited: the library breaks without them.
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      UserManager: own,
      GuildMemberManager: own,
      MessageManager: 0,
      ThreadMemberManager: 0,
      ReactionManager: 0,
      ReactionUserManager: 0,
      PresenceManager: 0,
      VoiceStateManager: 0,
      GuildEmojiManager: 0,
      GuildStickerManager: 0,
      GuildBanManager: 0,
      GuildInviteManager: 0,
      GuildScheduledEventManager: 0,
      AutoModerationRuleManager: 0,
      StageInstanceManager: 0,
    }),
    rest: { api },
  };
  return new Client(options);
}

/** Writes in channels and answers. Apart from the client, whose token goes with its connection. */
export function createRest(api: string, token: string, callsPerSecond: number = LIMITS.callsPerSecond): REST {
  return new REST({
    version: "10",
    api,
    globalRequestsPerSecond: callsPerSecond,
    // The library would queue edits and send every stale one in order; the core asks again with the newest state.
    rejectOnRateLimit: ({ route, timeToReset }) => route.startsWith("/channels/") && timeToReset > 300,
  }).setToken(token);
}

/** Answers people, once: what may have arrived is not sent a second time by the library. */
export function createAnswers(api: string, timeoutMs: number): REST {
  return new REST({ version: "10", retries: 0, timeout: timeoutMs, api });
}
