/** One word of a command line that was typed into a chat. */
export interface TypedWord {
  /** Without its quotes. */
  readonly value: string;
  /** As it was typed, with its quotes. */
  readonly typed: string;
  /** What stood between it and the word before. */
  readonly gap: string;
}

/** Quotes that open a word, with what closes them. Chat programs put curly ones where people type straight ones. */
const QUOTES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "“": "”",
  "„": "“”",
  "‘": "’",
  "「": "」",
  "『": "』",
};

/**
 * Splits at blanks. A quote opens at the start of a word or after `=` and nowhere else, so that "it's" is a word;
 * backslashes mean themselves, so that paths stay whole. Undefined where a quote is not closed.
 *
 * Parsers for shells (shell-quote, string-argv) take an apostrophe for an open quote and know no curly ones.
 */
export function splitWords(text: string): TypedWord[] | undefined {
  const words: TypedWord[] = [];
  let at = 0;
  while (at < text.length) {
    const start = at;
    while (at < text.length && isBlank(text.charAt(at))) at += 1;
    const gap = text.slice(start, at);
    if (at === text.length) break;
    const from = at;
    let value = "";
    while (at < text.length && !isBlank(text.charAt(at))) {
      const closing = at === from || text.charAt(at - 1) === "=" ? QUOTES[text.charAt(at)] : undefined;
      if (closing === undefined) {
        value += text.charAt(at);
        at += 1;
        continue;
      }
      const end = closingAt(text, at + 1, closing);
      if (end === undefined) return undefined;
      value += text.slice(at + 1, end);
      at = end + 1;
    }
    words.push({ value, typed: text.slice(from, at), gap });
  }
  return words;
}

/** Where the quote closes; the apostrophe of "it's" closes none. */
function closingAt(text: string, from: number, closing: string): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (!closing.includes(character)) continue;
    if (!"'’".includes(character) || !/[\p{L}\p{N}]/u.test(text.charAt(at + 1))) return at;
  }
  return undefined;
}

function isBlank(character: string): boolean {
  return /\s/u.test(character);
}
