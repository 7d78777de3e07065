import type { KnownBlock, ModalView } from "@slack/types";
import { optionLines } from "../../../src/cards/fallback.ts";
import { visibleQuestions } from "../../../src/commands/visible-questions.ts";
import type { DecisionCard } from "../../../src/contracts/card.ts";
import type { Answers } from "../../../src/contracts/decision.ts";
import type { ArgumentValue } from "../../../src/contracts/macro-argument.ts";
import type { Translator } from "../../../src/i18n.ts";
import { argumentWords } from "../../../src/cards/fallback.ts";
import { header, line, plain, rich, span } from "../blocks.ts";
import { LIMITS } from "../limits.ts";
import { argumentInput, argumentsIn, option, VALUE, type FormValues } from "./inputs.ts";
import type { FormMemory, Place } from "./metadata.ts";

type Question = DecisionCard["questions"][number];
type Memory = Extract<FormMemory, { form: "decision" }>;

export const QUESTION = "q.";
/** Blocks of a page that are questions or values; the rest is for what stands around them. */
const PAGE_BLOCKS = LIMITS.viewBlocks - 6;

/** What a page of the form asks. */
interface Page {
  readonly questions: readonly Question[];
  readonly args: DecisionCard["args"];
}

/**
 * The form behind [Answer…]: every option with its five fields, the recommended one chosen beforehand, and the values
 * that can be edited. Linear questions come on the page after their parent's answer, the values with the last ones.
 */
export function decisionView(
  card: DecisionCard,
  at: { readonly place: Place; readonly answers: Answers; readonly page: number },
  words: Translator,
): ModalView {
  const page = pageAfter(card, at.answers, words);
  const memory: Memory = { form: "decision", runId: card.runId, decisionId: card.decisionId, ...at };
  const blocks: KnownBlock[] = [
    rich("assurance", line(span(card.assurance, "italic"))),
    ...page.questions.flatMap((question) => questionBlocks(card, question, words)),
    ...(page.args.length === 0
      ? []
      : [header("args", words.t("decision.args")), ...page.args.map((argument) => argumentInput(argument, words))]),
  ];
  return {
    type: "modal",
    callback_id: "cx.decision",
    title: plain(words.t("slack.form.answer"), LIMITS.viewTitle),
    submit: plain(words.t(isLast(card, page, at.answers) ? "slack.form.submit" : "slack.form.next"), LIMITS.viewButton),
    close: plain(words.t("slack.form.close"), LIMITS.viewButton),
    private_metadata: JSON.stringify(memory),
    blocks,
  };
}

/** A page that was sent: the next one, or the whole answer. */
export type Submitted =
  | { readonly kind: "next"; readonly answers: Answers; readonly page: number }
  | { readonly kind: "done"; readonly answers: Answers; readonly args: Record<string, ArgumentValue> };

export function readDecision(card: DecisionCard, memory: Memory, values: FormValues, words: Translator): Submitted {
  const given = Object.fromEntries(
    Object.entries(values).flatMap(([block, { [VALUE]: entered }]) => {
      const chosen = entered?.selected_option?.value;
      return block.startsWith(QUESTION) && chosen !== undefined ? [[block.slice(QUESTION.length), chosen]] : [];
    }),
  );
  const answers = { ...memory.answers, ...given };
  const page = pageAfter(card, memory.answers, words);
  const next = pageAfter(card, answers, words);
  // The values come with the last questions, or on a page of their own.
  const isDone = next.questions.length === 0 && (next.args.length === 0 || page.args.length > 0);
  if (!isDone) return { kind: "next", answers, page: memory.page + 1 };
  return { kind: "done", answers, args: argumentsIn(values, card.args) };
}

function pageAfter(card: DecisionCard, answers: Answers, words: Translator): Page {
  const asked = visibleQuestions(card.questions, answers).filter(({ id }) => !Object.hasOwn(answers, id));
  const questions: Question[] = [];
  let blocks = 0;
  let bytes = 0;
  for (const question of asked) {
    const shown = questionBlocks(card, question, words);
    blocks += shown.length;
    bytes += Buffer.byteLength(JSON.stringify(shown));
    if (questions.length > 0 && (blocks > PAGE_BLOCKS || bytes > LIMITS.viewBytes)) break;
    questions.push(question);
  }
  const mayFollow = card.questions.some(({ after }) => questions.some(({ id }) => id === after?.question));
  const isLastPage = questions.length === asked.length && !mayFollow;
  const fits = blocks + card.args.length <= PAGE_BLOCKS;
  const args = isLastPage && (fits || questions.length === 0) ? card.args.slice(0, PAGE_BLOCKS) : [];
  return { questions, args };
}

function isLast(card: DecisionCard, page: Page, answers: Answers): boolean {
  const asked = visibleQuestions(card.questions, answers).filter(({ id }) => !Object.hasOwn(answers, id));
  const mayFollow = card.questions.some(({ after }) => page.questions.some(({ id }) => id === after?.question));
  return page.questions.length === asked.length && !mayFollow && (page.args.length > 0 || card.args.length === 0);
}

function questionBlocks(card: DecisionCard, question: Question, words: Translator): KnownBlock[] {
  const possible = question.options.filter(({ rejectedBecause }) => rejectedBecause === null);
  const choices = possible.map(({ id, letter, label }) => option(id, `${letter}. ${label}`));
  const first = choices[possible.findIndex(({ recommended }) => recommended)];
  return [
    header(`title.${question.id}`, `${question.number}. ${question.title}`),
    ...question.options.flatMap((item) => optionBlocks(card, question, item, words)),
    ...(choices.length === 0
      ? []
      : [
          {
            type: "input" as const,
            block_id: `${QUESTION}${question.id}`,
            label: plain(words.t("slack.form.choose"), LIMITS.inputLabel),
            element: {
              type: "radio_buttons" as const,
              action_id: VALUE,
              options: choices,
              ...(first === undefined ? {} : { initial_option: first }),
            },
          },
        ]),
  ];
}

/** The five fields of an option (G7), in one block or as many as their length asks for. */
function optionBlocks(
  card: DecisionCard,
  question: Question,
  item: Question["options"][number],
  words: Translator,
): KnownBlock[] {
  const sets = card.args.flatMap((argument) => {
    const value = item.sets[argument.id];
    return value === undefined
      ? []
      : [words.t("card.labelled", { label: argument.label, value: argumentWords(argument, value, words) })];
  });
  const lines = [
    ...optionLines(item, words).map(({ text }) => text),
    ...(sets.length === 0
      ? []
      : [words.t("card.labelled", { label: words.t("slack.form.sets"), value: words.list(sets) })]),
  ];
  const parts: string[][] = [[]];
  let size = item.label.length;
  for (const text of lines.flatMap((whole) => chunks(whole))) {
    if (size + text.length > LIMITS.blockCharacters) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(text);
    size += text.length + 1;
  }
  return parts.map((part, at) =>
    rich(
      `o.${question.id}.${item.id}.${at}`,
      ...(at === 0 ? [line(span(`${item.letter}. ${item.label}\n`, "bold"))] : []),
      line(span(part.join("\n"))),
    ),
  );
}

function chunks(text: string): string[] {
  const size = LIMITS.blockCharacters - 600;
  return Array.from({ length: Math.max(1, Math.ceil(text.length / size)) }, (_, at) =>
    text.slice(at * size, (at + 1) * size),
  );
}
