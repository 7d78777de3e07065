import type { Log } from "./log.ts";
import type { MetaAgentEvents } from "./metaagent/events.ts";
import type { SchedulerStrategy } from "./metaagent/strategies/scheduler-strategy.ts";
import type { AgentRuntime } from "./ports.ts";

/**
 * What a plugin is given, once, before the bot works on anything. A plugin runs inside the bot with all its rights:
 * name only modules in the settings that you trust as you trust the bot.
 */
export interface PluginHost {
  /** Subscribes to what happens in the control plane (M11). A slow or throwing listener stops no run. */
  on<K extends keyof MetaAgentEvents>(name: K, listener: (payload: MetaAgentEvents[K]) => void): void;
  /** A further order of waiting work, for the setting `strategy` (M10). */
  addStrategy(strategy: SchedulerStrategy): void;
  /** A further way to run agents: those whose file says `runtime: <kind>`. */
  addRuntime(runtime: AgentRuntime): void;
  /** An absolute folder with `macros/` and `agents/` (*.yaml); it comes after the shipped one and before the user's. */
  addConfigFolder(folder: string): void;
  readonly log: Log;
}

/** What a module that the setting `plugins` names exports as `plugin`. */
export interface Plugin {
  /** For the log and for messages about it. */
  readonly name: string;
  register(host: PluginHost): void | Promise<void>;
}
