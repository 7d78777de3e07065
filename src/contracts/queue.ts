import { z } from "zod";
import { Actor, Instant, Slug } from "./id.ts";
import { Language } from "./language.ts";

/** The largest weight that a tenant may have, and one over it the smallest. */
export const WEIGHT_LIMIT = 1_000_000;
/** A macro is brought forward or put back by so many steps of priority at most. */
export const STEPS_LIMIT = 4;

const TenantName = z.string().trim().min(1).max(200);
const Weight = z.number().positive().max(WEIGHT_LIMIT);

/** Whose waiting work is meant: that of a tenant, or that of a macro whoever started it. */
export const QueueTarget = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("tenant"), name: TenantName }),
  z.object({ kind: z.literal("macro"), name: Slug }),
]);
export type QueueTarget = z.infer<typeof QueueTarget>;

/** `language`: of the answer, where the one who asks has one. */
const base = { language: Language.optional() };

/** What operators may do to the order of what waits. What runs goes on in every case. */
export const QueueAct = z.discriminatedUnion("kind", [
  /** Nothing more of it starts until it is resumed. */
  z.object({ ...base, kind: z.literal("queue.pause"), target: QueueTarget }),
  z.object({ ...base, kind: z.literal("queue.resume"), target: QueueTarget }),
  /** A tenant: twice the share. A macro: one step of priority more, inside every tenant. */
  z.object({ ...base, kind: z.literal("queue.raise"), target: QueueTarget }),
  /** A tenant: half the share. A macro: one step of priority less. */
  z.object({ ...base, kind: z.literal("queue.lower"), target: QueueTarget }),
  /** The tenant's share relative to the others; null: what the settings say. */
  z.object({ ...base, kind: z.literal("queue.weigh"), tenant: TenantName, weight: Weight.nullable() }),
  /** Before a shutdown: nothing new starts, and what runs ends by itself. Over with the process. */
  z.object({ ...base, kind: z.literal("queue.drain") }),
  /** Takes a drain back. */
  z.object({ ...base, kind: z.literal("queue.undrain") }),
]);
export type QueueAct = z.infer<typeof QueueAct>;

/** What operators have said of the queue; it survives a restart, a drain excepted. */
export const QueueControl = z.object({
  paused: z.array(z.object({ target: QueueTarget, since: Instant, by: Actor })).max(1000),
  /** By tenant, over those of the settings. */
  weights: z.record(z.string(), Weight),
  /** By macro: steps of priority that its work is brought forward (or, below 0, put back). */
  steps: z.record(z.string(), z.number().int().min(-STEPS_LIMIT).max(STEPS_LIMIT)),
  draining: z.object({ since: Instant, by: Actor }).nullable(),
  /** Who did what and when, newest last; by its command id each act counts once. */
  log: z.array(z.object({ id: z.string(), at: Instant, by: Actor, act: QueueAct })).max(1000),
});
export type QueueControl = z.infer<typeof QueueControl>;

export const FREE_QUEUE: QueueControl = { paused: [], weights: {}, steps: {}, draining: null, log: [] };

export function isSameTarget(a: QueueTarget, b: QueueTarget): boolean {
  return a.kind === b.kind && a.name === b.name;
}
