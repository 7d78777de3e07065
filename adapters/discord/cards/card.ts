import type { Card } from "../../../src/contracts/card.ts";
import type { Sheet } from "../sheet.ts";
import { decisionSheets } from "./decision.ts";
import { noticeSheets } from "./notice.ts";
import { alertSheets, deadLetterSheets, digestSheets } from "./operators.ts";
import { resultSheets } from "./result.ts";

/** A card as the messages that show it: one, or several where it does not fit into one. */
export function sheetsOfCard(card: Card): Sheet[] {
  switch (card.kind) {
    case "notice":
      return noticeSheets(card);
    case "decision":
      return decisionSheets(card);
    case "result":
      return resultSheets(card);
    case "dead_letter":
      return deadLetterSheets(card);
    case "alert":
      return alertSheets(card);
    case "digest":
      return digestSheets(card);
  }
}
