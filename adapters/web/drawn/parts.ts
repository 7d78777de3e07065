import { z } from "zod";
import type { Translator } from "../../../src/i18n.ts";
import { flag, view, type Markup } from "../markup.ts";

/** For whom and when a message of another platform is drawn. */
export interface Beholder {
  readonly words: Translator;
  /** Epoch milliseconds; platforms show times as seen from here. */
  readonly now: number;
}

export interface DrawnOption {
  readonly label: string;
  readonly description?: string | undefined;
  readonly chosen: boolean;
}

const Kind = z.object({ type: z.union([z.string(), z.number()]) });

/** What cannot be drawn is shown as it is sent: a picture that left it out would lie. */
export function unknownPart(part: unknown, { words }: Beholder): Markup {
  const type = Kind.safeParse(part).data?.type ?? "?";
  return view`<div class="drawn-unknown"><p>${words.t("web.drawn.unknown", { type: String(type) })}</p><pre>${jsonOf(part)}</pre></div>`;
}

export function jsonOf(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** The name that stands above each message, with the platform's mark of a program. */
export function author({ words }: Beholder): Markup {
  return view`<p class="drawn-author"><img src="/static/icon.svg" alt="" width="36" height="36"> <b>Coxswain</b> <span class="drawn-app">${words.t("web.drawn.app")}</span></p>`;
}

/** A button that looks like one and does nothing. */
export function inertButton(label: string, style: string): Markup {
  return view`<button type="button" disabled class="drawn-button is-${style}">${label}</button>`;
}

/** A list to choose from: it opens, as the platform's does, and nothing in it can be chosen. */
export function dropDown(options: readonly DrawnOption[], placeholder: string): Markup {
  const chosen = options.filter((option) => option.chosen).map(({ label }) => label);
  return view`<details class="drawn-select"><summary>${chosen.length === 0 ? placeholder : chosen.join(", ")}</summary><ul>${options.map(
    ({ label, description, chosen: is }) =>
      view`<li${is ? view` class="is-chosen"` : ""}><span>${label}</span>${description === undefined ? "" : view`<small>${description}</small>`}</li>`,
  )}</ul></details>`;
}

export function tick(type: "radio" | "checkbox", { label, description, chosen }: DrawnOption): Markup {
  return view`<label class="drawn-tick"><input type="${type}" disabled ${flag(chosen, "checked")}> <span>${label}</span>${description === undefined ? "" : view` <small>${description}</small>`}</label>`;
}

export function textField(label: string, value: string, lines: "one" | "several", hint = ""): Markup {
  const field =
    lines === "one"
      ? view`<input type="text" disabled value="${value}">`
      : view`<textarea disabled rows="3">
${value}</textarea>`;
  return view`<label class="drawn-field"><b>${label}</b>${small(hint)}${field}</label>`;
}

/** A control that is no single field, under its name. */
export function labelled(label: string, control: Markup | readonly Markup[], hint = ""): Markup {
  return view`<div class="drawn-field" role="group" aria-label="${label}"><b>${label}</b>${small(hint)}${control}</div>`;
}

function small(text: string): Markup | string {
  return text === "" ? "" : view`<small>${text}</small>`;
}
