import { z } from "zod";
import { DeadLetterCard, DecisionCard, NoticeCard, ResultCard } from "./card.ts";
import { Failure } from "./failure.ts";
import { Finding } from "./finding.ts";
import { RunSummary } from "./document.ts";
import { RunStatusEnvelope } from "./envelope.ts";
import { Actor, DispatchId, Instant, RunId, Slug } from "./id.ts";
import { Text } from "./text.ts";
import { Artifact } from "./worker.ts";

/** A run as people and programs see it: no packets, no protocol fields. */
export const RunView = z.object({
  summary: RunSummary,
  version: z.number().int().positive(),
  requestedBy: Actor,
  /** Since when the open question waits for an answer; null where none is open. */
  askedAt: Instant.nullable(),
  /** What is worked on now, and since when; `laneId` is null for a stage's own work and for checks. */
  working: z.array(z.object({ laneId: Slug.nullable(), since: Instant })),
  envelope: RunStatusEnvelope,
  notice: NoticeCard,
  /** The open question, or the last answered one. */
  decision: DecisionCard.nullable(),
  result: ResultCard.nullable(),
  deadLetter: DeadLetterCard.nullable(),
  failure: Failure.nullable(),
  findings: z.array(Finding),
  artifacts: z.array(Artifact),
  /** Absolute folder of the run's files on the machine of the bot. */
  folder: z.string(),
});
export type RunView = z.infer<typeof RunView>;

/** What a watcher of a run gets. */
export const RunWatchMessage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("view"), view: RunView }),
  /** Something keeps the run from moving that no saved state can tell, such as a full disk. */
  z.object({ kind: z.literal("trouble"), runId: RunId, text: Text }),
  z.object({
    kind: z.literal("progress"),
    runId: RunId,
    dispatchId: DispatchId,
    laneId: z.string(),
    done: z.number(),
    total: z.number().nullable(),
    text: Text.nullable(),
  }),
]);
export type RunWatchMessage = z.infer<typeof RunWatchMessage>;

export const QueueView = z.object({
  strategy: z.string(),
  running: z.array(z.object({ dispatchId: DispatchId, runId: RunId, flow: z.string() })),
  waiting: z.array(
    z.object({
      position: z.number().int().positive(),
      dispatchId: DispatchId,
      runId: RunId,
      flow: z.string(),
      notBefore: z.number().nullable(),
      /** The limits that are reached now and that it counts in: `slots`, or the name of a group (`tenant:…`). */
      heldBy: z.array(z.object({ limit: z.string(), value: z.number().int().positive() })),
    }),
  ),
  waitingTotal: z.number().int().nonnegative(),
});
export type QueueView = z.infer<typeof QueueView>;
