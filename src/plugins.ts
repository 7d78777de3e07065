import { createRequire } from "node:module";
import { isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { InputError, messageOf } from "./errors.ts";
import type { Log } from "./log.ts";
import type { EventHub } from "./metaagent/event-hub.ts";
import type { SchedulerStrategy } from "./metaagent/strategies/scheduler-strategy.ts";
import type { Plugin, PluginHost } from "./plugin.ts";
import type { AgentRuntime } from "./ports.ts";

/** What all plugins together add to the bot. */
export interface Contributions {
  readonly strategies: readonly SchedulerStrategy[];
  readonly runtimes: readonly AgentRuntime[];
  readonly configFolders: readonly string[];
  /** Attaches the listeners, once there is something to listen to. */
  subscribe(on: EventHub["on"]): void;
}

const PluginModule = z.object({
  plugin: z.custom<Plugin>(
    (value) =>
      z.object({ name: z.string().min(1) }).safeParse(value).success &&
      typeof value === "object" &&
      value !== null &&
      "register" in value &&
      typeof value.register === "function",
    'an export "plugin" with a name and a function "register" was expected',
  ),
});

/**
 * Loads the modules that the setting `plugins` names, in their order: absolute paths, or packages as seen from the
 * bot's working folder. TypeScript is taken as it is outside of `node_modules`. Throws an InputError that names the
 * module, what was expected and how to mend it: a bot without a plugin that it was to have would behave otherwise
 * than its settings say.
 */
export async function loadPlugins(modules: readonly string[], cwd: string, log: Log): Promise<Contributions> {
  const strategies: SchedulerStrategy[] = [];
  const runtimes: AgentRuntime[] = [];
  const configFolders: string[] = [];
  const subscriptions: ((on: EventHub["on"]) => void)[] = [];
  for (const name of modules) {
    const { plugin } = await load(name, cwd);
    const host: PluginHost = {
      on: (event, listener) => void subscriptions.push((on) => on(event, listener, `plugin ${plugin.name}`)),
      addStrategy: (strategy) => void strategies.push(strategy),
      addRuntime: (runtime) => void runtimes.push(runtime),
      addConfigFolder: (folder) => void configFolders.push(absoluteFolder(name, folder)),
      log: log.child({ plugin: plugin.name }),
    };
    try {
      await plugin.register(host);
    } catch (error) {
      throw failed(name, `its "register" threw: ${messageOf(error)}`, error);
    }
  }
  return {
    strategies,
    runtimes,
    configFolders,
    subscribe: (on) => {
      for (const subscribeOne of subscriptions) subscribeOne(on);
    },
  };
}

async function load(name: string, cwd: string): Promise<z.output<typeof PluginModule>> {
  let loaded: unknown;
  try {
    loaded = await import(pathToFileURL(createRequire(join(cwd, "plugins")).resolve(name)).href);
  } catch (error) {
    throw failed(name, messageOf(error).split("\n")[0] ?? "", error);
  }
  const parsed = PluginModule.safeParse(loaded);
  if (parsed.success) return parsed.data;
  throw failed(name, parsed.error.issues.map(({ message }) => message).join("; "));
}

function absoluteFolder(name: string, folder: string): string {
  if (isAbsolute(folder)) return folder;
  throw new Error(`addConfigFolder expects an absolute folder; ${JSON.stringify(folder)} came (plugin ${name})`);
}

function failed(name: string, problem: string, cause?: unknown): InputError {
  return new InputError(
    "plugin.invalid",
    `The plugin ${name} cannot be used: ${problem}. Mend it, or take it out of the setting "plugins".`,
    cause,
  );
}
