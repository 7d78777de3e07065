/** Words that say nothing about what somebody can do. */
const EMPTY_WORDS = new Set(
  "a an and any are as at be by for from how in into is it its of on or that the their this to what which with 的 了 和 与 在 是".split(
    " ",
  ),
);
const WORDS = new Intl.Segmenter("en", { granularity: "word" });

/** The telling words of a text: lower case, singular, without filling words. Works for Chinese as well. */
export function significantTerms(text: string): Set<string> {
  const words = [...WORDS.segment(text.normalize("NFKC").toLowerCase())];
  return new Set(
    words.flatMap(({ segment, isWordLike }) =>
      isWordLike === true && !EMPTY_WORDS.has(segment) ? [singular(segment)] : [],
    ),
  );
}

function singular(word: string): string {
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  return word.length > 3 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}
