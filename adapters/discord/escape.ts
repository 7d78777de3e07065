import { plainText } from "../../src/plain-text.ts";

/** Seen by nobody; what it stands in or before is no markup any more. */
export const WORD_JOINER = "\u{2060}";

/**
 * Text from people, files and workers as Discord shows it: as it is. No markup, mentions, timestamps, emoji or links
 * that the text made itself. The library's own escapeMarkdown leaves headings, lists, quotes, masked links, mentions
 * and timestamps. Discord takes a backslash before every character that is neither letter, digit nor blank.
 */
export function escaped(text: string): string {
  return plainText(text)
    .replace(/[\\*_~`|[\]<>#]/gu, String.raw`\$&`)
    .replace(/:(?=\/\/)/gu, String.raw`\:`)
    .replace(/\b(?:discord\.gg|www)(?=[./])/giu, `$&${WORD_JOINER}`)
    .replace(/@/gu, `@${WORD_JOINER}`)
    .replace(/^([-+]|\d+(?=[.)]))/u, (mark) => (/\d/u.test(mark) ? `${WORD_JOINER}${mark}` : `\\${mark}`));
}

/** Several lines, each escaped for itself. */
export function escapedLines(text: string): string {
  return text.split("\n").map(escaped).join("\n");
}

/** What was escaped, as it was. */
export function unescaped(text: string): string {
  return text.replaceAll(WORD_JOINER, "").replace(/\\([^\p{L}\p{N}\s])/gu, "$1");
}
