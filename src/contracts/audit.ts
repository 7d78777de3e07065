import { z } from "zod";
import { Actor, Instant, Sha256 } from "./id.ts";

/** Name of the trail of what belongs to no single run, beside those of the runs. */
export const OPERATIONS_TRAIL = "operations";

/**
 * One entry of an audit trail (M2), of a run or of the operations: who did what, or what came of it. Entries are chained: each holds the hash
 * of the one before, and its own hash over everything else in it.
 */
export const AuditEntry = z.object({
  /** From 1, without gaps. */
  number: z.number().int().positive(),
  at: Instant,
  /** Of the event or command: it stands in the trail once, however often it was delivered. */
  id: z.string(),
  /** Kind of the event; of a command that is no run's, its kind; or `command.refused`. */
  what: z.string(),
  by: Actor.optional(),
  /** The dispatch or decision that it was about. */
  subject: z.string().optional(),
  /** Version of the run after it; absent where it is of no run. */
  version: z.number().int().positive().optional(),
  detail: z.record(z.string(), z.json()),
  /** Hash of the entry before; zeros before the first. */
  previous: Sha256,
  hash: Sha256,
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** Where the trail ends, as the document of the run or of the operations knows it: a trail that was cut shows. */
export const AuditHead = z.object({
  number: z.number().int().nonnegative(),
  hash: Sha256,
  /** The newest entries, which may not be in the file yet: it is written after the document, and mended from here after a crash. */
  tail: z.array(AuditEntry),
});
export type AuditHead = z.infer<typeof AuditHead>;

/** What is wrong with a trail, at the first entry that is. */
export interface AuditFault {
  readonly kind: "changed" | "removed" | "reordered" | "cut" | "added";
  readonly number: number;
}

/** A trail, and whether it is as it was written. */
export interface AuditVerdict {
  /** As far as they can be trusted. */
  readonly entries: AuditEntry[];
  readonly fault: AuditFault | undefined;
  /** Entries that a crash left out of the file; the document holds them, and the next write mends the file. */
  readonly mendable: number;
}
