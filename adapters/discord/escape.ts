import { plainText } from "../../src/plain-text.ts";

/**
 * Text from people, files and workers as Discord shows it: as it is. No markup, mentions, timestamps, emoji or links
 * that the text made itself. The library's own escapeMarkdown leaves headings, lists, quotes, masked links, mentions
 * and timestamps. Discord takes a backslash before every character that is neither letter, digit nor blank.
 */
export function escaped(text: string): string {
  return (
    plainText(text)
      .replace(/[\\*_~`|[\]<>#]/gu, String.raw`\$&`)
      .replace(/:(?=\/\/)/gu, String.raw`\:`)
      .replace(/\b(?:discord\.gg|www)(?=[./])/giu, "$&\u{2060}")
      // A word joiner is seen by nobody, and neither "@everyone" nor a name is one any more.
      .replace(/@/gu, "@\u{2060}")
      .replace(/^([-+]|\d+(?=[.)]))/u, (mark) => (/\d/u.test(mark) ? `\u{2060}${mark}` : `\\${mark}`))
  );
}

/** Several lines, each escaped for itself. */
export function escapedLines(text: string): string {
  return text.split("\n").map(escaped).join("\n");
}

/** What was escaped, as it was. */
export function unescaped(text: string): string {
  return text.replaceAll("\u{2060}", "").replace(/\\([^\p{L}\p{N}\s])/gu, "$1");
}
