import type { KnownBlock } from "@slack/types";
import { argumentWords } from "../../../src/cards/fallback.ts";
import { encodeToken } from "../../../src/commands/token.ts";
import type { DecisionCard } from "../../../src/contracts/card.ts";
import type { Translator } from "../../../src/i18n.ts";
import { shorten } from "../../../src/plain-text.ts";
import { actionButton, button, buttons, charactersOf, header, line, rich, span } from "../blocks.ts";
import { fit, type Fitted } from "../fit.ts";
import { LIMITS } from "../limits.ts";
import { blockPrefix, type Rendered } from "../rendered.ts";

type Question = DecisionCard["questions"][number];

const NAME_CHARACTERS = 160;

/**
 * The question in its thread: what it is about, and for each question the recommended option and its alternatives by
 * name. All five fields of every option are in the form that [Answer…] opens: they do not fit into one message.
 */
export function renderDecision(card: DecisionCard, words: Translator): Rendered {
  const id = blockPrefix(card.decisionId, card.version);
  const head: KnownBlock[] = [
    header(`${id}.title`, card.title),
    rich(
      `${id}.state`,
      line(card.resolved === null ? span(card.assurance, "italic") : span(card.resolved.line, "bold")),
    ),
  ];
  const values = valueBlocks(id, card, words);
  const tail: KnownBlock[] = [
    ...card.questions.map((question) => rich(`${id}.${question.id}`, ...questionLines(card, question, words))),
    ...values.blocks,
    ...buttons(`${id}.actions`, actionsOf(card, words)),
  ];
  const room = {
    characters: LIMITS.messageCharacters - charactersOf([...head, ...tail]),
    blocks: LIMITS.messageBlocks - head.length - tail.length,
  };
  // What it was about stays above the answer; who comes later wants to know what was agreed to.
  const context = fit(`${id}.context`, card.context, room, words);
  return {
    text: `${card.title} ${card.resolved?.line ?? card.assurance}`,
    blocks: [...head, ...context.blocks, ...tail],
    isWhole: context.isWhole && values.isWhole,
  };
}

function questionLines(card: DecisionCard, question: Question, words: Translator) {
  const named = (option: Question["options"][number]): string =>
    shorten(`${option.letter}. ${option.label}`, NAME_CHARACTERS);
  const title = line(span(`${question.number}. ${shorten(question.title, 300)}\n`, "bold"));
  if (card.resolved !== null) {
    const chosen = question.options.find(({ id }) => id === question.chosen);
    return [title, line(span(chosen === undefined ? words.t("slack.card.not_asked") : named(chosen)))];
  }
  const first = question.options.find(({ recommended, rejectedBecause }) => recommended && rejectedBecause === null);
  const others = question.options.filter((option) => option !== first).map(named);
  const after = afterWords(card, question);
  return [
    title,
    ...(after === undefined ? [] : [line(span(`${words.t("decision.only_after", { choices: after })}\n`, "italic"))]),
    ...(first === undefined ? [] : [line(span(`${words.t("slack.card.recommended", { option: named(first) })}\n`))]),
    ...(others.length === 0 ? [] : [line(span(words.t("slack.card.others", { options: others.join(" · ") })))]),
  ];
}

function afterWords(card: DecisionCard, { after }: Question): string | undefined {
  const parent = card.questions.find(({ id }) => id === after?.question);
  if (after === null || parent === undefined) return undefined;
  const letters = parent.options.filter(({ id }) => after.options.includes(id)).map(({ letter }) => letter);
  return letters.map((letter) => `${parent.number}${letter}`).join(", ");
}

function valueBlocks(id: string, card: DecisionCard, words: Translator): Fitted {
  const values = card.args.map((argument) =>
    words.t("card.labelled", {
      label: argument.label,
      value: shorten(argumentWords(argument, argument.value, words), 120),
    }),
  );
  const heading = words.t(card.resolved === null ? "decision.args" : "decision.args_resolved");
  return fit(`${id}.args`, [{ heading, lines: values }], { characters: 1500, blocks: 10 }, words);
}

/** [Answer…] [Accept all recommended] [Ask] [Cancel run]; a resolved card has what the core still offers. */
function actionsOf(card: DecisionCard, words: Translator) {
  const given = card.actions.map((action) => actionButton(action, words));
  if (card.resolved !== null) return given;
  const { runId, decisionId } = card;
  const token = encodeToken({ action: "decision.submit", runId, decisionId });
  const isRecommended = card.actions.some(({ style }) => style === "primary");
  return [
    button("answer", words.t("slack.card.answer"), token, isRecommended ? "normal" : "primary"),
    ...given.slice(0, isRecommended ? 1 : 0),
    button("ask", words.t("slack.card.ask"), token),
    ...given.slice(isRecommended ? 1 : 0),
  ];
}
