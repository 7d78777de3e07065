import type { RunSummary } from "../src/contracts/document.ts";

/** How many runs ended of themselves, and how many people stopped. */
export function endedWords(runs: readonly RunSummary[]): string {
  const count = (wanted: RunSummary["status"]): number => runs.filter(({ status }) => status === wanted).length;
  return `${count("completed")} / ${count("canceled")}`;
}

export function statesWords(runs: readonly RunSummary[]): string {
  return [...Map.groupBy(runs, ({ status }) => status)].map(([status, of]) => `${status} ${of.length}`).join(", ");
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

/** Calls a run, each kind a row, the most frequent first. */
export function callRows(kinds: readonly string[], runs: number): string[][] {
  return [...Map.groupBy(kinds, (kind) => kind)]
    .toSorted((a, b) => b[1].length - a[1].length)
    .map(([kind, of]) => [kind, (of.length / runs).toFixed(2)]);
}
