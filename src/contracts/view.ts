import { z } from "zod";
import { DeadLetterCard, DecisionCard, NoticeCard, ResultCard } from "./card.ts";
import { Failure } from "./failure.ts";
import { Finding } from "./finding.ts";
import { RunSummary } from "./document.ts";
import { RunStatusEnvelope } from "./envelope.ts";
import { Actor, DispatchId, Instant, RunId, Slug } from "./id.ts";
import { QueueTarget } from "./queue.ts";
import { Text } from "./text.ts";
import { Verdict } from "./verdict.ts";
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
  /** The one answer of a completed run whose macro gives one. */
  verdict: Verdict.nullable().default(null),
  artifacts: z.array(Artifact),
  /** What keeps the run from moving that no saved state can tell, such as a full disk; null where nothing does. */
  trouble: Text.nullable().default(null),
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

/** Runs that go first: how many, and the first few of them. */
const RunsAhead = z.object({ count: z.number().int().nonnegative(), runs: z.array(RunId) });

/** When something that waits will start, or why nobody can say. Nothing is invented. */
export const StartEstimate = z.discriminatedUnion("kind", [
  /** From what is ahead of it, by the measured cost of such work, in the places that there are. */
  z.object({ kind: z.literal("estimated"), at: Instant, inMs: z.number().int().nonnegative() }),
  /** Something ahead of it was never measured, or takes longer than ever before. */
  z.object({ kind: z.literal("no_history") }),
  /** Not before an operator resumes it. */
  z.object({ kind: z.literal("held") }),
  /** No bot runs, and no program works on it. */
  z.object({ kind: z.literal("nobody") }),
]);
export type StartEstimate = z.infer<typeof StartEstimate>;

export const QueueView = z.object({
  strategy: z.string(),
  /** By which rule some go first: between tenants, and inside one. */
  rules: z.object({ between: Text, inside: Text }),
  slots: z.number().int().positive(),
  /** Since when nothing new starts, because the bot is to be stopped; null: it is not. */
  drainingSince: Instant.nullable(),
  paused: z.array(z.object({ target: QueueTarget, since: Instant, by: Actor })),
  /** What operators have set; tenants and macros that are not named stand where the settings put them. */
  weights: z.record(z.string(), z.number()),
  steps: z.record(z.string(), z.number()),
  running: z.array(
    z.object({
      dispatchId: DispatchId,
      runId: RunId,
      flow: z.string(),
      tenant: z.string(),
      macroId: z.string().nullable(),
    }),
  ),
  waiting: z.array(
    z.object({
      position: z.number().int().positive(),
      dispatchId: DispatchId,
      runId: RunId,
      flow: z.string(),
      tenant: z.string(),
      macroId: z.string().nullable(),
      queuedAt: Instant.nullable(),
      notBefore: z.number().nullable(),
      /** The limits that are reached now and that it counts in: `slots`, or the name of a group (`tenant:…`). */
      heldBy: z.array(z.object({ limit: z.string(), value: z.number().int().positive() })),
      /** What of it operators have paused. */
      paused: z.array(QueueTarget),
      /** Other runs that go first: of its own tenant by the rule inside one, of others by the rule between them. */
      ahead: z.object({ own: RunsAhead, others: RunsAhead }),
      start: StartEstimate,
    }),
  ),
  waitingTotal: z.number().int().nonnegative(),
});
export type QueueView = z.infer<typeof QueueView>;

/** State that was found damaged, and where it was put. */
export const SetAside = z.object({
  /** The run, or `operations`. */
  name: z.string(),
  /** Absolute folder that holds it, with the reason. */
  folder: z.string(),
  reason: z.string(),
});
export type SetAside = z.infer<typeof SetAside>;
