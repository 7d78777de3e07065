import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { serveControl } from "../adapters/control/server.ts";
import manifest from "../package.json" with { type: "json" };
import { openBot } from "./bot.ts";
import { translatorOf } from "./cli/cli.ts";
import { EXIT } from "./cli/exit-code.ts";
import { loadConfig, processEnvironment, type ResolvedSettings } from "./config.ts";
import { messageOf } from "./errors.ts";
import { createLog } from "./log.ts";

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
  await start(config.settings).catch((error: unknown) => fail(messageOf(error), EXIT.failed));
} else {
  fail([words.t("config.invalid", { count: config.problems.length }), ...config.problems].join("\n"), EXIT.usage);
}

async function start(settings: ResolvedSettings): Promise<void> {
  const log = createLog(settings.logLevel);
  const { stateRoot } = settings;
  const bot = await openBot({ settings, environment, home, surfaces: [], log });
  const control = await serveControl({
    door: bot.metaAgent,
    query: bot.metaAgent,
    worksOn: () => true,
    stateRoot,
    host: settings.control.host,
    port: settings.control.port,
    version: manifest.version,
    log,
  });
  await bot.metaAgent.start({ accepts: () => true });
  log.info({ stateRoot, url: control.url, slots: settings.slots, version: manifest.version }, "the bot runs");
  process.stdout.write(`${words.t("control.running", { stateRoot, url: control.url })}\n`);

  let stopping = false;
  const shutDown = async (signal: string): Promise<void> => {
    // The second signal is meant: workers end with the process all the same.
    if (stopping) process.exit(EXIT.interrupted);
    stopping = true;
    log.info({ signal }, "the bot stops; runs are parked");
    await control.stop();
    await bot.stop();
    process.stdout.write(`${words.t("control.stopped")}\n`);
    process.exit(EXIT.completed);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      shutDown(signal).catch((error: unknown) => fail(messageOf(error), EXIT.failed));
    });
  }
}

function fail(message: string, code: number): void {
  process.stderr.write(`${words.t("cli.error", { message })}\n`);
  process.exit(code);
}
