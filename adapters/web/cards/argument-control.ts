import type { CardArgument } from "../../../src/contracts/card.ts";
import type { Translator } from "../../../src/i18n.ts";
import { flag, view, type Markup } from "../markup.ts";
import { ARGUMENT_FIELD, type Fields } from "../translate.ts";

/** One argument of a card as the control that fits its type. `filled`: what was sent before, after a refusal. */
export function argumentControl(cardId: string, argument: CardArgument, filled: Fields, words: Translator): Markup {
  const name = `${ARGUMENT_FIELD}${argument.id}`;
  const id = `${cardId}-${argument.id}`;
  const sent = Object.keys(filled).length === 0 ? undefined : (filled[name] ?? []);
  const about =
    argument.description === "" ? "" : view`<span class="muted" id="${id}-about">${argument.description}</span>`;
  if (argument.definition.type === "lanes") {
    const ticked = sent ?? (Array.isArray(argument.value) ? argument.value : []);
    return view`<fieldset class="arg"><legend>${argument.label}</legend>${about}<div class="ticks">${(
      argument.choices ?? []
    ).map(
      (choice) =>
        view`<label class="tick"><input type="checkbox" name="${name}" value="${choice.id}" ${flag(ticked.includes(choice.id), "checked")}> ${choice.label}</label>`,
    )}</div></fieldset>`;
  }
  return view`<div class="arg"><label for="${id}">${argument.label}</label>${control(argument, name, id, sent, words)}${about}</div>`;
}

function control(
  { definition, value, choices, description }: CardArgument,
  name: string,
  id: string,
  sent: readonly string[] | undefined,
  words: Translator,
): Markup {
  const text = sent?.[0] ?? (Array.isArray(value) ? value.join(", ") : String(value));
  const described = description === "" ? "" : view` aria-describedby="${id}-about"`;
  switch (definition.type) {
    case "boolean": {
      const on = sent === undefined ? value === true : sent.length > 0;
      return view`<label class="tick"><input type="checkbox" id="${id}" name="${name}" value="true"${described} ${flag(on, "checked")}> ${words.t("card.yes")}</label>`;
    }
    case "choice":
      return view`<select id="${id}" name="${name}"${described}>${(choices ?? []).map((choice) => view`<option value="${choice.id}" ${flag(choice.id === text, "selected")}>${choice.label}</option>`)}</select>`;
    case "integer": {
      const { min, max } = definition;
      // The range is said here and checked by the core; a browser's own bubble could not be read in every language.
      const range =
        min === undefined || max === undefined ? "" : view`<span class="muted range">${min} – ${max}</span>`;
      return view`<span class="row"><input id="${id}" name="${name}" inputmode="numeric" autocomplete="off" value="${text}"${described}>${range}</span>`;
    }
    case "string":
    case "lanes":
      return view`<input id="${id}" name="${name}" autocomplete="off" value="${text}"${described}>`;
  }
}
