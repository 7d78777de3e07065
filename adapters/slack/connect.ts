import { join } from "node:path";
import { z } from "zod";
import { channelWorkspace } from "../../src/commands/channel-workspace.ts";
import type { Channel } from "../../src/contracts/channel.ts";
import { CoxswainError, messageOf } from "../../src/errors.ts";
import { keyed } from "../../src/i18n.ts";
import type { Log } from "../../src/log.ts";
import type { Clock, ConnectedSurface, RunFiles } from "../../src/ports.ts";
import { watchSurface } from "../../src/surface-watch.ts";
import { createSlackApi, SlackRefusal } from "./api.ts";
import { createBoltApp, type Identity } from "./bolt-app.ts";
import type { NoticeStyle } from "./cards/notice.ts";
import { createChannels } from "./channels.ts";
import { createHttpTransport } from "./http.ts";
import { openJournal } from "./journal.ts";
import { createPace } from "./pace.ts";
import { createPeople } from "./people.ts";
import { createPoster } from "./poster.ts";
import { createReceiver } from "./receiver.ts";
import { createSocketTransport } from "./socket.ts";
import { SURFACE_NAME } from "./surface-name.ts";
import { createSlackSurface } from "./surface.ts";

export interface SlackOptions {
  readonly botToken: string;
  /** Socket Mode by an app-level token, or HTTP by the signing secret. */
  readonly by:
    | { readonly mode: "socket"; readonly appToken: string }
    | { readonly mode: "http"; readonly signingSecret: string; readonly host: string; readonly port: number };
  readonly apiUrl: string;
  readonly notice: NoticeStyle;
  readonly allow: { readonly guests: boolean; readonly externals: boolean };
  /** Ids of the user groups that the settings give roles to. */
  readonly groups: readonly string[];
  /** Ids of the users that the settings give roles to. */
  readonly named: readonly string[];
  readonly channels: readonly Channel[];
  readonly language: string | undefined;
  readonly stateRoot: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** For tests, which wait for what people are told, and need the port. */
export interface SlackConnection extends ConnectedSurface {
  /** Resolves when nothing that came in is being worked on. */
  idle(): Promise<void>;
  port(): number;
  /** How many connections stand now. */
  connected(): number;
}

const TIMEOUT_MS = 10_000;
const ASK_AGAIN_MS = 30_000;
const Self = z.object({ team_id: z.string(), user_id: z.string(), bot_id: z.string() });

/** Connects the bot with one workspace of Slack. Posting works at once; what people do is taken in from `start` on. */
export async function connectSlack(options: SlackOptions): Promise<SlackConnection> {
  const { botToken, by, apiUrl, clock, log } = options;
  const pace = createPace(clock);
  const onTokenRefused = (problem: string): void => watch.refused("login", problem);
  const api = createSlackApi({ token: botToken, apiUrl, pace, log, timeoutMs: TIMEOUT_MS, onTokenRefused });
  const channels = createChannels({ api, pace, clock, log });
  const journal = await openJournal(join(options.stateRoot, "slack", "journal.jsonl"));
  const poster = createPoster({ api, pace, journal, channels, clock });
  let identity: Identity | undefined;
  let files: Pick<RunFiles, "readArtifact"> | undefined;
  let stopped = false;
  let callOff: () => void = () => undefined;
  const { groups, named, allow } = options;
  const people = createPeople({ api, pace, clock, log, team: () => identity?.team, groups, named, allow });
  const surface = createSlackSurface({ poster, journal, files: () => files, style: options.notice, clock, log });
  const socket =
    by.mode === "socket" ? createSocketTransport({ ...by, apiUrl, clock, log, timeoutMs: TIMEOUT_MS }) : undefined;
  const http = by.mode === "http" ? createHttpTransport({ ...by, clock, log }) : undefined;
  const transport = socket ?? http;
  if (transport === undefined) throw new CoxswainError("slack.mode", "No way to Slack was given.");
  const receiver = createReceiver({ transport, clock, log });
  const watch = watchSurface({
    surface: SURFACE_NAME,
    // `login`: Slack does not take the token. `revoked`: it said that it took the rights away.
    refusals: ["login", "revoked"],
    isConnected: () => socket === undefined || socket.connected() > 0,
    channels,
    words: (trouble, reason) => ({
      what: keyed(`slack.alert.${trouble}.what`, { reason }),
      todo: keyed(`slack.alert.${trouble}.todo`),
    }),
    clock,
    log,
  });

  const askWho = async (): Promise<void> => {
    try {
      const self = await api.call("auth.test", {}, { rate: "people", lane: "auth.test", answer: Self });
      identity = { team: self.team_id, botUser: self.user_id, bot: self.bot_id };
      log.info({ team: self.team_id, user: self.user_id }, "Slack knows the bot");
      watch.over("login", "revoked");
      void people.learnNames();
    } catch (error) {
      log.error({ err: messageOf(error) }, "Slack does not say who the bot is; see “npm run -s coxswain -- doctor”");
      const isFinal = error instanceof SlackRefusal && !error.retryable;
      if (isFinal) watch.refused("login", error.problem);
      if (!stopped && !isFinal) callOff = clock.after(ASK_AGAIN_MS, () => void askWho());
    }
  };

  return {
    surface,
    membershipsOf: ({ user }) => people.groupsOf(user).map((group) => `group:${group}`),
    nameOf: (user) => people.nameOf(user),
    troubles: (open) => watch.troubles(open),
    start: async (bot) => {
      const { door, query, refusalOf, catalog } = bot;
      files = bot.files;
      watch.start();
      const desk = {
        door,
        query,
        refusalOf,
        catalog,
        api,
        pace,
        poster,
        journal,
        people,
        clock,
        log,
        language: options.language,
        workspaceOf: (channel: string) => channelWorkspace(options.channels, SURFACE_NAME, channel),
        botUser: () => identity?.botUser ?? "",
        channels,
      };
      const revoked = (reason: string): void => {
        identity = undefined;
        watch.refused("revoked", reason);
        log.error({ reason }, "Slack took the bot's rights away; install the app again and restart");
      };
      const means = {
        receiver,
        token: botToken,
        apiUrl,
        timeoutMs: TIMEOUT_MS,
        desk,
        identity: () => identity,
        revoked,
      };
      const app = createBoltApp(means);
      await askWho();
      await app.start();
    },
    stop: async () => {
      stopped = true;
      callOff();
      watch.stop();
      await receiver.stop();
    },
    close: () => journal.close(),
    idle: () => receiver.idle(),
    port: () => http?.port() ?? 0,
    connected: () => socket?.connected() ?? 0,
  };
}
