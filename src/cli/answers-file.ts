import { z } from "zod";
import type { DecisionCard } from "../contracts/card.ts";
import { Answers } from "../contracts/decision.ts";
import { Slug } from "../contracts/id.ts";
import { ArgumentValue } from "../contracts/macro-argument.ts";
import { visibleQuestions } from "../commands/visible-questions.ts";
import { InputError, messageOf, parseAtDoor } from "../errors.ts";
import type { Translator } from "../i18n.ts";

/** Answers that a person wrote into a file: question id → option id. */
export interface AnswersFile {
  readonly file: string;
  readonly answers: Answers;
  readonly args: Record<string, ArgumentValue>;
}

const Nested = z.strictObject({ answers: Answers, args: z.record(Slug, ArgumentValue).default({}) });

/** Reads both forms: flat, or `{"answers": {…}, "args": {…}}`. Throws an InputError. */
export function parseAnswersFile(file: string, text: string, translator: Translator): AnswersFile {
  let value: unknown;
  try {
    // Editors of Windows put a byte order mark before it.
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new InputError("answers.json", translator.t("cli.answers.not_json", { file, reason: messageOf(error) }));
  }
  const nested = typeof value === "object" && value !== null && typeof Object(value).answers === "object";
  if (nested) return { file, ...parseAtDoor(Nested, value, file) };
  return { file, answers: parseAtDoor(Answers, value, file), args: {} };
}

/**
 * True where the file is meant for this card; a run may put several, one after the other. `usedUp` are the questions
 * that the file has answered already: a card that asks one of them once more is not the one that its writer knew.
 */
export function concerns(file: AnswersFile, card: DecisionCard, usedUp: ReadonlySet<string>): boolean {
  const named = card.questions.filter(({ id }) => Object.hasOwn(file.answers, id));
  return named.length > 0 && !named.some(({ id }) => usedUp.has(id));
}

/**
 * The part of the file that answers this card. Throws an InputError that lists what is missing or cannot be chosen,
 * with the ids that can; the card stays open.
 */
export function answersFor(
  file: AnswersFile,
  card: DecisionCard,
  translator: Translator,
): { answers: Answers; args: Record<string, ArgumentValue> } {
  const problems: string[] = [];
  const answers: Answers = {};
  for (const question of visibleQuestions(card.questions, file.answers)) {
    const open = question.options.filter((option) => option.rejectedBecause === null);
    const options = open.map((option) => option.id).join(", ");
    const chosen = file.answers[question.id];
    const rejected = question.options.find((option) => option.id === chosen)?.rejectedBecause ?? null;
    if (chosen === undefined) {
      problems.push(translator.t("cli.answers.missing", { question: question.id, options }));
    } else if (rejected !== null) {
      problems.push(translator.t("cli.answers.rejected", { question: question.id, chosen, reason: rejected, options }));
    } else if (!open.some((option) => option.id === chosen)) {
      problems.push(translator.t("cli.answers.no_option", { question: question.id, chosen, options }));
    } else {
      answers[question.id] = chosen;
    }
  }
  if (problems.length > 0) {
    const heading = translator.t("cli.answers.invalid", { file: file.file, count: problems.length });
    throw new InputError("answers.invalid", [heading, ...problems.map((problem) => `- ${problem}`)].join("\n"));
  }
  const known = new Set(card.args.map((arg) => arg.id));
  const args = Object.fromEntries(Object.entries(file.args).filter(([id]) => known.has(id)));
  return { answers, args };
}
