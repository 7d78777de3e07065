import type { RunCard } from "../contracts/card.ts";
import type { CardKind } from "../contracts/effect.ts";
import { isFinished, type Run } from "../contracts/run.ts";
import type { Translator } from "../i18n.ts";
import { deadLetterCard } from "./dead-letter-card.ts";
import { decisionCard, shownDecision } from "./decision-card.ts";
import { noticeCard } from "./notice-card.ts";
import { resultCard } from "./result-card.ts";

/** Which cards a run has now. A handled dead letter keeps its card, which then says what became of it. */
export function cardsOf(run: Run): CardKind[] {
  const { kind } = run.status;
  return [
    "notice",
    ...(shownDecision(run) === undefined ? [] : (["decision"] as const)),
    ...(isFinished(run) ? (["result"] as const) : []),
    ...(kind === "dead_letter" || kind === "discarded" || run.redrives > 0 ? (["dead_letter"] as const) : []),
  ];
}

/** One card of a run in a language; undefined where the run has no such card now. `queued`: see noticeCard. */
export function cardOf(run: Run, kind: CardKind, translator: Translator, queued?: string): RunCard | undefined {
  if (!cardsOf(run).includes(kind)) return undefined;
  switch (kind) {
    case "notice":
      return noticeCard(run, translator, queued);
    case "decision": {
      const decision = shownDecision(run);
      return decision === undefined ? undefined : decisionCard(run, decision, translator);
    }
    case "result":
      return resultCard(run, translator);
    case "dead_letter":
      return deadLetterCard(run, translator);
  }
}
