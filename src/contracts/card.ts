import { z } from "zod";
import { Alert } from "./alert.ts";
import { DecisionKind } from "./decision.ts";
import { DecisionId, Instant, RunId, Slug } from "./id.ts";
import { Language } from "./language.ts";
import { ArgumentValue, MacroArgument } from "./macro-argument.ts";
import { Severity } from "./finding.ts";
import { StageKey } from "./stage.ts";

/**
 * Cards are data in a person's language; surfaces render them and decide nothing. Strings are plain text
 * and may hold anything that people or workers wrote: each surface escapes them.
 */
const CardTask = z.object({
  goal: z.string(),
  /** The whole path of the folder; a card's title has its name. */
  workspace: z.string(),
});
export type CardTask = z.infer<typeof CardTask>;

const common = {
  runId: RunId,
  language: Language,
  version: z.number().int().positive(),
  /** What the run is about; absent on cards that were kept before it was said. */
  task: CardTask.optional(),
};

/** Token of a button (at most 100 characters), read back by `commands/token`. */
const Action = z.object({
  token: z.string().max(100),
  label: z.string(),
  style: z.enum(["primary", "normal", "danger"]),
  confirm: z.string().optional(),
});
export type Action = z.infer<typeof Action>;

/** Where the run is now (G21); one a run, edited in place. */
export const NoticeCard = z.object({
  ...common,
  kind: z.literal("notice"),
  title: z.string(),
  /** The five lines of the protocol; and why it waits, where it waits in the queue. */
  lines: z.array(
    z.object({
      /** Cards that were kept before there were keys have none. */
      key: z.enum(["active", "completed", "current", "queued", "next", "blocked"]).optional(),
      label: z.string(),
      value: z.string(),
    }),
  ),
  percent: z.number().int().min(0).max(100),
  startedAt: Instant.default(0),
  updatedAt: Instant.default(0),
  stages: z.array(
    z.object({
      key: StageKey,
      label: z.string(),
      state: z.enum(["pending", "in_progress", "waiting", "completed", "skipped", "failed"]),
      stateLabel: z.string(),
    }),
  ),
  workers: z.array(
    z.object({
      laneId: Slug,
      name: z.string(),
      state: z.enum(["waiting", "running", "succeeded", "failed", "unknown"]),
      stateLabel: z.string(),
      detail: z.string(),
    }),
  ),
  actions: z.array(Action),
});
export type NoticeCard = z.infer<typeof NoticeCard>;

const CardOption = z.object({
  id: z.string(),
  /** A, B, C … for answers by text. */
  letter: z.string(),
  label: z.string(),
  recommended: z.boolean(),
  recommendedBecause: z.string().nullable(),
  rejectedBecause: z.string().nullable(),
  /** Arguments that choosing it sets, over the values below the questions. */
  sets: z.record(z.string(), ArgumentValue),
  /** The five fields with their labels, in order (G7). */
  fields: z.array(z.object({ label: z.string(), value: z.string() })),
});

/** An argument as it can be edited on a card. */
const CardArgument = z.object({
  id: z.string(),
  label: z.string(),
  description: z.string(),
  value: ArgumentValue,
  definition: MacroArgument,
  /** What may be picked, for arguments that are picked from a list. */
  choices: z.array(z.object({ id: z.string(), label: z.string() })).nullable(),
});
export type CardArgument = z.infer<typeof CardArgument>;

/** Pending and resolved share the body; `resolved` says who chose what, when. */
export const DecisionCard = z.object({
  ...common,
  kind: z.literal("decision"),
  decisionId: DecisionId,
  about: DecisionKind,
  title: z.string(),
  /** "Nothing is changed before you answer." */
  assurance: z.string(),
  context: z.array(z.object({ heading: z.string(), lines: z.array(z.string()) })),
  questions: z.array(
    z.object({
      id: z.string(),
      number: z.number().int().positive(),
      title: z.string(),
      after: z.object({ question: z.string(), options: z.array(z.string()) }).nullable(),
      options: z.array(CardOption),
      /** What stands chosen on an open card: what was selected, else the recommended option; null on a resolved one. */
      drafted: z.string().nullable().default(null),
      /** Set on a resolved card. */
      chosen: z.string().nullable(),
    }),
  ),
  args: z.array(CardArgument),
  resolved: z.object({ line: z.string(), at: Instant }).nullable(),
  actions: z.array(Action),
});
export type DecisionCard = z.infer<typeof DecisionCard>;

export const ResultCard = z.object({
  ...common,
  kind: z.literal("result"),
  title: z.string(),
  /** How it ended; `partial`: completed, and not all that was planned could be checked. Absent on cards from before. */
  outcome: z.enum(["completed", "partial", "canceled", "discarded", "refused", "dead_letter"]).optional(),
  /** One sentence: how it ended. */
  headline: z.string(),
  sections: z.array(z.object({ heading: z.string(), lines: z.array(z.string()) })),
  findings: z.array(
    z.object({ severity: Severity, severityLabel: z.string(), place: z.string().nullable(), text: z.string() }),
  ),
  /** How many findings are in the report beyond those listed here. */
  furtherFindings: z.number().int().nonnegative(),
  files: z.array(z.object({ path: z.string(), label: z.string(), sha256: z.string(), bytes: z.number() })),
});
export type ResultCard = z.infer<typeof ResultCard>;

export const DeadLetterCard = z.object({
  ...common,
  kind: z.literal("dead_letter"),
  /** Its stable code, which a line of `sections` names too; absent on a handled letter and on cards from before. */
  code: z.string().optional(),
  title: z.string(),
  headline: z.string(),
  sections: z.array(z.object({ heading: z.string(), lines: z.array(z.string()) })),
  /** What may be changed with a retry, with the values it failed with; empty where no plan had been made yet. */
  args: z.array(CardArgument).default([]),
  /** Retry, Inspect, Discard; none on a handled letter. */
  actions: z.array(Action),
  handled: z.string().nullable(),
});
export type DeadLetterCard = z.infer<typeof DeadLetterCard>;

/** The cards of one run; they stand in its thread and are edited in place. */
export const RunCard = z.discriminatedUnion("kind", [NoticeCard, DecisionCard, ResultCard, DeadLetterCard]);
export type RunCard = z.infer<typeof RunCard>;

/** Something operators must hear of (M3), posted once to each of their channels, and edited there when it is over. */
export const AlertCard = z.object({
  kind: z.literal("alert"),
  /** Null where it concerns no single run. */
  runId: RunId.nullable(),
  language: Language,
  title: z.string(),
  severity: Alert.shape.severity,
  severityLabel: z.string(),
  /** Since when, as a sentence. */
  since: z.string(),
  todo: z.string(),
  /** What it was made of, for places that know the language of each reader; absent on cards from before. */
  alert: Alert.optional(),
  /** It is over: since when, as a sentence. Then there is nothing to do, and `todo` is not shown. */
  resolved: z.object({ line: z.string(), at: Instant }).nullable().default(null),
});
export type AlertCard = z.infer<typeof AlertCard>;

/** Runs that ended, gathered into one message for operators (M5); the oldest first. */
export const DigestCard = z.object({
  kind: z.literal("digest"),
  language: Language,
  title: z.string(),
  /** How many ended, and how. */
  headline: z.string(),
  runs: z.array(z.object({ runId: RunId, goal: z.string(), outcome: z.string() })).min(1),
});
export type DigestCard = z.infer<typeof DigestCard>;

/** Cards for operators alone: they belong to a channel. A digest never changes; an alert changes until it is resolved. */
export const OperatorCard = z.discriminatedUnion("kind", [AlertCard, DigestCard]);
export type OperatorCard = z.infer<typeof OperatorCard>;

export const Card = z.discriminatedUnion("kind", [...RunCard.options, ...OperatorCard.options]);
export type Card = z.infer<typeof Card>;
