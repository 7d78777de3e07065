import type { Card } from "../../src/contracts/card.ts";
import { translatorFor } from "../../src/i18n.ts";
import { shownAs } from "./api.ts";
import { sheetsOfCard } from "./cards/card.ts";
import { detailSheets } from "./cards/details.ts";
import { argumentForm, argumentPages, askForm, discardForm, type CardWithArguments } from "./cards/forms.ts";
import type { Sheet } from "./sheet.ts";

interface Preview {
  readonly messages: readonly object[];
  readonly isWhole: boolean;
  readonly opened: readonly { readonly by: string; readonly views: readonly object[] }[];
}

/**
 * The messages that a card becomes, as Discord is given them (what does not fit into one goes on in the next), and the
 * pages and forms that its buttons open.
 */
export function previewInDiscord(card: Card): Preview {
  return { messages: shown(sheetsOfCard(card)), isWhole: true, opened: openedFrom(card) };
}

function shown(sheets: readonly Sheet[]): object[] {
  return sheets.map(({ components }) => shownAs(components));
}

function openedFrom(card: Card): Preview["opened"] {
  const words = translatorFor(card.language);
  if (card.kind === "decision" && card.resolved === null) {
    return [
      ...card.questions.map((question) => ({
        by: words.t("card.labelled", { label: words.t("discord.details"), value: question.title }),
        views: shown(detailSheets(card, question)),
      })),
      ...argumentForms(card, words.t("discord.decision.arguments")),
      { by: words.t("discord.ask"), views: [askForm(card.runId, words, "1")] },
    ];
  }
  if (card.kind === "dead_letter" && card.handled === null) {
    return [
      ...argumentForms(card, words.t("card.action.retry_with")),
      { by: words.t("card.action.discard"), views: [discardForm(card, "1")] },
    ];
  }
  return [];
}

function argumentForms(card: CardWithArguments, by: string): Preview["opened"] {
  const views = Array.from({ length: argumentPages(card) }, (_, at) => argumentForm(card, at + 1, "1"));
  return views.length === 0 ? [] : [{ by, views }];
}
