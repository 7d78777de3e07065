import { encodeToken } from "../../../src/commands/token.ts";
import { optionLines } from "../../../src/cards/fallback.ts";
import type { DecisionCard } from "../../../src/contracts/card.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { escaped } from "../escape.ts";
import { sheetsOf, textBlocks, type Sheet } from "../sheet.ts";
import { button, buttonRows, COLOURS, titleBlock } from "./parts.ts";

/** The options of one question with all their fields (G7), and a button for each that can be chosen. */
export function detailSheets(card: DecisionCard, question: DecisionCard["questions"][number]): Sheet[] {
  const words = translatorFor(card.language);
  const { runId, decisionId } = card;
  const options = question.options.flatMap((option) => {
    const marks = [
      ...(question.drafted === option.id || question.chosen === option.id ? [words.t("decision.chosen")] : []),
      ...(option.recommended ? [words.t("decision.recommended")] : []),
      ...(option.rejectedBecause === null ? [] : [words.t("decision.rejected")]),
    ];
    const name = `${option.letter}. ${option.label}`;
    const title = marks.length === 0 ? name : words.t("card.with_state", { name, state: words.list(marks) });
    return textBlocks(
      [`**${escaped(title)}**`, ...optionLines(option, words).map(({ text }) => `- ${escaped(text)}`)].join("\n"),
    );
  });
  const choose = question.options.flatMap((option, at) =>
    option.rejectedBecause !== null || card.resolved !== null
      ? []
      : [
          button(
            encodeToken({ action: "decision.choose", runId, decisionId, question: question.number, option: at + 1 }),
            words.t("discord.details.choose", { letter: option.letter }),
            question.drafted === option.id ? "primary" : "normal",
          ),
        ],
  );
  return sheetsOf(
    [...titleBlock(`${question.number}. ${question.title}`), ...options, ...buttonRows(choose)],
    COLOURS.waiting,
  );
}
