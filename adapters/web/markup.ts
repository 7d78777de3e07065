import { html } from "hono/html";
import { plainLines } from "../../src/plain-text.ts";

/** A piece of a page, already escaped. */
export type Markup = ReturnType<typeof html>;

/**
 * The escaping tag of hono, with one thing more: control characters and bidi overrides of every text that is put in
 * become visible, so no page can forget it. Pieces made by the tag itself go in as they are.
 */
export function view(strings: TemplateStringsArray, ...values: unknown[]): Markup {
  return html(strings, ...values.map(visible));
}

/** An attribute without a value, such as `checked`, where `holds`. */
export function flag(holds: boolean, name: "checked" | "disabled" | "selected" | "open" | "autofocus"): string {
  return holds ? name : "";
}

function visible(value: unknown): unknown {
  if (typeof value === "string") return plainLines(value);
  return Array.isArray(value) ? value.map(visible) : value;
}
