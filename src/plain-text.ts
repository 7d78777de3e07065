import { stripVTControlCharacters } from "node:util";
import type { Translator } from "./i18n.ts";

/**
 * Text from people, files and workers, made safe to stand in one line of plain text: terminal sequences are
 * taken out, line ends become spaces, and control characters and bidi overrides become visible as U+FFFD.
 */
export function plainText(value: string): string {
  return stripVTControlCharacters(value.toWellFormed())
    .replace(/[\r\n\t\v\f\u{85}\u{2028}\u{2029}]+/gu, " ")
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, "\u{fffd}")
    .trim();
}

/** Text of several lines, made safe to show: as `plainText`, but line ends, tabs and spaces stay as they are. */
export function plainLines(value: string): string {
  return stripVTControlCharacters(value.toWellFormed())
    .replace(/\r\n?|[\v\f\u{85}\u{2028}\u{2029}]/gu, "\n")
    .replace(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, "\u{fffd}");
}

/** The same translator, with everything that it says made safe for plain text. */
export function plainTranslator(translator: Translator): Translator {
  return {
    ...translator,
    t: (key, params) => plainText(translator.t(key, params)),
    say: (text) => plainText(translator.say(text)),
    list: (items) => plainText(translator.list(items)),
  };
}

/** At most `limit` characters; what was cut is marked. For titles, where the whole text stands elsewhere. */
export function shorten(value: string, limit: number): string {
  const characters = Array.from(value);
  return characters.length <= limit
    ? value
    : `${characters
        .slice(0, limit - 1)
        .join("")
        .trimEnd()}…`;
}
