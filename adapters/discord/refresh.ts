import type { RunCard } from "../../src/contracts/card.ts";
import type { RunId } from "../../src/contracts/id.ts";
import type { RunView } from "../../src/contracts/view.ts";
import type { Clock, Query } from "../../src/ports.ts";
import type { Answer } from "./answer.ts";
import { contentOf, type Board, type Posted } from "./board.ts";
import { sheetsOfCard } from "./cards/card.ts";
import type { Sheet } from "./sheet.ts";

interface RefreshParts {
  readonly board: Board;
  readonly query: Query;
  readonly clock: Clock;
}

/**
 * Redraws the message whose control was used with what is saved now, as the answer to the click: that counts in no
 * rate limit. Where this process does not know the message (after a restart), the card's own delivery redraws it.
 */
export async function refresh({ board, query, clock }: RefreshParts, answer: Answer, message: string): Promise<void> {
  const key = board.keyOf(message);
  const posted = key === undefined ? undefined : board.get(key);
  const at = posted?.messages.findIndex(({ id }) => id === message) ?? -1;
  const view = posted?.runId === null || posted === undefined ? undefined : await query.run(posted.runId);
  const card = posted === undefined || view === undefined ? undefined : cardOf(view, posted);
  const sheet = card === undefined ? undefined : sheetsOfCard(card)[at];
  if (key === undefined || posted === undefined || card === undefined || sheet === undefined) return answer.pass();
  if (!(await answer.update(sheet))) return;
  const messages = posted.messages.with(at, { id: message, content: contentOf(sheet), isBare: false });
  board.set(key, { ...posted, messages, version: card.version, writtenAt: clock.now() });
}

/**
 * The part of an open question on which a control stands, as it is saved now: for a selection that was refused. Nothing
 * has changed then that would redraw the card, and the control would go on showing what does not stand.
 */
export async function sheetWith(query: Query, runId: RunId, customId: string): Promise<Sheet | undefined> {
  const card = (await query.run(runId))?.decision ?? undefined;
  const sheets = card === undefined ? [] : sheetsOfCard(card);
  return sheets.find(({ components }) => JSON.stringify(components).includes(`"${customId}"`));
}

/** The card as it is now; undefined where the message shows another question than the one of today. */
function cardOf({ notice, decision, deadLetter }: RunView, { kind, decisionId }: Posted): RunCard | undefined {
  switch (kind) {
    case "notice":
      return notice;
    case "decision":
      return decision !== null && decision.decisionId === decisionId ? decision : undefined;
    case "dead_letter":
      return deadLetter ?? undefined;
    case "result":
    case "alert":
    case "digest":
      return undefined;
  }
}
