import type { Action } from "../../../src/contracts/card.ts";
import { hiddenFields } from "../form.ts";
import { view, type Markup } from "../markup.ts";
import { disabledFor, forReader, inReadersLanguage, whyNot, type Pressing } from "./pressing.ts";

/** A button of a card. What cannot be taken back is opened first, explained, and only then clicked. */
export function askedTwice(given: Action, pressing: Pressing, extra: Markup | string = ""): Markup {
  const { scene, runId, cardId, why } = pressing;
  const action = forReader(given, pressing);
  const lang = inReadersLanguage(pressing);
  const refusal = why(action.token);
  const whyId = `${cardId}-${action.token.replaceAll(".", "-")}-why`;
  const disabled = refusal === undefined ? "" : disabledFor(whyId);
  const fields = view`${hiddenFields(scene)}<input type="hidden" name="run" value="${runId}">`;
  const button = view`<button name="token" value="${action.token}" class="${action.style}"${disabled}>${action.label}</button>`;
  if (refusal !== undefined) {
    return view`<form method="post" action="/act" class="refused"${lang}>${fields}${button}${whyNot(whyId, refusal)}</form>`;
  }
  const form = view`<form method="post" action="/act"${lang}>${fields}${extra}${button}</form>`;
  if (action.confirm === undefined) return form;
  return view`<details class="ask-twice"${lang}><summary>${action.label}</summary><p>${action.confirm}</p>${form}</details>`;
}
