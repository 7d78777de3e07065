import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";

/** Cuts a line to so many columns; wide characters count two, and a cut is marked. */
export function fitLine(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  if (columns <= 1) return "…".slice(0, Math.max(0, columns));
  const [first = ""] = wrapAnsi(text, columns - 1, { hard: true, trim: false, wordWrap: false }).split("\n");
  return `${first.trimEnd()}…`;
}

/** Fills a text with spaces up to so many columns. */
export function padLine(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - stringWidth(text)));
}

/** Breaks a text into lines of at most so many columns. */
export function wrapLines(text: string, columns: number): string[] {
  return wrapAnsi(text, Math.max(10, columns), { hard: true }).split("\n");
}

export function widthOf(text: string): number {
  return stringWidth(text);
}
