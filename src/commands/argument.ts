import type { ArgumentValue, MacroArgument } from "../contracts/macro-argument.ts";
import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";

export type ArgumentVerdict =
  { readonly ok: true; readonly value: ArgumentValue } | { readonly ok: false; readonly message: Text };

/** Checks a value against the definition of its argument. `lanes`: the lanes that a `lanes` argument may name. */
export function checkArgument(
  definition: MacroArgument,
  value: ArgumentValue,
  lanes: readonly string[],
): ArgumentVerdict {
  const fits: ArgumentVerdict = { ok: true, value };
  const came = Array.isArray(value) ? value.join(", ") : String(value);
  const title: Text = { kind: "localized", byLanguage: titleOf(definition) };
  switch (definition.type) {
    case "integer": {
      if (typeof value !== "number" || !Number.isSafeInteger(value)) {
        return { ok: false, message: keyed("command.argument.integer", { title, came }) };
      }
      const { min, max } = definition;
      if (min !== undefined && value < min) {
        return { ok: false, message: keyed("command.argument.too_small", { title, came, min: String(min) }) };
      }
      if (max !== undefined && value > max) {
        return { ok: false, message: keyed("command.argument.too_large", { title, came, max: String(max) }) };
      }
      return fits;
    }
    case "string": {
      if (typeof value !== "string") return { ok: false, message: keyed("command.argument.string", { title, came }) };
      if (value.length > definition.maxLength) {
        const limit = String(definition.maxLength);
        return { ok: false, message: keyed("command.argument.too_long", { title, limit, length: value.length }) };
      }
      const { pattern } = definition;
      if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`, "u").test(value)) {
        return { ok: false, message: refusedByPattern(definition, title, came) };
      }
      return fits;
    }
    case "boolean":
      return typeof value === "boolean"
        ? fits
        : { ok: false, message: keyed("command.argument.boolean", { title, came }) };
    case "choice":
      return typeof value === "string" && definition.choices.includes(value)
        ? fits
        : {
            ok: false,
            message: keyed("command.argument.choice", { title, came, choices: definition.choices.join(", ") }),
          };
    case "lanes": {
      if (!Array.isArray(value) || value.length === 0) {
        return { ok: false, message: keyed("command.argument.lanes_empty", { title, lanes: lanes.join(", ") }) };
      }
      const unknown = value.filter((lane) => !lanes.includes(lane));
      if (unknown.length > 0) {
        const message = keyed("command.argument.lanes_unknown", {
          title,
          came: unknown.join(", "),
          lanes: lanes.join(", "),
        });
        return { ok: false, message };
      }
      return { ok: true, value: [...new Set(value)] };
    }
  }
}

/** Says what the pattern means; the pattern itself only where its macro does not say that. */
function refusedByPattern(
  { pattern = "", patternHint }: Extract<MacroArgument, { type: "string" }>,
  title: Text,
  came: string,
): Text {
  if (patternHint === undefined) return keyed("command.argument.pattern", { title, came, pattern });
  const hint: Text = { kind: "localized", byLanguage: { ...patternHint } };
  return keyed("command.argument.pattern_hint", { title, came, hint });
}

/** Reads what a person typed as a value of the argument's type; `checkArgument` says whether it fits. */
export function argumentFromText(definition: MacroArgument, typed: string): ArgumentValue {
  const text = typed.trim();
  switch (definition.type) {
    case "integer":
      return /^[-+]?\d+$/.test(text) ? Number(text) : text;
    case "boolean": {
      const word = text.toLowerCase();
      if (["true", "yes", "on", "1", "是"].includes(word)) return true;
      return ["false", "no", "off", "0", "否"].includes(word) ? false : text;
    }
    case "lanes":
      return text
        .split(/[\s,，、]+/u)
        .filter((part) => part !== "")
        .slice(0, 100);
    case "string":
    case "choice":
      return text;
  }
}

/** What a `lanes` argument of a card may name. */
export function lanesOf(argument: {
  readonly definition: MacroArgument;
  readonly value: ArgumentValue;
  readonly choices?: readonly { readonly id: string }[] | null | undefined;
}): string[] {
  const { definition, value, choices } = argument;
  if (definition.type !== "lanes") return [];
  if (choices !== undefined && choices !== null) return choices.map((choice) => choice.id);
  return [...new Set([...definition.default, ...(Array.isArray(value) ? value : [])])];
}

function titleOf(definition: MacroArgument): Record<string, string> {
  return { ...definition.title };
}
