import { FALLBACK_LANGUAGE, shippedLanguageFor, translatorFor, type Translator } from "../../src/i18n.ts";
import { COLOURS } from "./cards/parts.ts";
import { escapedLines } from "./escape.ts";
import { sheetsOf, textBlocks, type Block, type Sheet } from "./sheet.ts";

/** The language of what is said to one person: the one that the settings fix, else the one of their Discord. */
export function wordsFor(locale: string, fixed: string | undefined): Translator {
  return translatorFor(fixed ?? shippedLanguageFor(locale) ?? FALLBACK_LANGUAGE);
}

/** Plain text of one or more lines as messages; `more` stands below it. */
export function textSheets(text: string, more: readonly Block[] = []): Sheet[] {
  return sheetsOf([...textBlocks(escapedLines(text)), ...more], COLOURS.working);
}
