import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { systemClock } from "../adapters/clock/system-clock.ts";
import { apiTokenIn } from "../adapters/control/api-token.ts";
import { serveControl } from "../adapters/control/server.ts";
import { makeStateRoot } from "../adapters/engine/embedded/embedded-engine.ts";
import { createValueMask } from "../adapters/runtime/command/secret-mask.ts";
import { createConsole, type Console, type ConsoleServer } from "../adapters/web/server.ts";
import manifest from "../package.json" with { type: "json" };
import { openBot, type Bot } from "./bot.ts";
import { channelWorkspace } from "./commands/channel-workspace.ts";
import { translatorOf } from "./cli/cli.ts";
import { EXIT } from "./cli/exit-code.ts";
import {
  apiTokenOf,
  folderOfUser,
  loadConfig,
  processEnvironment,
  type ResolvedSettings,
  type SettingOrigin,
} from "./config.ts";
import type { Actor } from "./contracts/id.ts";
import { InputError, messageOf } from "./errors.ts";
import { createLog, type Log } from "./log.ts";
import { rolesFrom } from "./metaagent/authorize.ts";
import { previewsOf } from "./previews.ts";
import { connectSurfaces } from "./surfaces.ts";
import { startObservers } from "./observe.ts";
import { watchUncaught } from "./uncaught.ts";

/** The bot process: owns the state root, works on all runs, and answers programs and surfaces until it is stopped. */
const home = fileURLToPath(new URL("..", import.meta.url));
const environment = processEnvironment();

const config = loadConfig({
  readText: (path) => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  },
  environment,
  flags: {},
  cwd: process.cwd(),
  home,
  cpus: availableParallelism(),
});
const configured = config.ok && config.settings.language !== "auto" ? config.settings.language : undefined;
const words = translatorOf(undefined, configured, { environment });

if (config.ok) {
  await start(config.settings, config.origins).catch((error: unknown) =>
    fail(messageOf(error), error instanceof InputError ? EXIT.usage : EXIT.failed),
  );
} else {
  fail([words.t("config.invalid", { count: config.problems.length }), ...config.problems].join("\n"), EXIT.usage);
}

async function start(given: ResolvedSettings, origins: readonly SettingOrigin[]): Promise<void> {
  const settings = given.console.enabled ? withConsoleChannel(given) : given;
  const log = createLog(settings.logLevel);
  watchUncaught({
    log,
    mask: createValueMask(environment),
    end: (message) => fail(words.t("control.uncaught", { message }), EXIT.failed),
  });
  const { stateRoot } = settings;
  // First of all: whatever else keeps files there would try without end where the folder cannot be made.
  await makeStateRoot(stateRoot);
  const page = settings.console.enabled ? createConsole({ stateRoot, clock: systemClock, log }) : undefined;
  const connected = await connectSurfaces(settings, environment, log);
  const placeOf = ({ surface: name }: Actor) => connected.find(({ surface }) => surface.name === name);
  const nameOf = (actor: Actor): string | undefined =>
    actor.surface === "web"
      ? settings.console.personas.find(({ id }) => id === actor.user)?.name
      : placeOf(actor)?.nameOf(actor.user);
  const bot = await openBot({
    settings,
    environment,
    home,
    surfaces: [...(page === undefined ? [] : [page.surface]), ...connected.map(({ surface }) => surface)],
    membershipsOf: (actor) => placeOf(actor)?.membershipsOf(actor) ?? [],
    nameOf,
    surfaceTroubles: (open) => connected.flatMap((place) => place.troubles(open)),
    log,
  });
  const control = await serveControl({
    door: bot.metaAgent,
    query: bot.metaAgent,
    worksOn: () => true,
    stateRoot,
    host: settings.control.host,
    port: settings.control.port,
    version: manifest.version,
    log,
    automation: { token: await apiTokenIn(stateRoot, apiTokenOf(environment)) },
  });
  const served = page === undefined ? undefined : await serveConsole(page, bot, settings, origins, log);
  const observers = await startObservers(bot.metaAgent, settings, manifest.version, log);
  await bot.metaAgent.start({ accepts: () => true });
  const { metaAgent, catalog, files, refusalOf } = bot;
  await Promise.all(
    connected.map((place) => place.start({ door: metaAgent, query: metaAgent, refusalOf, catalog, files })),
  );
  log.info({ stateRoot, url: control.url, slots: settings.slots, version: manifest.version }, "the bot runs");
  process.stdout.write(`${words.t("control.running", { stateRoot, url: control.url })}\n`);
  if (served !== undefined) process.stdout.write(`${words.t("web.running", { url: served.url })}\n`);

  let signals = 0;
  const secondSignal = Promise.withResolvers<void>();
  const shutDown = async (signal: string): Promise<void> => {
    signals += 1;
    if (signals === 1 && settings.drainMs > 0) {
      log.info({ signal, drainMs: settings.drainMs }, "the bot stops; nothing new starts, what runs may end");
      process.stdout.write(`${words.t("control.draining", { limit: words.duration(settings.drainMs) })}\n`);
      await Promise.race([bot.metaAgent.drain(settings.drainMs), secondSignal.promise]);
    } else if (signals === 2 && settings.drainMs > 0) return secondSignal.resolve();
    // One more is meant: workers end with the process all the same.
    else if (signals > 1) process.exit(EXIT.interrupted);
    log.info({ signal }, "the bot stops; runs are parked");
    await Promise.all([control.stop(), served?.stop(), ...connected.map((place) => place.stop())]);
    await bot.stop();
    await observers.stop();
    await Promise.all(connected.map((place) => place.close()));
    process.stdout.write(`${words.t("control.stopped")}\n`);
    process.exit(EXIT.completed);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      shutDown(signal).catch((error: unknown) => fail(messageOf(error), EXIT.failed));
    });
  }
}

/** Operators hear in the console of every run, wherever it was started, unless the settings name a channel there. */
function withConsoleChannel(settings: ResolvedSettings): ResolvedSettings {
  if (settings.operatorChannels.some(({ surface }) => surface === "web")) return settings;
  const channel = { surface: "web", channel: "operators", role: "operators" } as const;
  return { ...settings, operatorChannels: [...settings.operatorChannels, channel] };
}

async function serveConsole(
  page: Console,
  { metaAgent, catalog, files, refusalOf, auditOf }: Bot,
  settings: ResolvedSettings,
  origins: readonly SettingOrigin[],
  log: Log,
): Promise<ConsoleServer> {
  const rolesOf = rolesFrom(settings.roles);
  const { host, port, personas } = settings.console;
  metaAgent.on("run.changed", ({ document }) => page.runChanged(document.run.runId));
  metaAgent.on("run.trouble", ({ runId }) => page.runTroubled(runId));
  metaAgent.on("run.progress", ({ runId, laneId, progress }) => page.progressed({ runId, laneId, ...progress }));
  const server = await page.serve({
    door: metaAgent,
    query: metaAgent,
    files,
    auditOf,
    catalog,
    previews: previewsOf(settings, systemClock),
    settings: origins,
    telemetry: () => metaAgent.telemetry(),
    refusalOf,
    personas: personas.map((persona) => ({ ...persona, roles: [...rolesOf({ surface: "web", user: persona.id })] })),
    language: settings.language === "auto" ? undefined : settings.language,
    workspace: channelWorkspace(settings.channels, "web", "work") ?? folderOfUser(environment, process.cwd()),
    version: manifest.version,
    host,
    port,
  });
  log.info({ url: new URL(server.url).origin }, "the console is served");
  return server;
}

function fail(message: string, code: number): void {
  process.stderr.write(`${words.t("cli.error", { message })}\n`);
  process.exit(code);
}
