import type { KnownBlock, ModalView } from "@slack/types";
import type { Macro } from "../../../src/contracts/macro.ts";
import { GOAL_LIMIT } from "../../../src/contracts/task.ts";
import type { Translator } from "../../../src/i18n.ts";
import { shorten } from "../../../src/plain-text.ts";
import { plain } from "../blocks.ts";
import { LIMITS } from "../limits.ts";
import { argumentInput, argumentsIn, option, VALUE, type Editable, type FormValues } from "./inputs.ts";
import type { FormMemory, Place } from "./metadata.ts";

export const GOAL = "goal";
export const MACRO = "macro";
/** A goal that fits whatever macro is chosen: it is decided by the words. */
const ANY = "any";

/** The form of `/cox run`: the goal, which kind of work, and the arguments of that kind. */
export function runView(
  macros: readonly Macro[],
  at: { readonly place: Place; readonly goal: string; readonly macro: string | undefined },
  words: Translator,
): ModalView {
  const { place, goal } = at;
  const chosen = macros.find(({ id }) => id === at.macro);
  const memory: FormMemory = { form: "run", place };
  const choices = [
    option(ANY, words.t("slack.form.any_macro")),
    ...macros.slice(0, LIMITS.selectOptions - 1).map((macro) => option(macro.id, titleOf(macro.title, words))),
  ];
  const picked = choices.find(({ value }) => value === chosen?.id) ?? choices[0];
  const given = shorten(goal, LIMITS.plainInputCharacters);
  const blocks: KnownBlock[] = [
    {
      type: "input",
      block_id: GOAL,
      label: plain(words.t("slack.form.goal"), LIMITS.inputLabel),
      element: {
        type: "plain_text_input",
        action_id: VALUE,
        multiline: true,
        max_length: Math.min(GOAL_LIMIT, LIMITS.plainInputCharacters),
        ...(given === "" ? {} : { initial_value: given }),
      },
    },
    {
      type: "input",
      block_id: MACRO,
      dispatch_action: true,
      label: plain(words.t("slack.form.macro"), LIMITS.inputLabel),
      element: {
        type: "static_select",
        action_id: VALUE,
        options: choices,
        ...(picked === undefined ? {} : { initial_option: picked }),
      },
    },
    ...(chosen === undefined ? [] : editablesOf(chosen, words).map((argument) => argumentInput(argument, words))),
  ];
  return {
    type: "modal",
    callback_id: "cx.run",
    title: plain(words.t("slack.form.run"), LIMITS.viewTitle),
    submit: plain(words.t("slack.form.start"), LIMITS.viewButton),
    close: plain(words.t("slack.form.close"), LIMITS.viewButton),
    private_metadata: JSON.stringify(memory),
    blocks: blocks.slice(0, LIMITS.viewBlocks),
  };
}

export function readRun(macros: readonly Macro[], values: FormValues, words: Translator) {
  const id = values[MACRO]?.[VALUE]?.selected_option?.value;
  const macro = macros.find((known) => known.id === id);
  return {
    goal: (values[GOAL]?.[VALUE]?.value ?? "").trim(),
    ...(macro === undefined ? {} : { macro: macro.id }),
    args: macro === undefined ? {} : argumentsIn(values, editablesOf(macro, words)),
  };
}

function editablesOf({ args, lanes }: Macro, words: Translator): Editable[] {
  return Object.entries(args).map(([id, definition]) => ({
    id,
    label: titleOf(definition.title, words),
    description: definition.description === undefined ? "" : titleOf(definition.description, words),
    value: definition.default,
    definition,
    choices:
      definition.type === "choice"
        ? definition.choices.map((choice) => ({ id: choice, label: choice }))
        : definition.type === "lanes"
          ? lanes.map((lane) => ({ id: lane.id, label: titleOf(lane.title, words) }))
          : null,
  }));
}

function titleOf(byLanguage: Record<string, string>, words: Translator): string {
  return words.say({ kind: "localized", byLanguage });
}
