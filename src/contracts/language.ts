import { z } from "zod";

export const Language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "a BCP 47 tag such as en or zh-CN");
export type Language = z.infer<typeof Language>;

export const LanguageSource = z.enum([
  "tool_selected",
  "explicit_output_choice",
  "intent_gate",
  "card_decision",
  "delivery_shell",
  "latest_user_input",
  "environment",
  "not_resolved",
]);
export type LanguageSource = z.infer<typeof LanguageSource>;

/** Which language people are spoken to in, and why (G9). */
export const LanguageResolution = z.object({ language: Language, source: LanguageSource });
export type LanguageResolution = z.infer<typeof LanguageResolution>;
