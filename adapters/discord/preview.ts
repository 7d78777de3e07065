import type { Card } from "../../src/contracts/card.ts";
import { shownAs } from "./api.ts";
import { sheetsOfCard } from "./cards/card.ts";

/** The messages that a card becomes, as Discord is given them; what does not fit into one goes on in the next. */
export function previewInDiscord(card: Card): { messages: readonly object[]; isWhole: boolean } {
  return { messages: sheetsOfCard(card).map(({ components }) => shownAs(components)), isWhole: true };
}
