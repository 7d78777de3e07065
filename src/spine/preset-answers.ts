import type { Answers, Question } from "../contracts/decision.ts";
import { raw, type Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";

export interface PresetResult {
  /** The questions, with the person's own advance answer as the recommended option. */
  readonly questions: Question[];
  /** What the card says about it. */
  readonly lines: Text[];
  /** True where an advance answer names what cannot be chosen: then the person is asked, whatever else was said. */
  readonly unusable: boolean;
}

/** Puts answers that were given in advance onto the questions. They are the person's own (U7), so they win. */
export function applyPresets(questions: readonly Question[], presets: Answers): PresetResult {
  const lines: Text[] = [];
  let unusable = false;
  for (const [id, optionId] of Object.entries(presets)) {
    const question = questions.find((candidate) => candidate.id === id);
    const option = question?.options.find((candidate) => candidate.id === optionId);
    const shown = { question: question?.title ?? raw(id), option: option?.label ?? raw(optionId) };
    if (question === undefined) lines.push(keyed("context.additions.preset_not_asked", shown));
    else if (option === undefined || option.rejectedBecause !== undefined) {
      unusable = true;
      lines.push(keyed("context.additions.preset_unusable", shown));
    } else lines.push(keyed("context.additions.preset", shown));
  }
  return { questions: questions.map((question) => preferring(question, presets[question.id])), lines, unusable };
}

function preferring(question: Question, preset: string | undefined): Question {
  const usable = question.options.some((option) => option.id === preset && option.rejectedBecause === undefined);
  if (!usable) return question;
  return {
    ...question,
    options: question.options.map(({ recommendedBecause: _, ...option }) =>
      option.id === preset
        ? { ...option, recommended: true, recommendedBecause: keyed("reason.preset") }
        : { ...option, recommended: false },
    ),
  };
}
