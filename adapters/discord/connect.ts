import { join } from "node:path";
import type { Alert } from "../../src/contracts/alert.ts";
import type { Channel } from "../../src/contracts/channel.ts";
import type { Binding } from "../../src/contracts/task.ts";
import { CoxswainError, messageOf } from "../../src/errors.ts";
import { keyed } from "../../src/i18n.ts";
import type { Log } from "../../src/log.ts";
import type { Clock, ConnectedSurface, RunFiles } from "../../src/ports.ts";
import { createApi } from "./api.ts";
import { createBoard } from "./board.ts";
import { createAcks, createRest } from "./client.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { LIMITS } from "./limits.ts";
import { openPeople } from "./people.ts";
import { createRouter } from "./router.ts";
import { createStepPace } from "./step-pace.ts";
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
  readonly callsPerSecond?: number;
}

type Bot = Parameters<ConnectedSurface["start"]>[0];

/** Puts the parts together. Cards can be put at once; what people do is taken in from `start` on. */
export async function connectDiscord(means: DiscordMeans): Promise<ConnectedSurface> {
  const { token, clock, log, files, operatorChannels, editGapMs = LIMITS.editGapMs } = means;
  const rest = createRest(means.api, token, means.callsPerSecond);
  const api = createApi(rest);
  const board = createBoard();
  const [people, threads] = await Promise.all([
    openPeople(join(means.stateRoot, "discord", "people.jsonl"), log),
    openThreads(join(means.stateRoot, "discord", "threads.jsonl"), log),
  ]);
  const own = operatorChannels.filter(({ surface }) => surface === SURFACE_NAME).map(({ channel }) => channel);
  const parts = {
    api,
    board,
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

  const track = (work: Promise<void>): void => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };
  return {
    surface: {
      name: surface.name,
      put: (message) => (closed ? Promise.reject(notWritten()) : surface.put(message)),
    },
    membershipsOf: (actor) => people.membershipsOf(actor),
    nameOf: (user) => people.nameOf(user),
    troubles: () => [],
    start: async (bot) => {
      const alarm = (name: AlertName, key: string, reason = ""): void =>
        raise(bot, log, alertOf(name, clock.now(), key, reason));
      const connection = createGateway({
        ...means,
        onInteraction: (payload) => track(router.interaction(payload)),
        onMessage: (payload) => track(router.message(payload)),
        onRefused: (reason) => alarm("discord.alert.login", "login", reason),
        onClosed: (code, reason) => alarm("discord.alert.closed", `closed:${code}`, reason),
      });
      gateway = connection;
      const router = createRouter({
        ...means,
        ...parts,
        ...bot,
        macros: bot.catalog.macros,
        people,
        rest,
        acks: createAcks(means.api),
        botId: () => connection.botId(),
        placeOf: (id) => connection.placeOf(id),
        localeOf: (guild) => connection.localeOf(guild),
        // Two bots on one token both get everything: whoever notices stops, so that nothing is done twice.
        onTaken: () => {
          if (closed) return;
          closed = true;
          router.halt();
          alarm("discord.alert.second_bot", "second_bot");
          void connection.stop();
        },
      });
      halt = () => router.halt();
      connection.start();
    },
    stop: async () => {
      halt();
      await Promise.allSettled(underWay);
    },
    close: async () => {
      closed = true;
      await gateway?.stop();
      await Promise.all([threads.flush(), people.flush()]);
    },
  };
}

type AlertName = "discord.alert.second_bot" | "discord.alert.login" | "discord.alert.closed";

function alertOf(name: AlertName, since: number, key: string, reason: string): Alert {
  const what = keyed(`${name}.what`, { reason });
  return { key: `discord:${key}:${since}`, severity: "critical", since, what, todo: keyed(`${name}.todo`) };
}

function raise(bot: Bot, log: Log, alert: Alert): void {
  bot.raise([alert]).catch((error: unknown) => log.error({ err: messageOf(error) }, "an alert was not saved"));
}

function notWritten(): CoxswainError {
  const message = "Discord is not written to: it was stopped, or another bot uses the token.";
  return new CoxswainError("discord.stopped", message, { retryable: true });
}
