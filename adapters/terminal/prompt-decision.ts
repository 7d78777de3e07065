import { note } from "@clack/prompts";
import { argumentWords, decisionIntroLines, optionLines } from "../../src/cards/fallback.ts";
import { argumentsInForce } from "../../src/commands/arguments-in-force.ts";
import { visibleQuestions } from "../../src/commands/visible-questions.ts";
import type { DecisionCard } from "../../src/contracts/card.ts";
import type { Answers } from "../../src/contracts/decision.ts";
import type { ArgumentValue } from "../../src/contracts/macro-argument.ts";
import { translatorFor, type Translator } from "../../src/i18n.ts";
import { plainTranslator } from "../../src/plain-text.ts";
import { promptArgument } from "./prompt-argument.ts";
import { renderLines } from "./render-card.ts";
import { selectOne, type Choice, type PromptIo } from "./select-one.ts";
import { columnsOf } from "./terminal-style.ts";

export type PromptedDecision =
  /** `args` holds only what the person changed. */
  | { readonly kind: "answered"; readonly answers: Answers; readonly args: Record<string, ArgumentValue> }
  /** The person left: nothing was answered, and the run keeps waiting. */
  | { readonly kind: "unanswered" };

type Question = DecisionCard["questions"][number];
interface Asking {
  readonly card: DecisionCard;
  readonly words: Translator;
  readonly io: PromptIo;
}

/**
 * Asks a decision on the keyboard: what there is to know, question by question (a linear one only after its
 * parent's answer), then all answers and values to confirm, change or leave. With `refused`, what was sent before, it
 * begins with that.
 */
export async function promptDecision(
  card: DecisionCard,
  io: PromptIo,
  refused?: { readonly answers: Answers; readonly args: Readonly<Record<string, ArgumentValue>> },
): Promise<PromptedDecision> {
  const words = plainTranslator(translatorFor(card.language));
  const asking: Asking = { card, words, io };
  const columns = columnsOf(io.output);
  if (refused === undefined) {
    io.output.write(`${renderLines(decisionIntroLines(card), { color: io.color, columns })}\n`);
  }

  const answers: Answers = { ...refused?.answers };
  const args: Record<string, ArgumentValue> = { ...refused?.args };
  for (;;) {
    if (!(await askMissing(asking, answers))) return leave(asking);
    showSummary(asking, answers, args);
    const next = await chooseNext(asking);
    if (next === "send") return { kind: "answered", answers, args };
    if (next === undefined || next === "leave") return leave(asking);
    const changed = next === "answer" ? await changeAnswer(asking, answers) : await changeValue(asking, answers, args);
    if (!changed) return leave(asking);
  }
}

/** Asks what is asked and not answered yet; false when the person left. */
async function askMissing(asking: Asking, answers: Answers): Promise<boolean> {
  for (;;) {
    const visible = visibleQuestions(asking.card.questions, answers);
    // An answer that is not asked any more, since its parent was changed, would be refused.
    for (const id of Object.keys(answers)) if (!visible.some((question) => question.id === id)) delete answers[id];
    const next = visible.find(({ id }) => answers[id] === undefined);
    if (next === undefined) return true;
    const answer = await askQuestion(asking, next, undefined);
    if (answer === undefined) return false;
    answers[next.id] = answer;
  }
}

function askQuestion(
  { words, io }: Asking,
  question: Question,
  present: string | undefined,
): Promise<string | undefined> {
  const choices = question.options.map((option): Choice<string> => {
    const rejected = option.rejectedBecause !== null;
    const hint = rejected
      ? words.t("decision.rejected")
      : option.recommended
        ? words.t("decision.recommended")
        : undefined;
    return {
      value: option.id,
      label: `${option.letter}. ${option.label}`,
      hint,
      // What cannot be chosen is never highlighted, so its reason has to stand there all the time (G5).
      details: rejected
        ? [words.t("decision.rejected_because", { reason: option.rejectedBecause ?? "" })]
        : optionLines(option, words).map(({ text }) => text),
      disabled: rejected,
    };
  });
  const open = question.options.filter(({ rejectedBecause }) => rejectedBecause === null);
  const initial = present ?? (open.find(({ recommended }) => recommended) ?? open[0])?.id;
  const message = `${question.number}. ${question.title}`;
  return selectOne({ message, choices, initial, keys: words.t("terminal.keys.select") }, io);
}

function showSummary({ card, words, io }: Asking, answers: Answers, args: Record<string, ArgumentValue>): void {
  const chosen = visibleQuestions(card.questions, answers).map((question) => {
    const option = question.options.find(({ id }) => id === answers[question.id]);
    return words.t("card.labelled", { label: `${question.number}. ${question.title}`, value: option?.label ?? "" });
  });
  const inForce = valuesInForce(card, answers, args);
  const values = card.args.map((argument) =>
    words.t("card.labelled", {
      label: argument.label,
      value: argumentWords(argument, inForce[argument.id] ?? argument.value, words),
    }),
  );
  const lines = values.length === 0 ? chosen : [...chosen, "", ...values];
  note(lines.join("\n"), words.t("terminal.summary"), { output: io.output });
}

function valuesInForce(
  card: DecisionCard,
  answers: Answers,
  changed: Record<string, ArgumentValue>,
): Record<string, ArgumentValue> {
  const asked = visibleQuestions(card.questions, answers);
  const chosen = asked.flatMap(({ id, options }) => options.filter((option) => option.id === answers[id]));
  return argumentsInForce(
    {},
    chosen.map(({ sets }) => sets),
    changed,
  );
}

function chooseNext({ card, words, io }: Asking): Promise<"send" | "answer" | "value" | "leave" | undefined> {
  const choices: Choice<"send" | "answer" | "value" | "leave">[] = [
    { value: "send", label: words.t("terminal.menu.send") },
    { value: "answer", label: words.t("terminal.menu.answer") },
    ...(card.args.length === 0 ? [] : [{ value: "value" as const, label: words.t("terminal.menu.value") }]),
    { value: "leave", label: words.t("terminal.menu.leave"), hint: words.t("terminal.menu.leave_hint") },
  ];
  return selectOne({ message: words.t("terminal.menu"), choices, keys: words.t("terminal.keys.select") }, io);
}

async function changeAnswer(asking: Asking, answers: Answers): Promise<boolean> {
  const { card, words, io } = asking;
  const visible = visibleQuestions(card.questions, answers);
  const choices = visible.map(({ id, number, title }) => ({ value: id, label: `${number}. ${title}` }));
  const keys = words.t("terminal.keys.select");
  const id = await selectOne({ message: words.t("terminal.which_answer"), choices, keys }, io);
  const question = visible.find((candidate) => candidate.id === id);
  if (question === undefined) return false;
  const answer = await askQuestion(asking, question, answers[question.id]);
  if (answer === undefined) return false;
  answers[question.id] = answer;
  return true;
}

async function changeValue(
  { card, words, io }: Asking,
  answers: Answers,
  args: Record<string, ArgumentValue>,
): Promise<boolean> {
  const inForce = valuesInForce(card, answers, args);
  const choices = card.args.map((argument) => ({
    value: argument.id,
    label: argument.label,
    hint: argumentWords(argument, inForce[argument.id] ?? argument.value, words),
  }));
  const keys = words.t("terminal.keys.select");
  const id = await selectOne({ message: words.t("terminal.which_value"), choices, keys }, io);
  const argument = card.args.find((candidate) => candidate.id === id);
  if (argument === undefined) return false;
  const value = await promptArgument(argument, inForce[argument.id] ?? argument.value, words, io);
  if (value === undefined) return false;
  args[argument.id] = value;
  return true;
}

function leave({ words, io }: Asking): PromptedDecision {
  io.output.write(`${words.t("terminal.left")}\n`);
  return { kind: "unanswered" };
}
