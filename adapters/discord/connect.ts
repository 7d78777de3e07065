import { join } from "node:path";
import type { Channel } from "../../src/contracts/channel.ts";
import type { Binding } from "../../src/contracts/task.ts";
import { CoxswainError, messageOf } from "../../src/errors.ts";
import { keyed } from "../../src/i18n.ts";
import type { Log } from "../../src/log.ts";
import type { Clock, ConnectedSurface, RunFiles } from "../../src/ports.ts";
import { watchSurface } from "../../src/surface-watch.ts";
import { createApi } from "./api.ts";
import { createBoard } from "./board.ts";
import { createChannels } from "./channels.ts";
import { createAnswers, createRest } from "./client.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { LIMITS } from "./limits.ts";
import { openPeople } from "./people.ts";
import { openPoster } from "./poster.ts";
import { createRouter } from "./router.ts";
import { createStepPace } from "./step-pace.ts";
import { SURFACE_NAME } from "./surface-name.ts";
import { createDiscordSurface } from "./surface.ts";
import { openThreads } from "./threads.ts";
import { createTurns } from "./turns.ts";

export interface DiscordMeans {
  readonly token: string;
  readonly stateRoot: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly files: Pick<RunFiles, "readArtifact">;
  /** The server that the settings name; those of `channels` and `operatorChannels` are served too. */
  readonly guild: string | null;
  readonly channels: readonly Channel[];
  readonly operatorChannels: readonly Binding[];
  readonly language: string | undefined;
  readonly messageContent: boolean;
  readonly api: string;
  readonly editGapMs?: number;
  readonly callsPerSecond?: number;
}

/** Puts the parts together. Cards can be put at once; what people do is taken in from `start` on. */
export async function connectDiscord(means: DiscordMeans): Promise<ConnectedSurface> {
  const { token, clock, log, files, operatorChannels, editGapMs = LIMITS.editGapMs } = means;
  const rest = createRest(means.api, token, means.callsPerSecond);
  const api = createApi(rest, {
    taken: () => watch.over("login"),
    refused: (reason) => {
      watch.refused("login", reason);
      // The library forgets a token that was refused once, and would refuse all calls itself from then on.
      rest.setToken(token);
    },
  });
  const closedChannels = createChannels({ rest, botId: () => gateway?.botId() ?? "", clock, log });
  const board = createBoard();
  const [people, threads, poster] = await Promise.all([
    openPeople(join(means.stateRoot, "discord", "people.jsonl"), log),
    openThreads(join(means.stateRoot, "discord", "threads.jsonl"), log),
    openPoster(join(means.stateRoot, "discord", "posts.jsonl"), api, clock, log),
  ]);
  const own = channelsIn(operatorChannels);
  const bound = [...channelsIn(means.channels), ...own];
  const parts = {
    api,
    poster,
    board,
    channels: closedChannels,
    threads,
    clock,
    files,
    operatorChannels: new Set(own),
    editGapMs,
    steps: createStepPace(clock),
  };
  const surface = createDiscordSurface(parts);
  const underWay = new Set<Promise<void>>();
  let gateway: Gateway | undefined;
  let halt: () => void = () => undefined;
  let closed = false;
  const watch = watchSurface({
    surface: SURFACE_NAME,
    // `login`: Discord does not take the token. `closed`: it has ended the connection for good.
    refusals: ["login", "closed", "second_bot"],
    isConnected: () => gateway?.isConnected() ?? false,
    channels: closedChannels,
    words: (trouble, reason) => ({
      what: keyed(`discord.alert.${trouble}.what`, { reason }),
      todo: keyed(`discord.alert.${trouble}.todo`),
    }),
    clock,
    log,
  });

  const track = (work: Promise<void>): void => {
    underWay.add(work);
    work
      .catch((error: unknown) => log.error({ err: messageOf(error) }, "something that came in was not dealt with"))
      .finally(() => underWay.delete(work));
  };
  return {
    surface: {
      name: surface.name,
      put: (message) => (closed ? Promise.reject(notWritten()) : surface.put(message)),
    },
    membershipsOf: (actor) => people.membershipsOf(actor),
    nameOf: (user) => people.nameOf(user),
    troubles: (open) => watch.troubles(open),
    start: async (bot) => {
      const connection = createGateway({
        ...means,
        onInteraction: (payload) => track(router.interaction(payload)),
        onMessage: (payload) => track(router.message(payload)),
        onReady: () => watch.over("login", "closed"),
        onRefused: (reason) => watch.refused("login", reason),
        onClosed: (reason) => watch.refused("closed", reason),
      });
      gateway = connection;
      const router = createRouter({
        ...means,
        ...parts,
        ...bot,
        channels: means.channels,
        macros: bot.catalog.macros,
        turns: createTurns(),
        people,
        rest,
        acks: createAnswers(means.api, LIMITS.ackMs),
        followUps: createAnswers(means.api, LIMITS.followUpMs),
        botId: () => connection.botId(),
        serves: (guild, channel) =>
          guild === means.guild || bound.some((known) => known === channel || connection.guildOf(known) === guild),
        placeOf: (id) => connection.placeOf(id),
        roomOf: (id) => connection.roomOf(id),
        localeOf: (guild) => connection.localeOf(guild),
        // Two bots on one token both get everything: whoever notices stops, so that nothing is done twice.
        onTaken: () => {
          if (closed) return;
          closed = true;
          router.halt();
          watch.refused("second_bot", "");
          void connection.stop();
        },
        onFirst: () => watch.over("second_bot"),
      });
      halt = () => router.halt();
      connection.start();
      watch.start();
    },
    stop: async () => {
      halt();
      watch.stop();
      await Promise.allSettled(underWay);
    },
    close: async () => {
      closed = true;
      await gateway?.stop();
      await Promise.all([threads.flush(), people.flush(), poster.flush()]);
    },
  };
}

/** Those of the settings that are channels of Discord. */
function channelsIn(some: readonly { readonly surface: string; readonly channel: string }[]): string[] {
  return some.filter(({ surface }) => surface === SURFACE_NAME).map(({ channel }) => channel);
}

function notWritten(): CoxswainError {
  const message = "Discord is not written to: it was stopped, or another bot uses the token.";
  return new CoxswainError("discord.stopped", message, { retryable: true });
}
