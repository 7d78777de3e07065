import { z } from "zod";
import { Answers } from "./decision.ts";
import { Actor, DecisionId, RunId, Slug } from "./id.ts";
import { Language } from "./language.ts";
import { ArgumentValue } from "./macro-argument.ts";
import { QueueAct } from "./queue.ts";
import { MetaTask } from "./task.ts";

/** Longest reason for giving a run up. */
export const REASON_LIMIT = 1000;

/** `id` is unique per click, event or call of a surface: a redelivered command acts once. */
const base = { id: z.string().min(1).max(300), by: Actor };

const [pause, resume, raise, lower, weigh, drain, undrain] = QueueAct.options;
const queueCommands = [
  pause.extend(base),
  resume.extend(base),
  raise.extend(base),
  lower.extend(base),
  weigh.extend(base),
  drain.extend(base),
  undrain.extend(base),
] as const;

/** Everything that a person or a machine can ask for, from any surface. */
export const Command = z.discriminatedUnion("kind", [
  z.object({ ...base, kind: z.literal("run.start"), task: MetaTask }),
  z.object({ ...base, kind: z.literal("run.cancel"), runId: RunId }),
  z.object({
    ...base,
    kind: z.literal("decision.answer"),
    runId: RunId,
    /** Which card was answered; without it the open one is meant. */
    decisionId: DecisionId.optional(),
    /**
     * `recommended` takes the recommended option of every question, `drafted` what stands chosen: what was selected,
     * and the recommended option where nothing was.
     */
    answers: z.union([Answers, z.literal("recommended"), z.literal("drafted")]),
    args: z.record(Slug, ArgumentValue).default({}),
    /** Said before there was a card: nobody has seen it (G8). */
    inAdvance: z.boolean().optional(),
  }),
  /**
   * Stores what somebody selected on the open card, so that every surface shows it and Confirm means it. For surfaces
   * whose controls do not travel with the button that confirms. Decides nothing.
   */
  z.object({
    ...base,
    kind: z.literal("decision.select"),
    runId: RunId,
    decisionId: DecisionId,
    /** The questions that were answered now; the others stay as they are. */
    answers: Answers.default({}),
    args: z.record(Slug, ArgumentValue).default({}),
  }),
  /** Takes a permission back while the run still waits to act on it; the question is then open again. */
  z.object({ ...base, kind: z.literal("decision.undo"), runId: RunId }),
  /** Somebody said something in the run's thread; the run follows the language of who speaks last (G9). */
  z.object({ ...base, kind: z.literal("run.message"), runId: RunId, text: z.string().max(20_000) }),
  z.object({ ...base, kind: z.literal("language.set"), runId: RunId, language: Language }),
  z.object({
    ...base,
    kind: z.literal("dead_letter.retry"),
    runId: RunId,
    /** Arguments that are changed by it, checked as the macro defines them; absent: as they were. */
    args: z.record(Slug, ArgumentValue).optional(),
  }),
  z.object({
    ...base,
    kind: z.literal("dead_letter.discard"),
    runId: RunId,
    reason: z.string().trim().min(1).max(REASON_LIMIT),
  }),
  /** What operators do to the queue; of no single run. */
  ...queueCommands,
]);
export type Command = z.infer<typeof Command>;
export type CommandInput = z.input<typeof Command>;

/** What came of a command. A refusal is an answer with a stable code, never an exception. */
export const CommandReply = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("accepted"), runId: RunId, version: z.number().int().positive() }),
  /** It had been done before: a redelivery or a second click. Nothing was changed. */
  z.object({ kind: z.literal("already"), runId: RunId, message: z.string() }),
  /** Done, where no single run is meant; the sentence says what holds now. */
  z.object({ kind: z.literal("done"), message: z.string() }),
  z.object({ kind: z.literal("refused"), code: z.string(), message: z.string() }),
]);
export type CommandReply = z.infer<typeof CommandReply>;
