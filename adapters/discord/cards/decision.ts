import { ComponentType, type APISelectMenuOption } from "discord.js";
import { argumentWords } from "../../../src/cards/fallback.ts";
import { encodeToken } from "../../../src/commands/token.ts";
import { visibleQuestions } from "../../../src/commands/visible-questions.ts";
import type { DecisionCard } from "../../../src/contracts/card.ts";
import { translatorFor, type Translator } from "../../../src/i18n.ts";
import { shorten } from "../../../src/plain-text.ts";
import { askToken } from "../custom-id.ts";
import { escaped } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { display, pieces, sheetsOf, textBlocks, type Block, type Sheet } from "../sheet.ts";
import { actionRows, button, buttonRows, COLOURS, relative, row, sectionBlocks, titleBlock } from "./parts.ts";

type Question = DecisionCard["questions"][number];
type Option = Question["options"][number];

/**
 * A question card: first what there is to know (G7), then the questions in a message of their own, so that a selection
 * redraws only that. Resolved, it says who chose what.
 */
export function decisionSheets(card: DecisionCard): Sheet[] {
  const words = translatorFor(card.language);
  return card.resolved === null ? openSheets(card, words) : resolvedSheets(card, card.resolved, words);
}

function openSheets(card: DecisionCard, words: Translator): Sheet[] {
  return [
    ...sheetsOf(
      [...introBlocks(card, card.assurance), ...buttonRows([button(askToken(card.runId), words.t("discord.ask"))])],
      COLOURS.waiting,
    ),
    ...sheetsOf(
      [
        ...titleBlock(words.t("discord.decision.questions")),
        ...asked(card).flatMap((question) => questionBlocks(card, question, words)),
        ...valueBlocks(card, words),
        ...decideRows(card, words),
      ],
      COLOURS.waiting,
    ),
  ];
}

function introBlocks(card: DecisionCard, first: string): Block[] {
  return [
    ...titleBlock(card.title),
    ...textBlocks(`**${escaped(first)}**`),
    ...card.context.flatMap(({ heading, lines }) => sectionBlocks(heading, lines)),
  ];
}

/** The questions that are asked given what stands chosen: a linear one appears after its parent (G20). */
function asked(card: DecisionCard): Question[] {
  const standing = card.questions.flatMap(({ id, drafted }) => (drafted === null ? [] : [[id, drafted] as const]));
  return visibleQuestions(card.questions, Object.fromEntries(standing));
}

/** Text and select stand together, unless the text alone needs more than one display. */
function questionBlocks(card: DecisionCard, question: Question, words: Translator): Block[] {
  const { runId, decisionId } = card;
  const at = { runId, decisionId, question: question.number };
  const [first = "", ...more] = pieces(questionText(question, words));
  const section: Block[number] = {
    type: ComponentType.Section,
    components: [display(first)],
    accessory: button(encodeToken({ action: "decision.details", ...at }), words.t("discord.details")),
  };
  const select = row([
    {
      type: ComponentType.StringSelect,
      custom_id: encodeToken({ action: "decision.select", ...at }),
      placeholder: shorten(words.t("discord.decision.choose"), LIMITS.optionText),
      options: question.options.map((option) => selectOption(option, question.drafted, words)),
    },
  ]);
  if (more.length === 0) return [[section, select]];
  return [[section], ...more.slice(0, -1).map((text) => [display(text)]), [display(more.at(-1) ?? ""), select]];
}

/** The recommendation with its reason, what stands chosen instead, and what cannot be chosen (G4, G5). */
function questionText({ number, title, options, drafted }: Question, words: Translator): string {
  const recommended = options.find((option) => option.recommended && option.rejectedBecause === null);
  const chosen = options.find(({ id }) => id === drafted);
  return [
    `**${escaped(`${number}. ${title}`)}**`,
    ...(recommended === undefined ? [] : [escaped(recommendation(recommended, words))]),
    ...(chosen === undefined || chosen === recommended
      ? []
      : [`**${escaped(words.t("card.labelled", { label: words.t("decision.chosen"), value: nameOf(chosen) }))}**`]),
    ...options.flatMap((option) => rejection(option, words)),
  ].join("\n");
}

function recommendation(option: Option, words: Translator): string {
  const value =
    option.recommendedBecause === null
      ? nameOf(option)
      : words.t("card.labelled", { label: nameOf(option), value: option.recommendedBecause });
  return words.t("card.labelled", { label: words.t("decision.recommended"), value });
}

function rejection(option: Option, words: Translator): string[] {
  if (option.rejectedBecause === null) return [];
  const reason = words.t("decision.rejected_because", { reason: option.rejectedBecause });
  return [`-# ${escaped(words.t("card.labelled", { label: nameOf(option), value: reason }))}`];
}

function selectOption(option: Option, drafted: string | null, words: Translator): APISelectMenuOption {
  const about = option.rejectedBecause ?? option.fields[0]?.value ?? "";
  const mark =
    option.rejectedBecause !== null
      ? words.t("decision.rejected")
      : option.recommended
        ? words.t("decision.recommended")
        : "";
  const description = [mark, about].filter((part) => part !== "").join(" · ");
  return {
    // Plain text: nothing in a select is markup.
    label: shorten(nameOf(option), LIMITS.optionText),
    value: option.id,
    ...(description === "" ? {} : { description: shorten(description, LIMITS.optionText) }),
    default: option.id === drafted,
  };
}

function nameOf({ letter, label }: Option): string {
  return `${letter}. ${label}`;
}

function valueBlocks(card: DecisionCard, words: Translator): Block[] {
  if (card.args.length === 0) return [];
  const chosen = asked(card).flatMap(({ options, drafted }) => options.filter(({ id }) => id === drafted));
  const values = card.args.map((argument) => {
    const set = chosen.findLast(({ sets }) => Object.hasOwn(sets, argument.id))?.sets[argument.id];
    const value = argumentWords(argument, argument.value, words);
    const shown = words.t("card.labelled", { label: argument.label, value });
    // What an option sets gives way to what was changed by hand, which the card's own value shows.
    return set === undefined || JSON.stringify(set) === JSON.stringify(argument.value)
      ? shown
      : words.t("card.with_state", {
          name: shown,
          state: words.t("discord.decision.sets", { value: argumentWords(argument, set, words) }),
        });
  });
  return sectionBlocks(words.t(card.resolved === null ? "decision.args" : "decision.args_resolved"), values);
}

function decideRows(card: DecisionCard, words: Translator): Block[] {
  const { runId, decisionId } = card;
  const on = { runId, decisionId };
  const primary = card.actions.filter(({ style }) => style === "primary");
  const others = card.actions.filter(({ style }) => style !== "primary");
  return buttonRows([
    button(encodeToken({ action: "decision.submit", ...on }), words.t("discord.decision.confirm"), "primary"),
    ...primary.map(({ token, label }) => button(token, label)),
    ...(card.args.length === 0
      ? []
      : [button(encodeToken({ action: "decision.arguments", ...on }), words.t("discord.decision.arguments"))]),
    ...others.map(({ token, label, style }) => button(token, label, style)),
  ]);
}

function resolvedSheets(
  card: DecisionCard,
  resolved: NonNullable<DecisionCard["resolved"]>,
  words: Translator,
): Sheet[] {
  const chosen = card.questions.flatMap((question) => {
    const option = question.options.find(({ id }) => id === question.chosen);
    if (option === undefined) return [];
    return [words.t("card.labelled", { label: `${question.number}. ${question.title}`, value: nameOf(option) })];
  });
  return [
    ...sheetsOf(introBlocks(card, resolved.line), COLOURS.muted),
    ...sheetsOf(
      [
        ...titleBlock(words.t("discord.decision.resolved")),
        ...textBlocks([`**${escaped(resolved.line)}**`, `-# ${relative(resolved.at)}`].join("\n")),
        ...textBlocks(chosen.map((line) => `- ${escaped(line)}`).join("\n")),
        ...valueBlocks(card, words),
        ...actionRows(card.actions),
      ],
      COLOURS.good,
    ),
  ];
}
