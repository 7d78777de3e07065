import type { Answers, DecisionDraft, OpenDecision, Question } from "../contracts/decision.ts";
import type { ArgumentValue } from "../contracts/macro-argument.ts";
import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import { checkArgument, lanesOf } from "./argument.ts";
import { visibleQuestions } from "./visible-questions.ts";

interface AnswerRefusal {
  readonly ok: false;
  readonly code: string;
  readonly message: Text;
}
export type ResolvedAnswers =
  { readonly ok: true; readonly answers: Answers; readonly args: Record<string, ArgumentValue> } | AnswerRefusal;

/**
 * The one place that holds answers against the open decision. Nothing is guessed: every question that is asked
 * has one allowed option, or the whole reply is refused with a stable code (`answer.…`) and a reason.
 * `args` are the values that a person changed; the others stay as the card shows them.
 */
export function resolveAnswers(
  decision: Pick<OpenDecision, "questions" | "args" | "draft">,
  given: Answers | "recommended" | "drafted",
  args: Readonly<Record<string, ArgumentValue>>,
): ResolvedAnswers {
  const { questions, draft } = decision;
  const answers =
    typeof given === "object" ? given : standingAnswers(questions, given === "drafted" ? draft : undefined);
  const refusal =
    refusedAnswer(questions, answers, visibleQuestions(questions, answers)) ?? missingAnswer(questions, answers);
  if (refusal?.code === "answer.missing" && given === "recommended") {
    return refuse("answer.no_recommendation", keyed("command.answer.no_recommendation"));
  }
  if (refusal !== undefined) return refusal;
  const checked = checkedArguments(decision.args, { ...draft?.args, ...args });
  return checked.ok ? { ok: true, answers, args: checked.args } : checked;
}

/**
 * What stands chosen: the drafted option of every question that is then asked, else the recommended one. A question
 * that has neither is left out.
 */
export function standingAnswers(questions: readonly Question[], draft: DecisionDraft | undefined): Answers {
  const answers: Answers = {};
  const seen = new Set<string>();
  for (;;) {
    const next = visibleQuestions(questions, answers).find(({ id }) => !seen.has(id));
    if (next === undefined) return answers;
    seen.add(next.id);
    const possible = next.options.filter(({ rejectedBecause }) => rejectedBecause === undefined);
    const drafted = possible.find(({ id }) => id === draft?.answers[next.id]);
    const option = drafted ?? possible.find(({ recommended }) => recommended);
    if (option !== undefined) answers[next.id] = option.id;
  }
}

/** Holds a selection against the open decision; what it names is the new draft, and the rest stays as it stands. */
export function resolveSelection(
  decision: Pick<OpenDecision, "questions" | "args" | "draft">,
  given: Answers,
  args: Readonly<Record<string, ArgumentValue>>,
): ResolvedAnswers {
  const { questions, draft } = decision;
  const answers = { ...ownSelection(decision, args), ...given };
  const standing = standingAnswers(questions, { answers: { ...draft?.answers, ...answers }, args: {} });
  const refusal = refusedAnswer(questions, answers, visibleQuestions(questions, standing));
  if (refusal !== undefined) return refusal;
  const checked = checkedArguments(decision.args, args);
  return checked.ok ? { ok: true, answers, args: checked.args } : checked;
}

/** Whoever selects parts by hand means that selection; the card then shows that it is what holds. */
function ownSelection(
  { questions, args: shown }: Pick<OpenDecision, "questions" | "args">,
  args: Readonly<Record<string, ArgumentValue>>,
): Answers {
  const options = questions.find(({ id }) => id === "scope")?.options ?? [];
  const isPossible = options.some(({ id, rejectedBecause }) => id === "own_selection" && rejectedBecause === undefined);
  const isSelected = Object.keys(args).some((id) => Object.hasOwn(shown, id) && shown[id]?.definition.type === "lanes");
  return isPossible && isSelected ? { scope: "own_selection" } : {};
}

function refusedAnswer(
  questions: readonly Question[],
  answers: Answers,
  visible: readonly Question[],
): AnswerRefusal | undefined {
  for (const [questionId, optionId] of Object.entries(answers)) {
    const question = questions.find((candidate) => candidate.id === questionId);
    if (question === undefined) {
      const known = questions.map(({ id }) => id).join(", ");
      return refuse("answer.unknown_question", keyed("command.answer.unknown_question", { came: questionId, known }));
    }
    const named = { number: questions.indexOf(question) + 1, question: question.title };
    const option = question.options.find((candidate) => candidate.id === optionId);
    if (option === undefined) {
      const known = question.options.map(({ id }) => id).join(", ");
      return refuse(
        "answer.unknown_option",
        keyed("command.answer.unknown_option", { ...named, came: optionId, known }),
      );
    }
    if (option.rejectedBecause !== undefined) {
      const params = { ...named, option: option.label, reason: option.rejectedBecause };
      return refuse("answer.rejected_option", keyed("command.answer.rejected_option", params));
    }
    if (!visible.includes(question)) return refuse("answer.not_asked", keyed("command.answer.not_asked", named));
  }
  return undefined;
}

function missingAnswer(questions: readonly Question[], answers: Answers): AnswerRefusal | undefined {
  const missing = visibleQuestions(questions, answers).filter((question) => !Object.hasOwn(answers, question.id));
  if (missing.length === 0) return undefined;
  const numbers = missing.map((question) => questions.indexOf(question) + 1).join(", ");
  return refuse("answer.missing", keyed("command.answer.missing", { count: missing.length, numbers }));
}

function checkedArguments(
  known: OpenDecision["args"],
  given: Readonly<Record<string, ArgumentValue>>,
): { readonly ok: true; readonly args: Record<string, ArgumentValue> } | AnswerRefusal {
  const args: Record<string, ArgumentValue> = {};
  for (const [id, value] of Object.entries(given)) {
    const argument = Object.hasOwn(known, id) ? known[id] : undefined;
    if (argument === undefined) {
      const names = Object.keys(known).join(", ");
      return refuse("answer.unknown_argument", keyed("command.answer.unknown_argument", { came: id, known: names }));
    }
    const verdict = checkArgument(argument.definition, value, lanesOf(argument));
    if (!verdict.ok) return refuse("answer.bad_argument", verdict.message);
    args[id] = verdict.value;
  }
  return { ok: true, args };
}

function refuse(code: string, message: Text): AnswerRefusal {
  return { ok: false, code, message };
}
