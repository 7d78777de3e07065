import type { Card } from "../../src/contracts/card.ts";
import { translatorFor } from "../../src/i18n.ts";
import { plainTranslator } from "../../src/plain-text.ts";
import type { NoticeStyle } from "./cards/notice.ts";
import { decisionView } from "./modals/decision.ts";
import { discardView, retryView } from "./modals/notes.ts";
import { INERT } from "./poster.ts";
import { render } from "./render.ts";

interface Preview {
  readonly messages: readonly object[];
  readonly isWhole: boolean;
  readonly opened: readonly { readonly by: string; readonly views: readonly object[] }[];
}

/**
 * What `chat.postMessage` is given for a card, but for where it goes; whether all of the card is on the message; and
 * the forms that its buttons open, the first page of each.
 */
export function previewInSlack(card: Card, style: NoticeStyle): Preview {
  const { text, blocks, isWhole } = render(card, style);
  return { messages: [{ ...INERT, text, blocks }], isWhole, opened: formsOf(card) };
}

function formsOf(card: Card): Preview["opened"] {
  const words = plainTranslator(translatorFor(card.language));
  const place = { channel: "C0" };
  if (card.kind === "decision" && card.resolved === null) {
    const views = [decisionView(card, { place, answers: {}, page: 1 }, words)];
    return [{ by: words.t("slack.card.answer"), views }];
  }
  if (card.kind === "dead_letter" && card.handled === null) {
    const retry = { by: words.t("card.action.retry_with"), views: [retryView(card, place, words)] };
    const discard = { by: words.t("card.action.discard"), views: [discardView(card.runId, place, words)] };
    return card.args.length === 0 ? [discard] : [retry, discard];
  }
  return [];
}
