import { Locale } from "discord-api-types/v10";

const LOCALES = new Map<string, Locale>(Object.values(Locale).map((locale) => [locale, locale]));

/** A language that Discord can be set to, by its tag. */
export function localeNamed(tag: string): Locale {
  const locale = LOCALES.get(tag);
  if (locale === undefined) throw new Error(`${tag} is no language of Discord`);
  return locale;
}
