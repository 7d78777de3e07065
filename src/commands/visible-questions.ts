import type { Answers } from "../contracts/decision.ts";

/** A question as far as it matters who sees it; open decisions and decision cards both fit. */
export interface LinkedQuestion {
  readonly id: string;
  readonly after?: { readonly question: string; readonly options: readonly string[] } | null | undefined;
}

/** The questions that are asked, given the answers so far: a linear one only after its parent's answer (G20). */
export function visibleQuestions<Q extends LinkedQuestion>(questions: readonly Q[], answers: Answers): Q[] {
  const isVisible = (question: LinkedQuestion, passed: readonly string[]): boolean => {
    const { after } = question;
    if (after === null || after === undefined) return true;
    const parent = questions.find((candidate) => candidate.id === after.question);
    // Two questions that wait for each other would otherwise never end.
    if (parent === undefined || passed.includes(parent.id)) return false;
    const answer = answers[parent.id];
    return answer !== undefined && after.options.includes(answer) && isVisible(parent, [...passed, parent.id]);
  };
  return questions.filter((question) => isVisible(question, [question.id]));
}
