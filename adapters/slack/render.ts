import type { Card } from "../../src/contracts/card.ts";
import { translatorFor } from "../../src/i18n.ts";
import { plainText, plainTranslator, shorten } from "../../src/plain-text.ts";
import { escapeMarkup } from "./escape.ts";
import { LIMITS } from "./limits.ts";
import { renderDecision } from "./cards/decision.ts";
import { renderNotice, type NoticeStyle } from "./cards/notice.ts";
import { renderAlert, renderDigest } from "./cards/operator.ts";
import { renderDeadLetter, renderResult } from "./cards/result.ts";
import type { Rendered } from "./rendered.ts";

/** Any card as a Slack message within all limits. */
export function render(card: Card, style: NoticeStyle): Rendered {
  const rendered = renderCard(card, style);
  return { ...rendered, text: escapeMarkup(shorten(plainText(rendered.text), LIMITS.notificationCharacters)) };
}

function renderCard(card: Card, style: NoticeStyle): Rendered {
  const words = plainTranslator(translatorFor(card.language));
  switch (card.kind) {
    case "notice":
      return renderNotice(card, style, words);
    case "decision":
      return renderDecision(card, words);
    case "result":
      return renderResult(card, words);
    case "dead_letter":
      return renderDeadLetter(card, words);
    case "alert":
      return renderAlert(card, words);
    case "digest":
      return renderDigest(card, words);
  }
}
