import { argumentFromText } from "../../src/commands/argument.ts";
import { decodeToken } from "../../src/commands/token.ts";
import { visibleQuestions } from "../../src/commands/visible-questions.ts";
import type { DeadLetterCard, DecisionCard } from "../../src/contracts/card.ts";
import type { CommandInput } from "../../src/contracts/command.ts";
import type { Actor, RunId } from "../../src/contracts/id.ts";
import type { ArgumentValue } from "../../src/contracts/macro-argument.ts";

/** The fields of a form, each with everything that was sent under its name. */
export type Fields = Readonly<Record<string, readonly string[]>>;

export type Click =
  | { readonly kind: "command"; readonly command: CommandInput & { readonly runId: RunId } }
  /** Look closer: changes nothing, leads to the run's page. */
  | { readonly kind: "inspect"; readonly runId: RunId }
  | { readonly kind: "unknown" };

export const QUESTION_FIELD = "q.";
export const ARGUMENT_FIELD = "a.";
/** Marks a form that shows the arguments to be changed. */
export const CHANGED_FIELD = "changed";

export function field(fields: Fields, name: string): string | undefined {
  return fields[name]?.[0];
}

/**
 * A click on a card as the command that it means. `id` is of the form that was clicked, so a double click is one
 * command. `card`: the run's decision as it stands, by which fields of questions that are not asked are left out.
 */
export function translateClick(
  fields: Fields,
  id: string,
  by: Actor,
  cardOf: (runId: RunId) => DecisionCard | null | undefined,
  letterOf: (runId: RunId) => DeadLetterCard | null | undefined = () => undefined,
): Click {
  const decoded = decodeToken(field(fields, "token") ?? "");
  if (decoded.kind === "unknown") return decoded;
  const { button } = decoded;
  const { runId } = button;
  const base = { id, by, runId };
  switch (button.action) {
    case "run.cancel":
    case "decision.undo":
      return { kind: "command", command: { ...base, kind: button.action } };
    case "dead_letter.retry": {
      // A box that is not ticked sends nothing, so only a form with all controls may be read for changes.
      const card = field(fields, CHANGED_FIELD) === undefined ? undefined : letterOf(runId);
      const args = card === undefined || card === null ? {} : argumentsIn(fields, card);
      return { kind: "command", command: { ...base, kind: "dead_letter.retry", args } };
    }
    case "dead_letter.discard":
      return {
        kind: "command",
        command: { ...base, kind: "dead_letter.discard", reason: field(fields, "reason") ?? "" },
      };
    case "dead_letter.inspect":
      return { kind: "inspect", runId };
    case "decision.recommended":
    case "decision.submit": {
      const { decisionId } = button;
      const shown = cardOf(runId);
      const card = shown?.decisionId === decisionId ? shown : undefined;
      const answers = button.action === "decision.recommended" ? "recommended" : answersIn(fields, card);
      const args = card === undefined ? {} : argumentsIn(fields, card);
      return { kind: "command", command: { ...base, kind: "decision.answer", decisionId, answers, args } };
    }
    // What is chosen one by one is for places that have no forms.
    case "decision.arguments":
    case "decision.select":
    case "decision.details":
    case "decision.choose":
      return { kind: "unknown" };
  }
}

/** What was chosen; answers to questions that are not asked after the others stay in the form and are left out. */
function answersIn(fields: Fields, card: DecisionCard | undefined): Record<string, string> {
  const given = Object.fromEntries(
    Object.entries(fields).flatMap(([name, [value]]) =>
      name.startsWith(QUESTION_FIELD) && value !== undefined ? [[name.slice(QUESTION_FIELD.length), value]] : [],
    ),
  );
  if (card === undefined) return given;
  const hidden = card.questions.filter((question) => !visibleQuestions(card.questions, given).includes(question));
  return Object.fromEntries(Object.entries(given).filter(([id]) => !hidden.some((question) => question.id === id)));
}

/** The values that were changed. */
function argumentsIn(fields: Fields, card: Pick<DecisionCard, "args">): Record<string, ArgumentValue> {
  return Object.fromEntries(
    card.args.flatMap((argument) => {
      const value = argumentIn(argument, fields[`${ARGUMENT_FIELD}${argument.id}`] ?? []);
      return JSON.stringify(value) === JSON.stringify(argument.value) ? [] : [[argument.id, value]];
    }),
  );
}

/** A box that is not ticked sends nothing; every other control sends its text. */
function argumentIn({ definition }: DecisionCard["args"][number], values: readonly string[]): ArgumentValue {
  switch (definition.type) {
    case "boolean":
      return values.length > 0;
    case "lanes":
      return [...values];
    case "integer":
    case "string":
    case "choice":
      return argumentFromText(definition, values[0] ?? "");
  }
}
