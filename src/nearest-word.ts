/**
 * The known word that was probably meant (Levenshtein 1966), in whatever case it was typed; undefined: none is within
 * its reach, the number of letters by which it may differ.
 */
export function nearestWord(
  typed: string,
  words: readonly string[],
  reach: (word: string) => number,
): string | undefined {
  const [nearest] = words
    .map((word) => ({ word, away: distance(typed.toLowerCase(), word.toLowerCase()) }))
    .filter(({ word, away }) => away <= reach(word))
    .toSorted((a, b) => a.away - b.away);
  return nearest?.word;
}

/** How many letters have to be put in, taken out or exchanged. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [line, letter] of Array.from(from).entries()) {
    const next = [line + 1];
    for (const [at, other] of Array.from(to).entries()) {
      const exchanged = (row[at] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
