import { z } from "zod";

/** What may stand in a message's placeholders. A nested text is put into words in the same language. */
export type TextParam = string | number | boolean | Text | Text[];

/**
 * Words for people, not yet in a language: a catalogue key, a text that a file brings in several languages,
 * or raw text from outside (goals, file names, output), which surfaces escape. Placeholders are ICU.
 */
export type Text =
  | { kind: "key"; key: string; params?: Record<string, TextParam> | undefined }
  | { kind: "localized"; byLanguage: Record<string, string>; params?: Record<string, TextParam> | undefined }
  | { kind: "raw"; raw: string };

const TextParamSchema: z.ZodType<TextParam> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), Text, z.array(Text)]),
);

export const Text: z.ZodType<Text> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("key"),
      key: z.string(),
      params: z.record(z.string(), TextParamSchema).optional(),
    }),
    z.object({
      kind: z.literal("localized"),
      byLanguage: z.record(z.string(), z.string()),
      params: z.record(z.string(), TextParamSchema).optional(),
    }),
    z.object({ kind: z.literal("raw"), raw: z.string() }),
  ]),
);

/** Words in the shipped languages, keyed by tag. English is required; placeholders are ICU. */
export const LocalizedText = z.object({ en: z.string().min(1).max(500) }).catchall(z.string().min(1).max(500));
export type LocalizedText = z.infer<typeof LocalizedText>;

/** A text from outside, shown as it is (escaped by the surface). */
export function raw(value: string): Text {
  return { kind: "raw", raw: value };
}

/** "1 author", "2 authors": for details that stay English. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
