import type { Answers } from "../contracts/decision.ts";
import type { Text } from "../contracts/text.ts";
import { keyed, SHIPPED_LANGUAGES, translatorFor } from "../i18n.ts";
import { visibleQuestions, type LinkedQuestion } from "./visible-questions.ts";

/** A question with its options in the order of their letters; open decisions and decision cards both fit. */
export interface LetteredQuestion extends LinkedQuestion {
  readonly options: readonly { readonly id: string }[];
}

export type TextAnswer =
  | { readonly ok: true; readonly answers: Answers | "recommended" }
  | { readonly ok: false; readonly code: string; readonly message: Text };

/** The letter of an option by its position: 0 is A. */
export function letterOf(position: number): string {
  return String.fromCodePoint(65 + position);
}

/**
 * Reads an answer that was typed: `1A 2C 3B` (any case, full-width too, commas welcome), `A` where there is one
 * question, or words that take every recommendation. What is ambiguous, incomplete or anything else is refused
 * with a reason, never guessed. Whether the options may be chosen is for `resolveAnswers` to say.
 */
export function parseTextAnswer(typed: string, questions: readonly LetteredQuestion[]): TextAnswer {
  // NFKC makes full-width letters, digits and commas the plain ones.
  const text = typed.normalize("NFKC").trim().toUpperCase();
  if (text === "") return refuse("answer.empty", keyed("command.answer.empty"));
  if (recommendationPhrases().has(withoutPunctuation(text))) return { ok: true, answers: "recommended" };

  const pairs = readPairs(text, questions.length);
  if (pairs === "no_number") return refuse("answer.which_question", keyed("command.answer.which_question"));
  if (pairs === "not_understood") return refuse("answer.not_understood", keyed("command.answer.not_understood"));

  const answers: Answers = {};
  for (const { number, letter } of pairs) {
    const question = questions[number - 1];
    if (question === undefined) {
      const params = { number, count: questions.length };
      return refuse("answer.unknown_question", keyed("command.answer.no_such_number", params));
    }
    const option = question.options.find((_, position) => letterOf(position) === letter);
    if (option === undefined) {
      const params = { number, letter, last: letterOf(question.options.length - 1) };
      return refuse("answer.unknown_option", keyed("command.answer.no_such_letter", params));
    }
    if (answers[question.id] !== undefined && answers[question.id] !== option.id) {
      return refuse("answer.contradiction", keyed("command.answer.contradiction", { number }));
    }
    answers[question.id] = option.id;
  }
  const missing = visibleQuestions(questions, answers).filter((question) => answers[question.id] === undefined);
  if (missing.length === 0) return { ok: true, answers };
  const numbers = missing.map((question) => questions.indexOf(question) + 1).join(", ");
  return refuse("answer.missing", keyed("command.answer.missing", { count: missing.length, numbers }));
}

/**
 * `B because the owner agreed`, `1B 理由：负责人同意`: the choice, and the words after it that say why. For cards that take
 * a reason; without such words all of it is the choice.
 */
export function splitReason(typed: string): { readonly choice: string; readonly reason: string | undefined } {
  const words = SHIPPED_LANGUAGES.flatMap((language) =>
    translatorFor(language).t("command.reason_words").split("|"),
  ).map((word) => RegExp.escape(word));
  const found = new RegExp(`^([^\\n]{1,60}?)[\\s,;:，；：。.]*(?:${words.join("|")})[\\s:：,，]*(.+)$`, "isu").exec(
    typed.trim(),
  );
  const [, choice, reason] = found ?? [];
  return choice === undefined || reason === undefined
    ? { choice: typed, reason: undefined }
    : { choice, reason: reason.trim() };
}

/** Is this a try to answer by text, whether it is right or not? "yes" and "the first one" are none. */
export function looksLikeAnswer(typed: string): boolean {
  const { choice, reason } = splitReason(typed);
  // "A because …" answers a card that asks for a reason; a sentence that begins in another way is none.
  if (reason !== undefined) return reason.length <= 500 && looksLikeAnswer(choice);
  if (typed.length > 200) return false;
  const text = typed.normalize("NFKC").trim().toUpperCase();
  return (
    text !== "" && (recommendationPhrases().has(withoutPunctuation(text)) || readPairs(text, 1) !== "not_understood")
  );
}

function readPairs(
  text: string,
  questionCount: number,
): { number: number; letter: string }[] | "no_number" | "not_understood" {
  if (/^[A-Z][.)。]?$/u.test(text)) {
    return questionCount === 1 ? [{ number: 1, letter: text.charAt(0) }] : "no_number";
  }
  if (/^[A-Z](?:[\s,;、/。.]+[A-Z])+[.。]?$/u.test(text)) return "no_number";
  const pair = String.raw`(\d{1,2})\s*[.:)=-]?\s*([A-Z])(?![A-Z])`;
  if (!new RegExp(String.raw`^(?:${pair}[\s,;、/。.]*)+$`, "u").test(text)) return "not_understood";
  return Array.from(text.matchAll(new RegExp(pair, "gu")), ([, number = "", letter = ""]) => ({
    number: Number(number),
    letter,
  }));
}

/** Words that take every recommendation, in every shipped language: people do not always write in the card's. */
function recommendationPhrases(): Set<string> {
  const phrases = SHIPPED_LANGUAGES.flatMap((language) =>
    translatorFor(language).t("command.recommended_phrases").split("|"),
  );
  return new Set(phrases.map((phrase) => withoutPunctuation(phrase.normalize("NFKC").toUpperCase())));
}

function withoutPunctuation(text: string): string {
  return text
    .replace(/[\p{P}\p{S}]+/gu, " ")
    .replace(/\s+/gu, " ")
    .trim();
}

function refuse(code: string, message: Text): TextAnswer {
  return { ok: false, code, message };
}
