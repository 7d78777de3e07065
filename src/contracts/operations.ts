import { z } from "zod";
import { Alert } from "./alert.ts";
import { AgentCard } from "./agent.ts";
import { AuditHead } from "./audit.ts";
import { OperatorCard } from "./card.ts";
import { RunSummary } from "./document.ts";
import { Instant, RunId } from "./id.ts";
import { Language } from "./language.ts";
import { FREE_QUEUE, QueueControl } from "./queue.ts";
import { Binding } from "./task.ts";

/** The fair share that a tenant has used; survives a restart, so that a restart forgives no debt. */
export const FlowTag = z.object({
  /** Finish tag of its last work, in virtual time. */
  finish: z.number().nonnegative(),
  weight: z.number().positive(),
  updatedAt: Instant,
});
export type FlowTag = z.infer<typeof FlowTag>;

/** Learned cost of one kind of work: exponentially weighted mean of milliseconds. */
export const LearnedCost = z.object({ meanMs: z.number().positive(), samples: z.number().int().positive() });
export type LearnedCost = z.infer<typeof LearnedCost>;

/** An alert and its life: where it was shown, so that it is edited there, and since when it is over. */
export const AlertRecord = Alert.extend({
  resolvedAt: Instant.optional(),
  shown: z
    .array(z.object({ surface: z.string(), channel: z.string(), thread: z.string(), message: z.string() }))
    .default([]),
});
export type AlertRecord = z.infer<typeof AlertRecord>;

/** How the pieces of work of a macro end: the newest ones by themselves, so that they can be held against the rest. */
export const MacroQuality = z.object({
  /** The last ones, oldest first: `+` ended well, `-` failed. */
  recent: z.string().regex(/^[+-]{0,20}$/),
  /** Of all before these, exponentially weighted: 0 (none) to 1. */
  failureRate: z.number().min(0).max(1),
  samples: z.number().int().nonnegative(),
});
export type MacroQuality = z.infer<typeof MacroQuality>;

/** How one owner did at one lane of a macro, the last times: `+` it did the work, `-` it failed. */
export const OwnerRecord = z.object({ recent: z.string().regex(/^[+-]{0,10}$/), at: Instant });
export type OwnerRecord = z.infer<typeof OwnerRecord>;

/** What went wrong with the process of a run; `macroId` is absent where it was kept before that was noted. */
export const Scar = z.object({
  at: Instant,
  runId: z.string(),
  macroId: z.string().optional(),
  /** Of which run it was; absent where that was not noted yet, and then it is told to nobody. */
  workspace: z.string().optional(),
  goal: z.string().optional(),
  kind: z.string(),
  detail: z.string(),
});
export type Scar = z.infer<typeof Scar>;

/** A message for operators on its way. */
export const OperatorPost = z.object({
  /** The same key is the same message, however often its delivery is repeated. */
  key: z.string(),
  card: OperatorCard,
  /** Where it has not arrived yet. */
  to: z.array(Binding).min(1),
});
export type OperatorPost = z.infer<typeof OperatorPost>;

/** A run that ended and waits for the digest of one channel. */
export const DigestLine = z.object({
  to: Binding,
  runId: RunId,
  goal: z.string(),
  status: RunSummary.shape.status,
  findings: z.number().int().nonnegative(),
  language: Language,
  gatheredAt: Instant,
});
export type DigestLine = z.infer<typeof DigestLine>;

/** What belongs to no single run (M2): small, one document, one atomic write. */
export const OperationsDocument = z.object({
  schemaVersion: z.literal(1),
  virtualTime: z.number().nonnegative(),
  flows: z.record(z.string(), FlowTag),
  /** By `macro/lane`; see `costNameOf`. */
  costs: z.record(z.string(), LearnedCost),
  alerts: z.array(AlertRecord).max(1000),
  /** By macro. */
  macros: z.record(z.string(), MacroQuality).default({}),
  /** The agents that this bot knows, as last loaded. */
  agents: z.array(AgentCard),
  /** Small numbers over time: telemetry snapshots, newest last. */
  telemetry: z
    .array(
      z.object({
        at: Instant,
        queued: z.number().int(),
        running: z.number().int(),
        waiting: z.number().int(),
        deadLetters: z.number().int(),
        completed: z.number().int(),
      }),
    )
    .max(1000),
  /** Process scars: what went wrong with the process itself, kept for later runs (G33). */
  scars: z.array(Scar).max(1000),
  /** Hits and misses of capabilities, by `macro/lane/owner`. */
  owners: z.record(z.string(), OwnerRecord).default({}),
  operatorPosts: z.array(OperatorPost).max(1000).default([]),
  digest: z
    .object({
      lines: z.array(DigestLine),
      /** Keys of the lines that went into the last digests, so that a repeated delivery gathers none twice. */
      told: z.array(z.string()).max(1000),
    })
    .default({ lines: [], told: [] }),
  queueControl: QueueControl.default(FREE_QUEUE),
  /** End of the trail of what belongs to no run: what operators did to the queue, and commands refused without a run. */
  audit: AuditHead.optional(),
  /** Ids of the last refused commands in that trail: a redelivery stands there once. */
  refused: z.array(z.string()).max(200).default([]),
});
export type OperationsDocument = z.infer<typeof OperationsDocument>;

export const EMPTY_OPERATIONS: OperationsDocument = {
  schemaVersion: 1,
  virtualTime: 0,
  flows: {},
  costs: {},
  alerts: [],
  macros: {},
  agents: [],
  telemetry: [],
  scars: [],
  owners: {},
  operatorPosts: [],
  digest: { lines: [], told: [] },
  queueControl: FREE_QUEUE,
  refused: [],
};
