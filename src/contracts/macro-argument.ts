import { z } from "zod";
import { Slug } from "./id.ts";
import { LocalizedText } from "./text.ts";

const argumentBase = { title: LocalizedText, description: LocalizedText.optional() };

/** An argument of a macro; people can edit it on the card before they approve. */
export const MacroArgument = z.discriminatedUnion("type", [
  z.object({
    ...argumentBase,
    type: z.literal("integer"),
    default: z.number().int(),
    min: z.number().int().optional(),
    max: z.number().int().optional(),
    allowLeadingDash: z.boolean().optional(),
  }),
  z.object({
    ...argumentBase,
    type: z.literal("string"),
    default: z.string().max(1000),
    maxLength: z.number().int().positive().max(1000).default(200),
    /** A regular expression for the whole value. */
    pattern: z.string().optional(),
    /** What the pattern means, for the people whose value it refuses: "a folder of the workspace, without ..". */
    patternHint: LocalizedText.optional(),
    /** May a value that begins with `-` be a whole word of a command? A program could take it for an option. */
    allowLeadingDash: z.boolean().optional(),
  }),
  z.object({ ...argumentBase, type: z.literal("boolean"), default: z.boolean() }),
  z.object({
    ...argumentBase,
    type: z.literal("choice"),
    default: z.string(),
    choices: z.array(z.string()).min(2),
    /** What people read instead of a choice's id. */
    labels: z.record(z.string(), LocalizedText).optional(),
  }),
  /** Which of the macro's lanes the option "my own selection" of the scope question dispatches. */
  z.object({ ...argumentBase, type: z.literal("lanes"), default: z.array(Slug) }),
]);
export type MacroArgument = z.infer<typeof MacroArgument>;

export const ArgumentValue = z.union([
  z.string().max(1000),
  z.number(),
  z.boolean(),
  z.array(z.string().max(200)).max(100),
]);
export type ArgumentValue = z.infer<typeof ArgumentValue>;
