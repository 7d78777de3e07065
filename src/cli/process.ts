import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { availableParallelism, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../adapters/clock/system-clock.ts";
import { connectControl } from "../../adapters/control/client.ts";
import { readTrail, trailsIn } from "../../adapters/engine/embedded/audit-file.ts";
import { makeFolder, readTextUpTo } from "../../adapters/files.ts";
import { layoutOf } from "../../adapters/engine/embedded/layout.ts";
import { setAsideIn } from "../../adapters/engine/embedded/quarantine.ts";
import { checkMachine } from "../../adapters/doctor/doctor.ts";
import { createTerminalUi } from "../../adapters/terminal/terminal-ui.ts";
import { movesCursor, wantsColor } from "../../adapters/terminal/terminal-style.ts";
import manifest from "../../package.json" with { type: "json" };
import { openSession } from "./open-session.ts";
import { EXIT } from "./exit-code.ts";
import { runCli } from "./run-cli.ts";
import type { CliWorld } from "./world.ts";
import {
  discordTokenOf,
  processEnvironment,
  slackTokensOf,
  type LoadedConfig,
  type ResolvedSettings,
} from "../config.ts";
import { createLog } from "../log.ts";

/** The process of the `coxswain` program: this file touches it, the others in this folder decide. */

/** Bytes of a file that a person wrote for the program: answers, settings. */
const LONGEST_TEXT = 1024 * 1024;

/** Loaded when it is needed: help, and whatever a running bot answers, come in half the time without it. */
const bot = () => import("../bot.ts");
const home = fileURLToPath(new URL("../..", import.meta.url));
const environment = processEnvironment();

/** Runs the program with what the person typed, and ends the process with its exit code. */
export async function main(): Promise<never> {
  const code = await runCli(createWorld());
  // What is still buffered for a pipe would be cut off by the exit.
  await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  process.exit(code);
}

function createWorld(): CliWorld {
  // The reader of a pipe has had enough (`coxswain status | head -1`): no reason to complain.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  const inPlace = movesCursor(process.stdout, environment);
  const color = wantsColor(process.stdout, environment);
  const io = { input: process.stdin, output: process.stdout, color, inPlace };
  return {
    argv: process.argv.slice(2),
    environment,
    cwd: process.cwd(),
    home,
    version: manifest.version,
    cpus: availableParallelism(),
    user: userInfo().username,
    isTerminal: process.stdin.isTTY && inPlace,
    terminal: createTerminalUi(io, systemClock),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    readText: (path) => readTextUpTo(path, LONGEST_TEXT),
    isFolder: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
    isInsideGit: async (folder) => (await import("../../adapters/workspace/place.ts")).isInsideGit(folder),
    newId: () => `cli:${randomUUID()}`,
    open: (settings, logLevel) => {
      const log = createLog(logLevel);
      const options = { settings, environment, home, surfaces: [], log };
      const { stateRoot } = settings;
      return openSession({
        stateRoot,
        version: manifest.version,
        log,
        openBot: async () => (await bot()).openBot(options),
      });
    },
    macros: async (settings) => (await (await bot()).catalogOf(settings, home)).macros,
    auditTrail: readTrail,
    auditTrails: trailsIn,
    setAside: (stateRoot, runId) => setAsideIn(layoutOf(stateRoot), runId),
    doctor: async (config) => [...(await doctor(config)), ...(await checkDiscord(config))],
    discord: (settings) => discordAdmin(settings),
    policy: async (settings, folder) => (await bot()).policyOf(settings, home, folder),
    onInterrupt: interruptions(),
  };
}

async function doctor(config: LoadedConfig): ReturnType<typeof checkMachine> {
  const settings: ResolvedSettings | undefined = config.ok ? config.settings : undefined;
  const machine = checkMachine({
    configProblems: config.ok ? [] : config.problems,
    stateRoot: settings?.stateRoot,
    makeFolder,
    loadCatalog: settings === undefined ? undefined : async () => (await bot()).catalogOf(settings, home),
    owner: async () => {
      const client = settings === undefined ? undefined : await connectControl(settings.stateRoot);
      client?.close();
      return client?.hello;
    },
    shippedFile: join(home, "package.json"),
    nodeVersion: process.versions.node,
    path: environment["PATH"] ?? "",
    now: systemClock.now(),
  });
  return [...(await machine), ...(settings === undefined ? [] : await slackDoctor(settings))];
}

/** Only where Slack is meant to be used: a token is there, or a setting names one of its channels. */
async function slackDoctor({ slack, channels, operatorChannels }: ResolvedSettings): ReturnType<typeof checkMachine> {
  const tokens = slackTokensOf(environment);
  const named = [...channels, ...operatorChannels].flatMap(({ surface, channel }) =>
    surface === "slack" ? [channel] : [],
  );
  if (named.length === 0 && Object.values(tokens).every((token) => token === undefined)) return [];
  const { checkSlack } = await import("../../adapters/slack/doctor.ts");
  return checkSlack({ ...slack, tokens, channels: named, now: () => systemClock.now() });
}

/** The library is large: it is loaded only where there is a token. */
async function discordAdmin({ discord }: ResolvedSettings) {
  const token = discordTokenOf(environment);
  if (token === undefined) return undefined;
  const { createDiscordAdmin } = await import("../../adapters/discord/admin.ts");
  return createDiscordAdmin({ token, api: discord.apiUrl });
}

async function checkDiscord(config: LoadedConfig): ReturnType<typeof checkMachine> {
  const admin = config.ok ? await discordAdmin(config.settings) : undefined;
  if (!config.ok || admin === undefined) return [];
  const { channels, operatorChannels, discord } = config.settings;
  const named = [...channels, ...operatorChannels].filter(({ surface }) => surface === "discord");
  return admin.check({ ...discord, channels: [...new Set(named.map(({ channel }) => channel))] });
}

/** The first signal asks, the second one ends at once; so does the first where nobody listens. */
function interruptions(): CliWorld["onInterrupt"] {
  const listeners = new Set<() => void>();
  let asked = false;
  const interrupt = (): void => {
    if (asked || listeners.size === 0) process.exit(EXIT.interrupted);
    asked = true;
    for (const listener of listeners) listener();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  return (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
}
