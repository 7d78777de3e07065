import type { RunSummary } from "../contracts/document.ts";
import type { Actor, RunId } from "../contracts/id.ts";
import type { Translator } from "../i18n.ts";
import type { Door, Query } from "../ports.ts";

/** Which dead letters are meant: those of a macro, those that failed with a code, or both at once. */
export interface LetterFilter {
  readonly macro?: string | undefined;
  readonly code?: string | undefined;
}

/** What came of a retry of many: nothing is claimed of those that were refused. */
export interface BulkRetry {
  /** Taken up again now, or by an earlier delivery of the same command. */
  readonly retried: readonly RunId[];
  readonly refused: readonly { readonly runId: RunId; readonly message: string }[];
}

const PAGE = 500;

/** All dead letters that the filter means, newest first. */
export async function lettersBy(query: Query, filter: LetterFilter): Promise<RunSummary[]> {
  const found: RunSummary[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const { runs } = await query.runs({ status: "dead_letter", limit: PAGE, offset });
    found.push(...runs.filter((letter) => isMeant(letter, filter)));
    if (runs.length < PAGE) return found;
  }
}

/** Whether the filter means a dead letter. */
export function isMeant({ macroId, failureCode }: RunSummary, { macro, code }: LetterFilter): boolean {
  return (macro === undefined || macroId === macro) && (code === undefined || failureCode === code);
}

/**
 * Sends all dead letters back to work that the filter means, each by a command of its own whose id follows from
 * `commandId`: asked for twice, each is retried once. The door decides on each, and keeps the record of who asked.
 */
export async function retryLetters(
  { door, query }: { readonly door: Door; readonly query: Query },
  filter: LetterFilter,
  { commandId, by }: { readonly commandId: string; readonly by: Actor },
): Promise<BulkRetry> {
  const retried: RunId[] = [];
  const refused: { runId: RunId; message: string }[] = [];
  for (const { runId } of await lettersBy(query, filter)) {
    const reply = await door.handle({ kind: "dead_letter.retry", id: `${commandId}:${runId}`, by, runId });
    if (reply.kind === "refused") refused.push({ runId, message: reply.message });
    else retried.push(runId);
  }
  return { retried, refused };
}

/** How many of how many, and why the others were not; the same reason is said once. */
export function bulkRetryLines({ retried, refused }: BulkRetry, words: Translator): string[] {
  const total = retried.length + refused.length;
  if (total === 0) return [words.t("dead_letters.bulk.none")];
  const reasons = new Map<string, number>();
  for (const { message } of refused) reasons.set(message, (reasons.get(message) ?? 0) + 1);
  return [
    words.t("dead_letters.bulk.done", { done: retried.length, total }),
    ...[...reasons].map(([reason, count]) => words.t("dead_letters.bulk.refused", { count, reason })),
  ];
}
