import { SHIPPED_LANGUAGES, shippedLanguageFor, translatorFor, type ShippedLanguage } from "../../src/i18n.ts";
import type { Desk } from "./desk.ts";

/** The choice that leaves it to the language of one's Slack. */
export const AS_IN_SLACK = "auto";

/** What somebody can choose to be spoken to in, by its own name. */
export function languageChoices(): readonly { readonly language: ShippedLanguage; readonly name: string }[] {
  return SHIPPED_LANGUAGES.map((language) => ({ language, name: ownNameOf(language) }));
}

/**
 * Keeps a person's language for all that they start and are told from now on (G9: an explicit choice). Resolves, when
 * it is durable, with a word in that language; undefined where it is none of ours, and nothing was changed.
 */
export async function chooseLanguage(desk: Desk, user: string, tag: string): Promise<string | undefined> {
  const language = tag === AS_IN_SLACK ? undefined : shippedLanguageFor(tag);
  if (language === undefined && tag !== AS_IN_SLACK) return undefined;
  await desk.journal.keepLanguage(user, language);
  if (language === undefined) return "";
  const words = translatorFor(desk.language ?? language);
  return words.t(desk.language === undefined ? "slack.language_set" : "slack.language_fixed", {
    language: ownNameOf(language),
  });
}

function ownNameOf(language: string): string {
  return new Intl.DisplayNames(language, { type: "language" }).of(language) ?? language;
}
