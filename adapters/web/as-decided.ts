import type { Card } from "../../src/contracts/card.ts";
import type { RunView } from "../../src/contracts/view.ts";
import type { Thread } from "./thread.ts";

/**
 * The thread with the run's cards as they are saved now, where those ask for less than what was posted. The posting
 * follows a moment later; until then a page would show buttons again to whoever has just clicked one.
 */
export function asDecided(thread: Thread, run: RunView | undefined): Thread {
  if (run === undefined) return thread;
  const saved = [run.notice, run.decision, run.deadLetter];
  const entries = thread.entries.map((entry) => {
    if (entry.kind !== "card") return entry;
    const newer = saved.find((card) => card !== null && replaces(card, entry.card));
    return newer ? { ...entry, card: newer } : entry;
  });
  return { ...thread, entries };
}

function replaces(saved: Card, posted: Card): boolean {
  if (saved.kind === "notice" && posted.kind === "notice") return saved.version > posted.version;
  if (saved.kind === "decision" && posted.kind === "decision") {
    return saved.decisionId === posted.decisionId && saved.resolved !== null && posted.resolved === null;
  }
  if (saved.kind !== "dead_letter" || posted.kind !== "dead_letter") return false;
  return saved.handled !== null && posted.handled === null && saved.version > posted.version;
}
