import type { EventOf } from "../contracts/event.ts";
import type { WorkspaceEvidence } from "../contracts/evidence.ts";
import type { LearnedCost, OwnerRecord, Scar } from "../contracts/operations.ts";
import type { Run } from "../contracts/run.ts";
import type { PolicyFor } from "../policy/compile.ts";
import type { Catalog } from "../ports.ts";

export type { Catalog };

/** What every step of a stage is given. Steps are pure: what they need from outside is gathered before. */
export interface StepInput {
  readonly run: Run;
  readonly at: number;
  readonly catalog: Catalog;
  readonly policyFor: PolicyFor;
  /** Learned costs by `macro/lane`. */
  readonly costs: Readonly<Record<string, LearnedCost>>;
  /** Process scars of earlier runs, newest last. */
  readonly scars: readonly Scar[];
  /** How owners did at lanes, by `macro/lane/owner`. */
  readonly owners: Readonly<Record<string, OwnerRecord>>;
  /** Languages that cards can be shown in. */
  readonly languages: readonly string[];
}

/** Fetch is given what was seen in the workspace. */
export interface FetchInput extends StepInput {
  readonly evidence: WorkspaceEvidence;
}

/** Review and Verification are given what they compare with, read afresh after the work. */
export interface ReviewInput extends StepInput {
  /** `<laneId>\n<path>` → lines of the file in the lane's copy; undefined where there is no such text file. */
  readonly lines: ReadonlyMap<string, readonly string[] | undefined>;
  /** Path of an artifact → its hash and size now; undefined where it is gone. */
  readonly artifacts: ReadonlyMap<string, { readonly sha256: string; readonly bytes: number } | undefined>;
}

export interface VerificationInput extends ReviewInput {
  /** The workspace's fingerprint now; undefined where it could not be taken. */
  readonly fingerprint: string | undefined;
}

export type StepEventKind =
  | "critical.completed"
  | "fetch.completed"
  | "thinking.framed"
  | "thinking.answered"
  | "thinking.planned"
  | "review.completed"
  | "meta_review.completed"
  | "verification.completed"
  | "evolution.completed";

/** A step's event without what the one who performs it adds: id, time and fence. */
export type StepResult<K extends StepEventKind> = K extends StepEventKind
  ? Omit<EventOf<K>, "id" | "at" | "dispatchId" | "attempt">
  : never;
