import type { Binding } from "../contracts/task.ts";
import type { Log } from "../log.ts";
import type { AgentRuntime, Catalog, Clock, Engine, RunFiles, Surface, Workspace } from "../ports.ts";
import type { MayUseWorkspace } from "./allowed-workspaces.ts";
import type { RolesOf } from "./authorize.ts";
import type { EventHub } from "./event-hub.ts";
import type { State } from "./state.ts";

/** How failures are tried again: min(max, base · 2ⁿ) · (0.5 + random/2), so that every engine behaves alike. */
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
  readonly log: Log;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly newId: () => string;
  readonly slots: number;
  readonly retry: RetryPolicy;
  /** How long a permission to write can be taken back before it is acted on. */
  readonly undoMs: number;
  readonly operatorChannels: readonly Binding[];
  /** How long results are gathered for operators into one message; 0: each is posted by itself. */
  readonly digestMs: number;
  readonly rolesOf: RolesOf;
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
}

/** Milliseconds to wait before attempt `attempt` + 1, with full use of the jitter's upper half. */
export function retryDelay(policy: RetryPolicy, attempt: number, random: number): number {
  const exponential = Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1));
  return Math.round(exponential * (0.5 + random / 2));
}
