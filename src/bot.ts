import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { loadCatalog } from "../adapters/catalog/load-catalog.ts";
import { systemClock } from "../adapters/clock/system-clock.ts";
import { readTrail } from "../adapters/engine/embedded/audit-file.ts";
import { createEmbeddedEngine } from "../adapters/engine/embedded/embedded-engine.ts";
import { createRunFiles } from "../adapters/engine/embedded/run-files.ts";
import { createMachine } from "../adapters/machine/machine.ts";
import { createCommandRuntime } from "../adapters/runtime/command/command-runtime.ts";
import { createGitWorkspace } from "../adapters/workspace/git-workspace.ts";
import type { Environment, ResolvedSettings } from "./config.ts";
import type { Alert } from "./contracts/alert.ts";
import type { Actor } from "./contracts/id.ts";
import type { Text } from "./contracts/text.ts";
import { CoxswainError } from "./errors.ts";
import { createLog, type Log } from "./log.ts";
import { allowedWorkspaces } from "./metaagent/allowed-workspaces.ts";
import { verifyTrail } from "./metaagent/audit.ts";
import { refusalsFrom, rolesFrom, rolesWith } from "./metaagent/authorize.ts";
import { createMetaAgent, type MetaAgent } from "./metaagent/index.ts";
import type { AlertThresholds } from "./metaagent/monitor.ts";
import { createScheduler, type Scheduler } from "./metaagent/scheduler.ts";
import type { SchedulerStrategy } from "./metaagent/strategies/scheduler-strategy.ts";
import { STRATEGIES, strategyNamed } from "./metaagent/strategies/strategy-named.ts";
import { loadPlugins, type Contributions } from "./plugins.ts";
import { tenantsFrom } from "./metaagent/tenants.ts";
import { whoMayFrom } from "./metaagent/who-may.ts";
import { compilePolicy } from "./policy/compile.ts";
import type { AuditOf, Catalog, Engine, RefusalOf, RunFiles, Surface } from "./ports.ts";

export interface BotOptions {
  readonly settings: ResolvedSettings;
  /** Source of what workers may see of the environment, and of the secrets that are masked. */
  readonly environment: Environment;
  /** Coxswain's own folder: the one that holds `config/`. */
  readonly home: string;
  readonly surfaces: readonly Surface[];
  /** Groups that somebody is in, by which roles are given as well. */
  readonly membershipsOf?: (actor: Actor) => readonly string[];
  /** By what people know a user or a group of a surface. */
  readonly nameOf?: (actor: Actor) => string | undefined;
  /** What keeps surfaces from working now; `open` are the alerts that are not over. */
  readonly surfaceTroubles?: (open: readonly Alert[]) => readonly Alert[];
  readonly log: Log;
}

/** The owner of a state root. */
export interface Bot {
  readonly metaAgent: MetaAgent;
  readonly catalog: Catalog;
  readonly files: RunFiles;
  readonly refusalOf: RefusalOf;
  readonly auditOf: AuditOf;
  /** Parks all runs, ends the workers, flushes, and gives the state root free. */
  stop(): Promise<void>;
}

/** Macros, agents and capability indexes: what is shipped, and the folders of the settings. Throws an InputError. */
export async function catalogOf(settings: ResolvedSettings, home: string): Promise<Catalog> {
  return (await equip(settings, home, createLog("silent"))).catalog;
}

/** The plugins, and the catalogue with what they add to it. */
async function equip(
  settings: ResolvedSettings,
  home: string,
  log: Log,
): Promise<{ catalog: Catalog; plugins: Contributions }> {
  const plugins = await loadPlugins(settings.plugins, process.cwd(), log);
  const shipped = join(home, "config");
  const catalog = await loadCatalog({
    configFolders: [shipped, ...plugins.configFolders, ...settings.configFolders],
    capabilityIndexFiles: [
      { layer: "coxswain", path: join(shipped, "capability-index", "coxswain-capabilities.json") },
    ],
    furtherRuntimes: plugins.runtimes.map(({ kind }) => kind),
    onNotice: (notice) => log.info(notice),
  });
  return { catalog, plugins };
}

/** The rules that hold for a workspace now, at its commit; reads, and changes nothing. */
export async function policyOf(settings: ResolvedSettings, home: string, folder: string) {
  const { policyRules } = await catalogOf(settings, home);
  const { workFolder, stateRoot } = settings;
  const workspace = createGitWorkspace({
    root: workFolder,
    clock: systemClock,
    log: createLog("silent"),
    ownFolders: [stateRoot],
  });
  const { revision, ruleFiles, gaps } = await workspace.inspect(folder, new AbortController().signal);
  return { policy: compilePolicy(policyRules, ruleFiles), revision, gaps: gaps.filter(isAboutRules) };
}

function isAboutRules(gap: Text): boolean {
  return gap.kind === "key" && gap.key.startsWith("workspace.gap.rule");
}

/**
 * Becomes the owner of the state root and puts all parts together; works on nothing before `metaAgent.start`.
 * Rejects with `engine.root_in_use` where another process is the owner.
 */
export async function openBot(options: BotOptions): Promise<Bot> {
  const { settings, environment, home, log } = options;
  const { stateRoot, workFolder } = settings;
  const { catalog, plugins } = await equip(settings, home, log);
  const { engine, scheduler } = await openEngine(settings, plugins.strategies, log);
  const files = createRunFiles(stateRoot);
  const rolesOf = rolesWith(rolesFrom(settings.roles), options.membershipsOf ?? (() => []));
  const whoMay = whoMayFrom(settings.roles, options.nameOf ?? (() => undefined));
  const metaAgent = createMetaAgent(
    {
      engine,
      files,
      workspace: createGitWorkspace({ root: workFolder, clock: systemClock, log, ownFolders: [stateRoot] }),
      runtimes: [
        createCommandRuntime({ environment, log, clock: systemClock, graceMs: settings.graceMs }),
        ...plugins.runtimes,
      ],
      surfaces: options.surfaces,
      catalog,
      clock: systemClock,
      machine: createMachine(stateRoot),
      log,
      random: Math.random,
      newId: randomUUID,
      slots: settings.slots,
      retry: settings.retry,
      undoMs: settings.undoMs,
      operatorChannels: settings.operatorChannels,
      alerts: thresholdsOf(settings),
      digestMs: settings.operators.digestMinutes * 60_000,
      rolesOf,
      whoMay,
      surfaceTroubles: options.surfaceTroubles ?? (() => []),
      tenantOf: tenantsFrom(settings.tenants, options.membershipsOf),
      tokenCostMs: settings.tokenCostMs,
      mayUseWorkspace: allowedWorkspaces(settings),
      automationChannel: settings.automation.channel,
      toolLanguage: settings.language === "auto" ? undefined : settings.language,
      placeholders: { node: process.execPath, root: home },
    },
    scheduler,
  );
  plugins.subscribe(metaAgent.on);
  return {
    metaAgent,
    catalog,
    files,
    refusalOf: refusalsFrom(rolesOf, whoMay),
    auditOf: async (runId) => {
      const stored = await readTrail(stateRoot, runId);
      return stored === undefined ? undefined : verifyTrail(stored.lines, stored.head);
    },
    async stop() {
      await metaAgent.stop();
      await engine.close();
    },
  };
}

function thresholdsOf({ alerts }: ResolvedSettings): AlertThresholds {
  return {
    waitingDispatches: alerts.waitingDispatches,
    unansweredMs: alerts.unansweredMinutes * 60_000,
    stalledMs: alerts.stalledMinutes * 60_000,
    undeliveredMs: alerts.undeliveredMinutes * 60_000,
    freeBytes: alerts.freeMegabytes * 1024 ** 2,
    loopLagMs: alerts.loopLagMs,
    failurePercent: alerts.failurePercent,
  };
}

/** The engine offers what it has saved while it opens, so the fair order is made of its shares on the way. */
async function openEngine(
  settings: ResolvedSettings,
  strategies: readonly SchedulerStrategy[],
  log: Log,
): Promise<{ engine: Engine; scheduler: Scheduler }> {
  const { weights, limits, ageStepMs } = settings;
  const strategy = strategyNamed(settings.strategy, [...STRATEGIES, ...strategies]);
  let scheduler: Scheduler | undefined;
  const engine: Engine = await createEmbeddedEngine({
    root: settings.stateRoot,
    queue: (tags) => {
      scheduler = createScheduler({ strategy, weights, limits, ageStepMs }, tags, () => engine.operations());
      return scheduler.queue;
    },
    clock: systemClock,
    log,
    sliceMs: settings.sliceMs,
  });
  if (scheduler === undefined) throw new CoxswainError("bot.no_queue", "The engine has asked for no queue.");
  return { engine, scheduler };
}
