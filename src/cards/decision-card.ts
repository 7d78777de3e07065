import type { CardArgument, DecisionCard } from "../contracts/card.ts";
import type { Decision, DecisionOption } from "../contracts/decision.ts";
import type { Actor } from "../contracts/id.ts";
import type { ArgumentValue } from "../contracts/macro-argument.ts";
import type { Run } from "../contracts/run.ts";
import { lanesOf } from "../commands/argument.ts";
import { standingAnswers } from "../commands/answers.ts";
import { argumentsInForce } from "../commands/arguments-in-force.ts";
import { letterOf } from "../commands/text-answer.ts";
import { encodeToken } from "../commands/token.ts";
import { visibleQuestions } from "../commands/visible-questions.ts";
import type { Translator } from "../i18n.ts";
import { plainTranslator, shorten } from "../plain-text.ts";
import { cardTask, titleIn } from "./card-task.ts";
import { laneName } from "./lane-words.ts";
import { undoAction } from "./undo-action.ts";

const FIELDS = ["changes", "solves", "result", "advantages", "disadvantages"] as const;

/** A question card (G4, G5, G7). Pending and resolved show the same body; resolved adds who chose what, when. */
export function decisionCard(run: Run, decision: Decision, translator: Translator): DecisionCard {
  const words = plainTranslator(translator);
  const answers = decision.status === "answered" ? decision.answers : {};
  const isOpen = decision.status === "open";
  const standing = isOpen ? standingAnswers(decision.questions, decision.draft) : {};
  const inForce =
    decision.status === "answered" ? valuesAfter(run, decision) : isOpen ? (decision.draft?.args ?? {}) : {};
  const selected = isOpen ? selectedParts(run, decision, inForce, words) : null;
  return {
    kind: "decision",
    runId: run.runId,
    language: words.language,
    version: run.version,
    task: cardTask(run),
    decisionId: decision.decisionId,
    about: decision.kind,
    title: titleIn(run, words.t(`decision.title.${decision.kind}`), words),
    assurance: words.t(`decision.assurance.${decision.kind}`),
    context: decision.context.map(({ heading, lines }) => ({
      heading: words.say(heading),
      lines: lines.map((line) => words.say(line)),
    })),
    questions: decision.questions.map((question, at) => ({
      id: question.id,
      number: at + 1,
      title: words.say(question.title),
      after: question.after ?? null,
      options: question.options.map((option, position) =>
        cardOption(option, position, words, question.id === "scope" ? selected : null),
      ),
      drafted: standing[question.id] ?? null,
      chosen: answers[question.id] ?? null,
    })),
    args: cardArguments(run, decision, inForce, words),
    resolved: resolution(run, decision, words),
    actions: actionsOf(run, decision, words),
  };
}

/** The arguments of a decision as they can be edited; `values` are those in force, over the ones it was put with. */
export function cardArguments(
  run: Run,
  decision: Decision,
  values: Readonly<Record<string, ArgumentValue>>,
  words: Translator,
): CardArgument[] {
  return Object.entries(decision.args).map(([id, argument]) => ({
    id,
    label: localized(argument.definition.title, words),
    description: argument.definition.description === undefined ? "" : localized(argument.definition.description, words),
    value: values[id] ?? argument.value,
    definition: argument.definition,
    choices: choicesOf(run, argument, words),
  }));
}

/** With a resolved card people read what the run goes by, not what stood there before they chose. */
function valuesAfter(run: Run, decision: Extract<Decision, { status: "answered" }>) {
  const { questions, answers, argsChosen } = decision;
  const chosen = questions.flatMap(({ id, options }) => options.filter((option) => option.id === answers[id]));
  const values = argumentsInForce(
    {},
    chosen.map(({ effect }) => effect.setArgs ?? {}),
    argsChosen,
  );
  const parts = decision.kind === "execution_confirmation" ? lanesOfDecision(decision) : undefined;
  return parts === undefined
    ? values
    : { ...values, [parts.id]: partsAfter(run, decision, values[parts.id] ?? parts.value) };
}

/** The argument of a decision that selects parts of the work. */
function lanesOfDecision({ args }: Decision): { id: string; value: ArgumentValue } | undefined {
  const [found] = Object.entries(args).filter(([, { definition }]) => definition.type === "lanes");
  return found === undefined ? undefined : { id: found[0], value: found[1].value };
}

/** The parts that are worked on; before they are planned, those that the chosen options name. */
function partsAfter(
  { packets }: Run,
  { questions, answers }: Extract<Decision, { status: "answered" }>,
  selected: ArgumentValue,
): ArgumentValue {
  if (packets.workerTaskPackets !== undefined) return packets.workerTaskPackets.map(({ laneId }) => laneId);
  if (!Array.isArray(selected)) return selected;
  const effects = questions.flatMap(({ id, options }) =>
    options.filter((option) => option.id === answers[id]).map(({ effect }) => ({ id, ...effect })),
  );
  const scope = effects.find(({ id }) => id === "scope")?.includeLanes ?? selected;
  const added = effects.flatMap(({ id, includeLanes = [] }) => (id === "scope" ? [] : includeLanes));
  const excluded = effects.flatMap(({ excludeLanes = [] }) => excludeLanes);
  return [...new Set([...scope, ...added])].filter((lane) => !excluded.includes(lane));
}

/** What "my own selection" means as the card stands. */
function selectedParts(
  run: Run,
  decision: Decision,
  drafted: Readonly<Record<string, ArgumentValue>>,
  words: Translator,
): string | null {
  const parts = lanesOfDecision(decision);
  const argument = decision.args[parts?.id ?? ""];
  const value = drafted[parts?.id ?? ""] ?? parts?.value;
  if (argument === undefined || !Array.isArray(value)) return null;
  const labels = new Map(choicesOf(run, argument, words)?.map(({ id, label }) => [id, label]));
  return words.t("option.scope.own_selection.now", { names: value.map((id) => labels.get(id) ?? id).join(", ") });
}

/** The decision that is shown: the open one, or else the last one. */
export function shownDecision(run: Run): Decision | undefined {
  const { status } = run;
  if (status.kind !== "waiting") return run.decisions.at(-1);
  return run.decisions.find(({ decisionId }) => decisionId === status.decisionId);
}

export function actorName(actor: Actor): string {
  return actor.displayName ?? actor.user;
}

function cardOption(
  option: DecisionOption,
  position: number,
  words: Translator,
  selected: string | null,
): DecisionCard["questions"][number]["options"][number] {
  const { recommendedBecause, rejectedBecause } = option;
  return {
    id: option.id,
    letter: letterOf(position),
    label: words.say(option.label),
    recommended: option.recommended,
    recommendedBecause: recommendedBecause === undefined ? null : words.say(recommendedBecause),
    rejectedBecause: rejectedBecause === undefined ? null : words.say(rejectedBecause),
    sets: option.effect.setArgs ?? {},
    fields: FIELDS.map((field) => ({
      label: words.t(`decision.field.${field}`),
      value: fieldOf(option, field, words, selected),
    })),
  };
}

function fieldOf(
  option: DecisionOption,
  field: (typeof FIELDS)[number],
  words: Translator,
  selected: string | null,
): string {
  const said = words.say(option[field]);
  return field === "changes" && option.id === "own_selection" && selected !== null ? `${said} ${selected}` : said;
}

function choicesOf(
  run: Run,
  argument: Decision["args"][string],
  words: Translator,
): DecisionCard["args"][number]["choices"] {
  const { definition, choices } = argument;
  switch (definition.type) {
    case "choice":
      return definition.choices.map((id) => {
        const label = definition.labels?.[id];
        return { id, label: label === undefined ? id : localized(label, words) };
      });
    case "lanes":
      return (
        choices?.map(({ id, label }) => ({ id, label: words.say(label) })) ??
        lanesOf(argument).map((id) => ({ id, label: laneName(run, id, words) }))
      );
    case "integer":
    case "string":
    case "boolean":
      return null;
  }
}

function localized(byLanguage: Record<string, string>, words: Translator): string {
  return words.say({ kind: "localized", byLanguage });
}

/** A given permission was taken back when another question about the same change has followed it. */
function wasTakenBack({ change }: Run, decision: Decision): boolean {
  return decision.kind === "permission" && change !== undefined && change.decisionId !== decision.decisionId;
}

function actionsOf(run: Run, decision: Decision, words: Translator): DecisionCard["actions"] {
  if (decision.status === "open") return openActions(run, decision, words);
  return decision.decisionId === run.change?.decisionId ? undoAction(run, words) : [];
}

function resolution(run: Run, decision: Decision, words: Translator): DecisionCard["resolved"] {
  switch (decision.status) {
    case "open":
      return null;
    case "withdrawn":
      return {
        line: words.t("decision.resolved.withdrawn", { when: words.dateTime(decision.withdrawnAt) }),
        at: decision.withdrawnAt,
      };
    case "answered": {
      const chosen = decision.questions.flatMap((question, at) => {
        const position = question.options.findIndex((option) => option.id === decision.answers[question.id]);
        return position < 0 ? [] : [`${at + 1}${letterOf(position)}`];
      });
      const params = {
        who: shorten(actorName(decision.answeredBy), 60),
        when: words.dateTime(decision.answeredAt),
        choice: chosen.join(" "),
      };
      const key = wasTakenBack(run, decision) ? "taken_back" : decision.how;
      return { line: words.t(`decision.resolved.${key}`, params), at: decision.answeredAt };
    }
  }
}

function openActions(run: Run, decision: Decision, words: Translator): DecisionCard["actions"] {
  const { runId } = run;
  const { decisionId } = decision;
  const allRecommended = visibleQuestions(decision.questions, {}).every((question) =>
    question.options.some((option) => option.recommended && option.rejectedBecause === undefined),
  );
  const recommended: DecisionCard["actions"] = allRecommended
    ? [
        {
          token: encodeToken({ action: "decision.recommended", runId, decisionId }),
          label: words.t("card.action.recommended"),
          style: "primary",
        },
      ]
    : [];
  return [
    ...recommended,
    {
      token: encodeToken({ action: "run.cancel", runId }),
      label: words.t("card.action.cancel"),
      style: "danger",
      confirm: words.t("card.action.cancel_confirm"),
    },
  ];
}
