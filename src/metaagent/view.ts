import { cardOf } from "../cards/cards-of.ts";
import { blockedBy } from "../cards/notice-card.ts";
import { verdictIn } from "../cards/verdict-words.ts";
import type { DeadLetterCard, DecisionCard, ResultCard } from "../contracts/card.ts";
import { summaryOf, type RunDocument } from "../contracts/document.ts";
import type { Text } from "../contracts/text.ts";
import type { RunView } from "../contracts/view.ts";
import { CoxswainError } from "../errors.ts";
import { translatorFor } from "../i18n.ts";
import { envelopeOf } from "../spine/projection.ts";

/**
 * A run as people and programs see it; `folder` is the run's folder on this machine, `trouble` what keeps it from being
 * saved, `queued` why it waits.
 */
export function viewOf(document: RunDocument, folder: string, trouble: Text | null, queued?: string): RunView {
  const { run } = document;
  const words = translatorFor(run.language.language);
  const notice = cardOf(run, "notice", words, queued);
  if (notice?.kind !== "notice") throw new CoxswainError("view.no_notice", `${run.runId} has no notice.`);
  return {
    summary: summaryOf(document),
    version: run.version,
    requestedBy: run.task.requestedBy,
    askedAt: run.decisions.find((decision) => decision.status === "open")?.openedAt ?? null,
    working: run.dispatches.flatMap((dispatch) =>
      dispatch.status === "started"
        ? [{ laneId: dispatch.work.kind === "lane" ? dispatch.work.laneId : null, since: dispatch.startedAt }]
        : [],
    ),
    envelope: envelopeOf(run, words),
    notice: trouble === null ? notice : blockedBy(notice, trouble, words),
    decision: pick<DecisionCard>(cardOf(run, "decision", words), "decision"),
    result: pick<ResultCard>(cardOf(run, "result", words), "result"),
    deadLetter: pick<DeadLetterCard>(cardOf(run, "dead_letter", words), "dead_letter"),
    failure: run.status.kind === "dead_letter" ? run.status.failure : null,
    findings: run.packets.reviewPacket?.findings ?? run.packets.contentEvidencePacket?.answer?.findings ?? [],
    verdict: verdictIn(run) ?? null,
    artifacts: run.artifacts,
    trouble,
    folder,
  };
}

function pick<C extends { kind: string }>(card: { kind: string } | undefined, kind: C["kind"]): C | null {
  return isCard<C>(card, kind) ? card : null;
}

function isCard<C extends { kind: string }>(card: { kind: string } | undefined, kind: C["kind"]): card is C {
  return card?.kind === kind;
}
