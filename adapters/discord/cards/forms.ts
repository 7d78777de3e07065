import { createHash } from "node:crypto";
import {
  ComponentType,
  TextInputStyle,
  type APIComponentInLabel,
  type APILabelComponent,
  type APIModalInteractionResponseCallbackData,
  type APISelectMenuOption,
} from "discord.js";
import { encodeToken } from "../../../src/commands/token.ts";
import type { DeadLetterCard, DecisionCard } from "../../../src/contracts/card.ts";
import { translatorFor, type Translator } from "../../../src/i18n.ts";
import { shorten } from "../../../src/plain-text.ts";
import type { RunId } from "../../../src/contracts/id.ts";
import { askToken, formToken } from "../custom-id.ts";
import { escaped } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { display } from "../sheet.ts";

type Form = APIModalInteractionResponseCallbackData;
type Argument = DecisionCard["args"][number];

/** A card whose values can be changed: on a question before it is answered, on a dead letter with its retry. */
export type CardWithArguments = DecisionCard | DeadLetterCard;

/** How many forms the arguments of a card need. */
export function argumentPages(card: CardWithArguments): number {
  return Math.ceil(card.args.length / fieldsOf(card));
}

export function argumentsOn(card: CardWithArguments, page: number): Argument[] {
  return card.args.slice((page - 1) * fieldsOf(card), page * fieldsOf(card));
}

/** The form of a retry says first what it does. */
function fieldsOf({ kind }: CardWithArguments): number {
  return kind === "decision" ? LIMITS.modalFields : LIMITS.modalFields - 1;
}

export function argumentsToken(card: CardWithArguments): string {
  const { runId } = card;
  return card.kind === "decision"
    ? encodeToken({ action: "decision.arguments", runId, decisionId: card.decisionId })
    : encodeToken({ action: "dead_letter.retry", runId });
}

/** The values of a card, to be changed. `opening` makes this opening of the form its own. */
export function argumentForm(card: CardWithArguments, page: number, opening: string): Form {
  const words = translatorFor(card.language);
  const isRetry = card.kind === "dead_letter";
  return {
    custom_id: formToken(argumentsToken(card), page, opening, shownOn(card, page)),
    title: shorten(words.t(isRetry ? "card.action.retry" : "discord.decision.arguments"), LIMITS.modalTitle),
    components: [
      ...(isRetry ? [display(escaped(words.t("card.retry_about")))] : []),
      ...argumentsOn(card, page).map((argument): APILabelComponent => ({
        type: ComponentType.Label,
        label: shorten(argument.label, LIMITS.fieldLabel),
        ...(argument.description === "" ? {} : { description: shorten(argument.description, LIMITS.fieldDescription) }),
        component: argumentField(argument, words),
      })),
    ],
  };
}

/** Values as the form shows and returns them. */
type Shown = readonly string[];

/** Characters of the fingerprint of one field. */
const FINGERPRINT = 4;

/** What the fields of a form show, so short that it fits into the form's id. */
function shownOn(card: CardWithArguments, page: number): string {
  return argumentsOn(card, page)
    .map((argument) => fingerprintOf(shownIn(argument)))
    .join("");
}

/** The values that a person changed in a form; those are left out that came back as the form had shown them. */
export function changedIn(
  card: CardWithArguments,
  { page, shown }: { readonly page: number; readonly shown: string },
  fields: Readonly<Record<string, Shown>>,
): [Argument, Shown][] {
  return argumentsOn(card, page).flatMap((argument, at): [Argument, Shown][] => {
    const given = fields[argument.id];
    const before = shown.slice(at * FINGERPRINT, (at + 1) * FINGERPRINT);
    return given === undefined || fingerprintOf(given) === before ? [] : [[argument, given]];
  });
}

function fingerprintOf(values: Shown): string {
  const text = values.toSorted().join("\u{0}");
  return createHash("sha256").update(text).digest("base64url").slice(0, FINGERPRINT);
}

/** More than a select takes is written by hand. */
function isSelect({ definition: { type }, choices }: Argument): boolean {
  if (type === "boolean") return true;
  const count = choices?.length ?? 0;
  return (type === "choice" || type === "lanes") && count > 0 && count <= LIMITS.optionsInSelect;
}

function shownIn(argument: Argument): Shown {
  const { definition, value } = argument;
  if (definition.type === "boolean") return [String(value === true)];
  const chosen = Array.isArray(value) ? value : [String(value)];
  return isSelect(argument) ? chosen : [chosen.join(", ").slice(0, mostIn(argument))];
}

function mostIn({ definition }: Argument): number {
  if (definition.type === "string") return definition.maxLength;
  return definition.type === "integer" ? 20 : LIMITS.fieldText;
}

function argumentField(argument: Argument, words: Translator): APIComponentInLabel {
  const { id, definition, choices } = argument;
  const shown = shownIn(argument);
  if (!isSelect(argument)) return textField(id, shown.join(""), mostIn(argument));
  const known =
    definition.type === "boolean"
      ? [
          { label: words.t("card.yes"), id: "true" },
          { label: words.t("card.no"), id: "false" },
        ]
      : (choices ?? []);
  const options = known.map((choice) => ({
    label: shorten(choice.label, LIMITS.optionText),
    value: choice.id,
    default: shown.includes(choice.id),
  }));
  return select(id, options, definition.type === "lanes" ? options.length : 1);
}

function select(id: string, options: APISelectMenuOption[], most = 1): APIComponentInLabel {
  return { type: ComponentType.StringSelect, custom_id: id, options, min_values: 1, max_values: most };
}

function textField(id: string, value: string, most: number): APIComponentInLabel {
  return {
    type: ComponentType.TextInput,
    custom_id: id,
    style: most > 200 ? TextInputStyle.Paragraph : TextInputStyle.Short,
    required: false,
    max_length: most,
    ...(value === "" ? {} : { value }),
  };
}

export const REASON_FIELD = "reason";
export const QUESTION_FIELD = "question";

/** Asks whether a run is really given up, and why; sending the form is the confirmation. */
export function discardForm(card: DeadLetterCard, opening: string): Form {
  const words = translatorFor(card.language);
  const { runId } = card;
  const confirm = card.actions.find(({ confirm }) => confirm !== undefined)?.confirm ?? "";
  return {
    custom_id: formToken(encodeToken({ action: "dead_letter.discard", runId }), 1, opening),
    title: shorten(words.t("card.action.discard"), LIMITS.modalTitle),
    components: [
      ...(confirm === "" ? [] : [display(escaped(confirm))]),
      textLabel(REASON_FIELD, words.t("discord.reason"), 1000),
    ],
  };
}

export function askForm(runId: RunId, words: Translator, opening: string): Form {
  return {
    custom_id: `${askToken(runId)}~${opening}`,
    title: shorten(words.t("discord.ask"), LIMITS.modalTitle),
    components: [
      display(escaped(words.t("discord.ask.hint"))),
      textLabel(QUESTION_FIELD, words.t("discord.ask.label"), 500),
    ],
  };
}

function textLabel(id: string, label: string, most: number): APILabelComponent {
  return {
    type: ComponentType.Label,
    label: shorten(label, LIMITS.fieldLabel),
    component: {
      type: ComponentType.TextInput,
      custom_id: id,
      style: TextInputStyle.Paragraph,
      required: true,
      min_length: 1,
      max_length: most,
    },
  };
}
