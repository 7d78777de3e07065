import type { Alert } from "../contracts/alert.ts";
import type { RunId } from "../contracts/id.ts";
import type { Run } from "../contracts/run.ts";
import type { Binding } from "../contracts/task.ts";
import type { Log } from "../log.ts";
import type { PolicyFor } from "../policy/compile.ts";
import type { AgentRuntime, Catalog, Clock, Engine, Machine, RunFiles, Surface, Workspace } from "../ports.ts";
import type { MayUseWorkspace } from "./allowed-workspaces.ts";
import type { RolesOf } from "./authorize.ts";
import type { EventHub } from "./event-hub.ts";
import type { Scheduler } from "./scheduler.ts";
import type { AlertThresholds } from "./monitor.ts";
import type { State } from "./state.ts";
import type { TenantOf } from "./tenants.ts";
import type { Troubles } from "./troubles.ts";
import type { WhoMay } from "./who-may.ts";

/** How failures are tried again; see `retryDelay`. */
export interface RetryPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
  readonly attempts: number;
}

/** Everything that the control plane stands on; the composition root fills it in. */
export interface MetaAgentDeps {
  readonly engine: Engine;
  readonly files: RunFiles;
  readonly workspace: Workspace;
  readonly runtimes: readonly AgentRuntime[];
  readonly surfaces: readonly Surface[];
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly log: Log;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly newId: () => string;
  readonly slots: number;
  readonly retry: RetryPolicy;
  /** How long a permission to write can be taken back before it is acted on. */
  readonly undoMs: number;
  readonly operatorChannels: readonly Binding[];
  /** From when on a state of affairs is an alert. */
  readonly alerts: AlertThresholds;
  /** How long results are gathered for operators into one message; 0: each is posted by itself. */
  readonly digestMs: number;
  readonly rolesOf: RolesOf;
  readonly whoMay: WhoMay;
  /** What keeps surfaces from working now; `open` are the alerts that are not over. */
  readonly surfaceTroubles: (open: readonly Alert[]) => readonly Alert[];
  readonly tenantOf: TenantOf;
  /** What a thousand tokens count as, in milliseconds of a worker. */
  readonly tokenCostMs: number;
  readonly mayUseWorkspace: MayUseWorkspace;
  /** Where runs that programs start get their thread; null: nowhere. */
  readonly automationChannel: Binding | null;
  /** A language that the host has selected for everything (G9); undefined: the person's own. */
  readonly toolLanguage: string | undefined;
  /** What `{node}` and `{root}` mean in an agent's argv. */
  readonly placeholders: Readonly<Record<"node" | "root", string>>;
}

/** The same with the parts that the control plane makes for itself. */
export interface Control extends MetaAgentDeps {
  readonly state: State;
  readonly events: EventHub;
  readonly scheduler: Scheduler;
  readonly troubles: Troubles;
  readonly policyFor: PolicyFor;
  /** Why a run waits in the queue, in its own language, for its notice; live only. */
  readonly queuedLines: ReadonlyMap<RunId, string>;
}

/**
 * Milliseconds to wait before attempt `attempt` + 1: anything between 0 and min(max, base · 2ⁿ), so that what failed
 * together does not come back together. The one rule for every retry ("full jitter": M. Brooker, Exponential Backoff
 * and Jitter, AWS Architecture Blog, 2015).
 */
export function retryDelay(
  { baseMs, maxMs }: Pick<RetryPolicy, "baseMs" | "maxMs">,
  attempt: number,
  random: number,
): number {
  return Math.round(random * Math.min(maxMs, baseMs * 2 ** (attempt - 1)));
}

/** How a run's failures are tried again: its macro's own words over the settings (M7). */
export function retryOf({ retry, catalog }: Pick<MetaAgentDeps, "retry" | "catalog">, run: Run): RetryPolicy {
  const macroId = run.packets.taskClassification?.macroId;
  const own = catalog.macros.find((macro) => macro.id === macroId)?.retry ?? {};
  return {
    baseMs: own.baseMs ?? retry.baseMs,
    maxMs: own.maxMs ?? retry.maxMs,
    attempts: own.attempts ?? retry.attempts,
  };
}
