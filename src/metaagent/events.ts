import type { Alert } from "../contracts/alert.ts";
import type { Command } from "../contracts/command.ts";
import type { DecisionKind } from "../contracts/decision.ts";
import type { Work } from "../contracts/dispatch.ts";
import type { RunDocument } from "../contracts/document.ts";
import type { Effect } from "../contracts/effect.ts";
import type { RunEvent } from "../contracts/event.ts";
import type { Actor, DecisionId, DispatchId, Instant, RunId } from "../contracts/id.ts";
import type { QueueControl } from "../contracts/queue.ts";
import type { RunStatus } from "../contracts/run.ts";
import type { StageKey } from "../contracts/stage.ts";
import type { Text } from "../contracts/text.ts";
import type { Progress } from "../ports.ts";

/** Which run an event is about, as metrics label it. */
export interface OfRun {
  readonly runId: RunId;
  readonly at: Instant;
  readonly tenant: string;
  /** Null until Critical has chosen one. */
  readonly macroId: string | null;
}

/** Which piece of work. Each attempt is a dispatch with an id of its own. */
export interface OfDispatch extends OfRun {
  readonly dispatchId: DispatchId;
  readonly work: Work;
  readonly attempt: number;
  readonly agent: string;
}

/**
 * What observers may subscribe to (M11): one map for console, notices, metrics and plugins. Payloads are to be read,
 * never changed. Everything is told after it was durable, except where it says "live only". Durations are milliseconds
 * by the bot's clock, and never below 0.
 */
export interface MetaAgentEvents {
  /** A run changed. What follows from the change comes right after it, as the events below. */
  "run.changed": { readonly document: RunDocument; readonly event: RunEvent };
  /** A run began, or moved between active, waiting for a person, dead letter, and the ways of ending. */
  "run.status": OfRun & {
    readonly from: RunStatus["kind"] | null;
    readonly to: RunStatus["kind"];
    /** Since the start of the run. */
    readonly ageMs: number;
  };
  /** A worker got on; live only. */
  "run.progress": {
    readonly runId: RunId;
    readonly dispatchId: DispatchId;
    readonly laneId: string;
    readonly progress: Progress;
  };
  /** What the notice of a waiting run says of the queue has changed; live only. */
  "run.queued": { readonly runId: RunId };
  /** What was done could not be saved, and is tried again; live only, since nothing can be saved. */
  "run.trouble": { readonly runId: RunId; readonly text: Text };
  /** Somebody asked for something and was answered; `code` says why it was refused. */
  "command.handled": {
    readonly at: Instant;
    readonly command: Command["kind"];
    readonly by: Actor;
    readonly runId: RunId | null;
    readonly outcome: "accepted" | "already" | "done" | "refused";
    readonly code: string | null;
    readonly durationMs: number;
  };

  "stage.entered": OfRun & { readonly stage: StageKey };
  "stage.left": OfRun & { readonly stage: StageKey; readonly durationMs: number };

  /** `retry`: it takes the place of an attempt that failed or was interrupted, and starts at `notBefore` at the earliest. */
  "dispatch.queued": OfDispatch & { readonly retry: boolean; readonly notBefore: Instant | null };
  "dispatch.started": OfDispatch & { readonly waitMs: number };
  "dispatch.ended": OfDispatch & {
    readonly outcome: "succeeded" | "failed" | "outcome_unknown" | "canceled" | "blocked";
    /** Null where it never started. */
    readonly waitMs: number | null;
    readonly durationMs: number | null;
    /** Code of the failure. */
    readonly code: string | null;
  };

  "decision.opened": OfRun & { readonly decisionId: DecisionId; readonly about: DecisionKind };
  "decision.closed": OfRun & {
    readonly decisionId: DecisionId;
    readonly about: DecisionKind;
    /** `withdrawn`: nobody answered, and it is not needed any more. */
    readonly how: "person" | "standing_instruction" | "withdrawn";
    readonly by: Actor | null;
    readonly ageMs: number;
  };

  "dead_letter.opened": OfRun & { readonly stage: StageKey; readonly code: string };
  "dead_letter.closed": OfRun & { readonly how: "retried" | "discarded" | "canceled"; readonly ageMs: number };

  "alert.raised": { readonly alert: Alert };
  "alert.resolved": { readonly alert: Alert; readonly at: Instant };

  /** An operator changed the order of what waits. */
  "queue.changed": QueueControl["log"][number];

  /** An effect was carried out, or was not; what failed is tried again. */
  "effect.delivered": {
    readonly at: Instant;
    /** Null for what belongs to no single run. */
    readonly runId: RunId | null;
    readonly effect: Effect["kind"] | "operator_post";
    /** Null for effects that go to no surface. */
    readonly surface: string | null;
    readonly method: "post" | "edit" | null;
    /** Since it was saved; null where that is not known. */
    readonly ageMs: number | null;
    readonly durationMs: number;
    /** `postponed`: the surface said when to come again; nothing is wrong. */
    readonly outcome: "delivered" | "postponed" | "failed";
    /** Code of the error. */
    readonly code: string | null;
  };
}

export type EventName = keyof MetaAgentEvents;

/** One event with its name, for whoever takes several. */
export type MetaAgentEvent = {
  [K in EventName]: { readonly name: K; readonly payload: MetaAgentEvents[K] };
}[EventName];
