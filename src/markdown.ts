import { plainText } from "./plain-text.ts";

/** Private-use characters around what shall become a code span; see `markdownLine`. */
const OPEN = "\u{e000}";
const CLOSE = "\u{e001}";

/** Marks a path, command or hash inside a sentence; `markdownLine` makes a code span of it. */
export function quoted(value: string): string {
  return OPEN + value.replaceAll(OPEN, "").replaceAll(CLOSE, "") + CLOSE;
}

/**
 * A sentence as one line of Markdown that shows just that text (CommonMark, GFM): no markup, no HTML, no links
 * that the text made itself, and nobody mentioned. What was `quoted` becomes a code span. Each part is either
 * escaped or in a span, so text from outside that holds the marks itself does no harm.
 */
export function markdownLine(sentence: string): string {
  return plainText(sentence)
    .split(new RegExp(`${OPEN}([^${OPEN}${CLOSE}]*)${CLOSE}`, "u"))
    .map((part, at) => (at % 2 === 1 ? codeSpan(part) : escaped(part, at === 0)))
    .join("");
}

function escaped(text: string, atStart: boolean): string {
  const inline = text
    .replace(/[\\`*_[\]<>#|~&!$]/g, String.raw`\$&`)
    .replace(/:(?=\/\/)/g, String.raw`\:`)
    .replace(/\bwww\./gi, (match) => `${match.slice(0, -1)}\\.`)
    // A backslash does not keep GitHub from notifying people; a word joiner does.
    .replace(/@/g, "@\u{2060}");
  if (!atStart) return inline;
  return inline.replace(/^(\d+)([.)])/, String.raw`$1\$2`).replace(/^[-+=]/, String.raw`\$&`);
}

function codeSpan(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = "`".repeat(longest + 1);
  // One space at both ends is taken off again by Markdown; without it a tick at an end would join the fence.
  const pad = /^[` ]|[` ]$/.test(text) ? " " : "";
  return text.trim() === "" ? "" : `${fence}${pad}${text}${pad}${fence}`;
}
