import { QUESTIONS_A_CARD, type Answers, type Question } from "../contracts/decision.ts";
import type { Text } from "../contracts/text.ts";
import type { EffectSignatures } from "../governance/prism.ts";
import { applyChoices, BASELINE, signatureOf, type Choice } from "./chosen-plan.ts";
import { finishQuestion, type FinishedQuestion, type OptionDraft, type QuestionDraft } from "./questions/draft.ts";
import { evidenceReason } from "./questions/fallback-reason.ts";
import { macroQuestion } from "./questions/macro-question.ts";
import { outcomeQuestion } from "./questions/outcome.ts";
import { priorityQuestion } from "./questions/priority.ts";
import { riskQuestion } from "./questions/risk.ts";
import { scopeQuestion } from "./questions/scope.ts";
import { styleQuestion } from "./questions/style.ts";
import { laneArgument, type RunFacts } from "./run-facts.ts";

export interface OptionFrame {
  readonly questions: Question[];
  /** Why a question is not asked, by its id. */
  readonly dropped: { readonly id: string; readonly reason: string }[];
  /** What holds in place of standard questions that had to give way to the macro's own. */
  readonly assumed: { readonly id: string; readonly title: Text; readonly option: Text }[];
  /** What each option that can be chosen would do, for Prism's judgement. */
  readonly signatures: EffectSignatures;
}

/**
 * The questions of the confirmation, made from macro and evidence; every option really applied to the plan (G7).
 * `presets`: answers that were given in advance; their questions stay on the card as long as they can.
 */
export function buildOptionFrame(facts: RunFacts, presets: Answers): OptionFrame {
  const standard = [outcomeQuestion, scopeQuestion, styleQuestion, riskQuestion, priorityQuestion].map((make) =>
    make(facts),
  );
  const own = facts.macro.questions.map((question) => ({ id: question.id, draft: macroQuestion(question, facts) }));
  const drafts = [...standard, ...own.flatMap(({ draft }) => draft ?? [])];
  const scopes = standard.find((draft) => draft.id === "scope")?.options ?? [];
  const finished = drafts.map((draft) =>
    finishQuestion(draft, (option) => effectOf(facts, draft, option, scopes), evidenceReason(facts)),
  );
  const asked = finished.flatMap((entry) => (entry.kind === "asked" ? [entry.question] : []));
  const ownLanes = laneArgument(facts.macro) ?? "";
  const wanted = [...Object.keys(presets), ...(ownLanes in facts.givenArgs ? ["scope"] : [])];
  const leaving = givingWay(asked, wanted);
  const kept = asked.filter(({ id }) => !leaving.some((left) => left === id));
  return {
    questions: kept.filter((question) => hasParent(question, kept)),
    dropped: [
      ...droppedBy(finished),
      ...unasked(own),
      ...leaving.map((id) => ({ id, reason: `a card holds at most ${QUESTIONS_A_CARD} questions` })),
      ...orphans(kept),
    ],
    assumed: assumedFor(leaving, standard),
    signatures: signaturesOf(facts, drafts, scopes),
  };
}

/**
 * What an option does to the plan, for comparison. Undefined where it would leave nothing to do, alone or with
 * one of the scopes: no pair of answers may lead into a plan without work.
 */
function effectOf(
  facts: RunFacts,
  draft: QuestionDraft,
  option: OptionDraft,
  scopes: readonly OptionDraft[],
): string | undefined {
  const choice: Choice = { question: draft.id, option: option.id, effect: option.effect };
  const plan = applyChoices(facts, [choice], {});
  const partners = draft.id === "scope" ? [] : scopes.filter((scope) => (scope.effect.includeLanes ?? []).length > 0);
  const empty = partners.some(
    (scope) =>
      applyChoices(facts, [{ question: "scope", option: scope.id, effect: scope.effect }, choice], {}).lanes.length ===
      0,
  );
  if (plan.lanes.length === 0 || empty) return undefined;
  // What the person lists is open until it is answered, so it never is the same as a fixed set.
  const open = draft.id === "scope" && option.id === "own_selection" ? "own:" : "";
  return `${open}${signatureOf(plan)}`;
}

function signaturesOf(
  facts: RunFacts,
  drafts: readonly QuestionDraft[],
  scopes: readonly OptionDraft[],
): EffectSignatures {
  return new Map(
    drafts.map((draft) => [
      draft.id,
      new Map(draft.options.map((option) => [option.id, effectOf(facts, draft, option, scopes) ?? "nothing left"])),
    ]),
  );
}

/** What the macro asks about was seen in this workspace, so it stays; of the rest the one whose default harms least goes. */
const GIVES_WAY = ["priority", "style", "scope", "outcome"] as const;
type GivesWay = (typeof GIVES_WAY)[number];

/** The standard questions that a card of six has no room for; those that a person spoke of go last. */
function givingWay(questions: readonly Question[], wanted: readonly string[]): GivesWay[] {
  const present = GIVES_WAY.filter((id) => questions.some((question) => question.id === id));
  const order = [...present.filter((id) => !wanted.includes(id)), ...present.filter((id) => wanted.includes(id))];
  return order.slice(0, Math.max(0, questions.length - QUESTIONS_A_CARD));
}

function assumedFor(leaving: readonly GivesWay[], standard: readonly QuestionDraft[]): OptionFrame["assumed"] {
  return leaving.flatMap((id) => {
    const draft = standard.find((candidate) => candidate.id === id);
    const option = draft?.options.find((candidate) => candidate.id === BASELINE[id]);
    return draft === undefined || option === undefined ? [] : [{ id, title: draft.title, option: option.label }];
  });
}

/** A linear question whose parent is not asked can never be asked (G20). */
function hasParent(question: Question, questions: readonly Question[]): boolean {
  return question.after === undefined || questions.some((other) => other.id === question.after?.question);
}

function orphans(questions: readonly Question[]): OptionFrame["dropped"] {
  return questions
    .filter((question) => !hasParent(question, questions))
    .map(({ id, after }) => ({ id, reason: `it follows on "${after?.question ?? ""}", which is not asked` }));
}

function unasked(own: readonly { id: string; draft: QuestionDraft | undefined }[]): OptionFrame["dropped"] {
  return own.flatMap(({ id, draft }) =>
    draft === undefined ? [{ id, reason: "its condition does not hold in this workspace" }] : [],
  );
}

function droppedBy(finished: readonly FinishedQuestion[]): OptionFrame["dropped"] {
  return finished.flatMap((entry) => (entry.kind === "dropped" ? [{ id: entry.id, reason: entry.reason }] : []));
}

/** The arguments that can be edited on the card; a selection of lanes with the titles of what it may name. */
export function editableArguments({ macro, args, lanes }: RunFacts) {
  const choices = lanes.map(({ lane }) => ({
    id: lane.id,
    label: { kind: "localized" as const, byLanguage: { ...lane.title } },
  }));
  return Object.fromEntries(
    Object.entries(macro.args).map(([id, definition]) => [
      id,
      {
        definition,
        value: args[id] ?? definition.default,
        ...(definition.type === "lanes" ? { choices } : {}),
      },
    ]),
  );
}
