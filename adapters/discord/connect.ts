import { join } from "node:path";
import { Events, GatewayCloseCodes, GatewayDispatchEvents, type Client } from "discord.js";
import type { Alert } from "../../src/contracts/alert.ts";
import type { Channel } from "../../src/contracts/channel.ts";
import type { Binding } from "../../src/contracts/task.ts";
import { CoxswainError, messageOf } from "../../src/errors.ts";
import { keyed } from "../../src/i18n.ts";
import type { Log } from "../../src/log.ts";
import type { Clock, ConnectedSurface, RunFiles } from "../../src/ports.ts";
import { createApi, isThread } from "./api.ts";
import { createBoard } from "./board.ts";
import { createAcks, createClient } from "./client.ts";
import { LIMITS } from "./limits.ts";
import type { Place } from "./payload.ts";
import { createPeople } from "./people.ts";
import { createRouter, type Router } from "./router.ts";
import { createDiscordSurface, SURFACE_NAME } from "./surface.ts";
import { openThreads } from "./threads.ts";

export interface DiscordMeans {
  readonly token: string;
  readonly stateRoot: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly files: Pick<RunFiles, "readArtifact">;
  readonly channels: readonly Channel[];
  readonly operatorChannels: readonly Binding[];
  readonly language: string | undefined;
  readonly messageContent: boolean;
  readonly api: string;
  readonly editGapMs?: number;
}

type Bot = Parameters<ConnectedSurface["start"]>[0];

/** Puts the parts together; nothing is sent before `start`, but for cards. */
export async function connectDiscord(means: DiscordMeans): Promise<ConnectedSurface> {
  const { token, clock, log, files, operatorChannels, editGapMs = LIMITS.editGapMs } = means;
  const client = createClient({ messageContent: means.messageContent, api: means.api });
  client.rest.setToken(token);
  const api = createApi(client.rest);
  const board = createBoard();
  const people = createPeople();
  const threads = await openThreads(join(means.stateRoot, "discord", "threads.jsonl"), log);
  const own = operatorChannels.filter(({ surface }) => surface === SURFACE_NAME).map(({ channel }) => channel);
  const surface = createDiscordSurface({
    api,
    board,
    threads,
    clock,
    files,
    operatorChannels: new Set(own),
    editGapMs,
  });
  const underWay = new Set<Promise<void>>();
  const routers = new Set<Router>();
  let halted = false;

  const track = (work: Promise<void>): void => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };
  /** Two bots on one token both get everything: whoever notices stops, so that nothing is done twice. */
  const halt = (bot: Bot, router: Router): void => {
    if (halted) return;
    halted = true;
    router.halt();
    raise(bot, log, alertOf("discord.alert.second_bot", clock.now(), "discord:second_bot"));
    void client.destroy();
  };
  return {
    surface: {
      name: surface.name,
      put: (message) => (halted ? Promise.reject(secondBot()) : surface.put(message)),
    },
    membershipsOf: (actor) => people.membershipsOf(actor),
    start: async (bot) => {
      const router: Router = createRouter({
        ...means,
        ...bot,
        macros: bot.catalog.macros,
        api,
        board,
        threads,
        people,
        rest: client.rest,
        acks: createAcks(means.api),
        botId: () => client.user?.id ?? "",
        placeOf: (id) => placeIn(client, id),
        onTaken: () => halt(bot, router),
      });
      routers.add(router);
      listen(client, router, bot, means, track);
      try {
        await client.login(token);
      } catch (error) {
        log.error({ err: messageOf(error) }, "Discord could not be connected");
        raise(bot, log, alertOf("discord.alert.login", clock.now(), "discord:login", messageOf(error)));
      }
    },
    stop: async () => {
      for (const router of routers) router.halt();
      await Promise.allSettled(underWay);
    },
    close: async () => {
      halted = true;
      await client.destroy();
      await threads.flush();
    },
  };
}

function listen(
  client: Client,
  router: Router,
  bot: Bot,
  { clock, log }: DiscordMeans,
  track: (work: Promise<void>) => void,
): void {
  client.ws.on(GatewayDispatchEvents.InteractionCreate, (payload: unknown) => track(router.interaction(payload)));
  client.ws.on(GatewayDispatchEvents.MessageCreate, (payload: unknown) => track(router.message(payload)));
  // Without a listener an error event would end the process.
  client.on(Events.Error, (error) => log.error({ err: error.message }, "the library reports an error of Discord"));
  client.on(Events.Warn, (message) => log.warn({ message }, "the library warns"));
  client.on(Events.ShardError, (error) => log.warn({ err: error.message }, "the connection to Discord failed"));
  client.on(Events.ShardReconnecting, () => log.info("Discord is being connected again"));
  client.on(Events.ClientReady, ({ user }) => log.info({ bot: user.username }, "Discord is connected"));
  client.on(Events.ShardDisconnect, ({ code }) => {
    const reason = `${code} ${GatewayCloseCodes[code] ?? ""}`.trim();
    log.error({ reason }, "Discord has ended the connection for good");
    raise(bot, log, alertOf("discord.alert.closed", clock.now(), `discord:closed:${code}`, reason));
  });
}

function raise(bot: Bot, log: Log, alert: Alert): void {
  bot.raise([alert]).catch((error: unknown) => log.error({ err: messageOf(error) }, "an alert was not saved"));
}

type AlertName = "discord.alert.second_bot" | "discord.alert.login" | "discord.alert.closed";

function alertOf(name: AlertName, since: number, key: string, reason = ""): Alert {
  return {
    key: `${key}:${since}`,
    severity: "critical",
    since,
    what: keyed(`${name}.what`, { reason }),
    todo: keyed(`${name}.todo`),
  };
}

function secondBot(): CoxswainError {
  return new CoxswainError(
    "discord.stopped",
    "Discord is not written to: it was stopped, or another bot uses the token.",
    { retryable: true },
  );
}

function placeIn({ channels }: Client, id: string): Place {
  const channel = channels.cache.get(id);
  const parent = channel !== undefined && isThread(channel.type) && "parentId" in channel ? channel.parentId : null;
  return parent === null ? { channel: id, thread: undefined } : { channel: parent, thread: id };
}
