import type { Action } from "../../../src/contracts/card.ts";
import { hiddenFields, type Scene } from "../form.ts";
import { view, type Markup } from "../markup.ts";

/** A button of a card. What cannot be taken back is opened first, explained, and only then clicked. */
export function askedTwice(action: Action, runId: string, scene: Scene, extra: Markup | string = ""): Markup {
  const form = view`<form method="post" action="/act">${hiddenFields(scene)}<input type="hidden" name="run" value="${runId}">${extra}<button name="token" value="${action.token}" class="${action.style}">${action.label}</button></form>`;
  if (action.confirm === undefined) return form;
  return view`<details class="ask-twice"><summary>${action.label}</summary><p>${action.confirm}</p>${form}</details>`;
}
