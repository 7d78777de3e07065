import type { Card } from "../../src/contracts/card.ts";
import type { NoticeStyle } from "./cards/notice.ts";
import { INERT } from "./poster.ts";
import { render } from "./render.ts";

/** What `chat.postMessage` is given for a card, but for where it goes; and whether all of the card is on the message. */
export function previewInSlack(card: Card, style: NoticeStyle): { messages: readonly object[]; isWhole: boolean } {
  const { text, blocks, isWhole } = render(card, style);
  return { messages: [{ ...INERT, text, blocks }], isWhole };
}
