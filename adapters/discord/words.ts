import { FALLBACK_LANGUAGE, shippedLanguageFor, translatorFor, type Translator } from "../../src/i18n.ts";
import { COLOURS } from "./cards/parts.ts";
import { escapedLines } from "./escape.ts";
import { sheetsOf, textBlocks, type Block, type Sheet } from "./sheet.ts";

/** The language of what is said to somebody: the one that the settings fix, else the first of these that there is. */
export function wordsFor(fixed: string | undefined, ...locales: readonly (string | undefined)[]): Translator {
  const spoken = locales.find((locale) => locale !== undefined && shippedLanguageFor(locale) !== undefined);
  return translatorFor(fixed ?? spoken ?? FALLBACK_LANGUAGE);
}

/** Plain text of one or more lines as messages; `more` stands below it. */
export function textSheets(text: string, more: readonly Block[] = []): Sheet[] {
  return sheetsOf([...textBlocks(escapedLines(text)), ...more], COLOURS.working);
}
