import type { InputBlock, Option, PlainTextElement } from "@slack/types";
import { z } from "zod";
import { argumentFromText, lanesOf } from "../../../src/commands/argument.ts";
import type { ArgumentValue, MacroArgument } from "../../../src/contracts/macro-argument.ts";
import type { Translator } from "../../../src/i18n.ts";
import { plain } from "../blocks.ts";
import { LIMITS } from "../limits.ts";

/** A value that can be edited in a form; cards and macros both fit. */
export interface Editable {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly value: ArgumentValue;
  readonly definition: MacroArgument;
  readonly choices: readonly { readonly id: string; readonly label: string }[] | null;
}

export const ARGUMENT = "arg.";
/** The action of every input; the id of its block says what it is about. */
export const VALUE = "value";

/** What was entered, as Slack sends it with a form: by block, then by action. */
export const FormValues = z.record(
  z.string(),
  z.record(
    z.string(),
    z.object({
      value: z.string().nullish(),
      selected_option: z.object({ value: z.string() }).nullish(),
      selected_options: z.array(z.object({ value: z.string() })).nullish(),
    }),
  ),
);
export type FormValues = z.infer<typeof FormValues>;

export function option(value: string, label: string): Option & { text: PlainTextElement } {
  return { text: plain(label, LIMITS.optionText), value };
}

/** The control that fits an argument. */
export function argumentInput(argument: Editable, words: Translator): InputBlock {
  const { id, label, description, value, definition } = argument;
  const base = {
    type: "input",
    block_id: `${ARGUMENT}${id}`,
    label: plain(label, LIMITS.inputLabel),
    ...(description === "" ? {} : { hint: plain(description, LIMITS.inputHint) }),
  } as const;
  switch (definition.type) {
    case "integer": {
      const { min, max } = definition;
      const range = {
        ...(min === undefined ? {} : { min_value: `${min}` }),
        ...(max === undefined ? {} : { max_value: `${max}` }),
      };
      const element = { type: "number_input", action_id: VALUE, is_decimal_allowed: false, ...range } as const;
      return { ...base, element: { ...element, initial_value: String(value) } };
    }
    case "boolean": {
      const yes = option("true", words.t("card.yes"));
      const initial = value === true ? { initial_options: [yes] } : {};
      return { ...base, optional: true, element: { type: "checkboxes", action_id: VALUE, options: [yes], ...initial } };
    }
    case "choice":
    case "lanes":
      return { ...base, element: choiceElement(argument) };
    case "string": {
      const text = String(value);
      const initial = text === "" ? {} : { initial_value: text };
      const max_length = Math.min(definition.maxLength, LIMITS.plainInputCharacters);
      return {
        ...base,
        optional: true,
        element: { type: "plain_text_input", action_id: VALUE, max_length, ...initial },
      };
    }
  }
}

function choiceElement(argument: Editable): InputBlock["element"] {
  const { definition, value, choices } = argument;
  const known = choices ?? lanesOf(argument).map((id) => ({ id, label: id }));
  const options = known.slice(0, LIMITS.selectOptions).map(({ id, label }) => option(id, label));
  if (definition.type === "lanes") {
    const chosen = options.filter((item) => Array.isArray(value) && value.includes(item.value ?? ""));
    const initial = chosen.length === 0 ? {} : { initial_options: chosen };
    return { type: "multi_static_select", action_id: VALUE, options, ...initial };
  }
  const chosen = options.find((item) => item.value === value);
  return {
    type: "static_select",
    action_id: VALUE,
    options,
    ...(chosen === undefined ? {} : { initial_option: chosen }),
  };
}

/** The values that were changed. A form that does not show an argument leaves it as it is. */
export function argumentsIn(values: FormValues, known: readonly Editable[]): Record<string, ArgumentValue> {
  return Object.fromEntries(
    known.flatMap((argument) => {
      const entered = values[`${ARGUMENT}${argument.id}`]?.[VALUE];
      if (entered === undefined) return [];
      const value = valueIn(argument, entered);
      return JSON.stringify(value) === JSON.stringify(argument.value) ? [] : [[argument.id, value]];
    }),
  );
}

function valueIn({ definition }: Editable, entered: FormValues[string][string]): ArgumentValue {
  switch (definition.type) {
    case "boolean":
      return (entered.selected_options ?? []).length > 0;
    case "lanes":
      return (entered.selected_options ?? []).map(({ value }) => value);
    case "choice":
      return entered.selected_option?.value ?? "";
    case "integer":
    case "string":
      return argumentFromText(definition, entered.value ?? "");
  }
}
