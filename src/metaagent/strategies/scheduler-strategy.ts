import type { Work } from "../../contracts/dispatch.ts";
import type { QueueEntry } from "../../contracts/document.ts";
import type { DispatchId, Instant, RunId } from "../../contracts/id.ts";
import type { Risk } from "../../contracts/macro.ts";
import type { Text } from "../../contracts/text.ts";

/** From the configuration: how many dispatches may run at once. Slots limit the whole process. */
export interface ConcurrencyLimits {
  readonly perTenant: number;
  readonly perMacro: number;
}

/** What a strategy may look at. All of it is known when the dispatch is queued. */
export interface PlacementRequest {
  readonly dispatchId: DispatchId;
  readonly runId: RunId;
  readonly tenant: string;
  /** The tenant's share relative to the others. */
  readonly weight: number;
  /** -2 (whenever) to 2 (now, please). */
  readonly priority: number;
  readonly deadline: Instant | undefined;
  readonly queuedAt: Instant;
  readonly risk: Risk;
  /** Foresight: what this kind of work took before, or its author's guess. */
  readonly expectedMs: number;
  readonly work: Work["kind"];
  /** Absolute path of the workspace that the run is about. */
  readonly workspace: string;
  /** Does it write into the workspace itself? Then it has the workspace to itself. */
  readonly writesWorkspace: boolean;
  /** Null until Critical has chosen one. */
  readonly macroId: string | null;
  /** How many workers the run's people chose to have at once; null for what is no worker of the run. */
  readonly runConcurrency: number | null;
  readonly limits: ConcurrencyLimits;
  /** Waiting this long counts as much as one step of priority. */
  readonly ageStepMs: number;
}

/** A place in the fair queue; see QueueEntry. */
export type Placement = Pick<QueueEntry, "flow" | "order" | "costMs" | "weight" | "groups">;

/**
 * Decides where a dispatch stands in the queue (M10). Pure: the same request gives the same place, so that a
 * restart changes no order. What may run at once is decided by the groups, and by nothing else; they are those of
 * `concurrencyGroups`. One that throws is replaced by the default for that dispatch, and operators are told.
 */
export interface SchedulerStrategy {
  /** The name in the configuration. */
  readonly name: string;
  /** By which rule some go before others, in a clause for people: between tenants, and inside one. */
  readonly rules: { readonly between: Text; readonly inside: Text };
  place(request: PlacementRequest): Placement;
}
