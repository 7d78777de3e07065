import { z } from "zod";
import { Actor, DecisionId, Instant, Slug } from "./id.ts";
import { ArgumentValue, MacroArgument } from "./macro-argument.ts";
import { OptionEffect } from "./macro.ts";
import { Text } from "./text.ts";

/** What may be chosen now (G3). */
export const ChoiceSurfaceState = z.enum([
  "not_allowed",
  "critical_clarification_allowed",
  "execution_confirmation_allowed",
  "completed",
]);
export type ChoiceSurfaceState = z.infer<typeof ChoiceSurfaceState>;

/** What a question is about; each kind is allowed at its own moments only (G3). */
export const DecisionKind = z.enum([
  "clarification",
  "execution_confirmation",
  "permission",
  "counter_proposal",
  "outcome_unknown",
  "arbitration",
  "policy_violation",
]);
export type DecisionKind = z.infer<typeof DecisionKind>;

export const DecisionOption = z.object({
  id: Slug,
  label: Text,
  changes: Text,
  solves: Text,
  result: Text,
  advantages: Text,
  disadvantages: Text,
  recommended: z.boolean(),
  /** Why it is recommended, from evidence; present on the recommended option only. */
  recommendedBecause: Text.optional(),
  /** Why it cannot be chosen here: shown as the rejected alternative (G5). */
  rejectedBecause: Text.optional(),
  effect: OptionEffect.default({}),
});
export type DecisionOption = z.infer<typeof DecisionOption>;

export const Question = z.object({
  id: Slug,
  title: Text,
  /** Asked only when `question` was answered with one of `options` (G20, linear). */
  after: z.object({ question: Slug, options: z.array(Slug) }).optional(),
  options: z.array(DecisionOption).min(2).max(4),
});
export type Question = z.infer<typeof Question>;

/** Question id → option id. */
export const Answers = z.record(Slug, Slug);
export type Answers = z.infer<typeof Answers>;

/** What stands chosen on an open card, stored as it is selected; what is not named is as recommended. */
export const DecisionDraft = z.object({ answers: Answers, args: z.record(Slug, ArgumentValue) });
export type DecisionDraft = z.infer<typeof DecisionDraft>;

/** More would overwhelm people (G7). */
export const QUESTIONS_A_CARD = 6;

const common = {
  decisionId: DecisionId,
  kind: DecisionKind,
  openedAt: Instant,
  /** What people read before the questions (G7): understanding, additions, evidence, route, candidate paths. */
  context: z.array(z.object({ heading: Text, lines: z.array(Text) })),
  questions: z.array(Question).min(1).max(QUESTIONS_A_CARD),
  /** Arguments that can be edited before approving, with their present values. */
  args: z
    .record(
      Slug,
      z.object({
        definition: MacroArgument,
        value: ArgumentValue,
        /** What a `lanes` argument may name, in words; without it the lanes of its default and present value. */
        choices: z.array(z.object({ id: Slug, label: Text })).optional(),
      }),
    )
    .default({}),
  draft: DecisionDraft.optional(),
  /** What the decision is about, for kinds that concern one lane. */
  laneId: Slug.optional(),
};

/** A card that waits for a person. */
export const OpenDecision = z.object({ ...common, status: z.literal("open") });
export type OpenDecision = z.infer<typeof OpenDecision>;

/** A question card and its life. Unanswered stays open: no time-out answers it. */
export const Decision = z.discriminatedUnion("status", [
  OpenDecision,
  z.object({
    ...common,
    status: z.literal("answered"),
    answers: Answers,
    argsChosen: z.record(Slug, ArgumentValue),
    answeredBy: Actor,
    answeredAt: Instant,
    /** `person`: on the card. `standing_instruction`: the starter had said so in advance (G8). */
    how: z.enum(["person", "standing_instruction"]),
  }),
  /** Never answered, and no longer needed: the run was canceled first. */
  z.object({ ...common, status: z.literal("withdrawn"), withdrawnAt: Instant }),
]);
export type Decision = z.infer<typeof Decision>;
