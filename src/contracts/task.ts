import { z } from "zod";
import { Actor, Instant, Slug } from "./id.ts";
import { Language } from "./language.ts";
import { ArgumentValue } from "./macro-argument.ts";

/** Longest goal that is taken in; a longer one is refused with this number. */
export const GOAL_LIMIT = 4000;

/** How the questions of a run are answered: by a person, or by a standing instruction that is recorded (G8). */
export const AnswerPolicy = z.enum(["ask", "recommended"]);
export type AnswerPolicy = z.infer<typeof AnswerPolicy>;

/** Where the people of a run are: `thread` is the home thread once there is one. */
export const Binding = z.object({
  surface: Slug,
  channel: z.string().max(200),
  thread: z.string().max(200).optional(),
  role: z.enum(["home", "mirror", "operators"]),
});
export type Binding = z.infer<typeof Binding>;

/** What an operator or a program wants done (M5). */
export const MetaTask = z.object({
  goal: z
    .string()
    .trim()
    .min(1, "say what is to be done, for example: check the health of this repository")
    .max(GOAL_LIMIT, `a goal has at most ${GOAL_LIMIT} characters; put longer material into a file of the workspace`),
  macro: Slug.optional(),
  args: z.record(Slug, ArgumentValue).default({}),
  /** Absolute path of the folder that the run is about. */
  workspace: z.string().min(1).max(4096),
  requestedBy: Actor,
  /** Whose share it counts against; default: the requester. */
  tenant: z.string().min(1).max(200).optional(),
  /** -2 (whenever) to 2 (now, please); orders inside a tenant only. */
  priority: z.number().int().min(-2).max(2).default(0),
  /** Wanted done by then. */
  deadline: Instant.optional(),
  /** Wanted done so many milliseconds after the start; the door makes a deadline of it. */
  withinMs: z
    .number()
    .int()
    .positive()
    .max(366 * 24 * 3600_000)
    .optional(),
  answers: AnswerPolicy.default("ask"),
  /** Answers given in advance, question id → option id; counted as the person's own. */
  presetAnswers: z.record(Slug, Slug).optional(),
  presetArgs: z.record(Slug, ArgumentValue).optional(),
  /** A language that the person chose for this run. */
  language: Language.optional(),
  /** The language that the environment suggests; the weakest source (G9). */
  environmentLanguage: Language.optional(),
  bindings: z.array(Binding).max(20).default([]),
});
export type MetaTask = z.infer<typeof MetaTask>;
/** A task as it is handed in, before the defaults are filled in. */
export type MetaTaskInput = z.input<typeof MetaTask>;
