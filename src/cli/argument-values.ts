import type { ArgumentValue, MacroArgument } from "../contracts/macro-argument.ts";
import type { Macro } from "../contracts/macro.ts";
import { InputError } from "../errors.ts";
import type { Translator } from "../i18n.ts";

/**
 * Reads `--arg key=value` by the definitions of the macro; without a macro, by the definitions of every macro that
 * has such an argument (the first wins: the run checks again once its macro is known). Throws an InputError.
 */
export function parseArguments(
  pairs: readonly string[],
  macroId: string | undefined,
  macros: readonly Macro[],
  translator: Translator,
): Record<string, ArgumentValue> {
  const candidates = macroId === undefined ? macros : [macroNamed(macroId, macros, translator)];
  const values: Record<string, ArgumentValue> = {};
  for (const pair of pairs) {
    const [key = "", ...rest] = pair.split("=");
    if (key === "" || rest.length === 0) throw new InputError("arg.form", translator.t("cli.arg.form", { pair }));
    const definition = candidates.find((macro) => Object.hasOwn(macro.args, key))?.args[key];
    if (definition === undefined) {
      const known = [...new Set(candidates.flatMap((macro) => Object.keys(macro.args)))].sort().join(", ");
      throw new InputError("arg.unknown", translator.t("cli.arg.unknown", { key, known: known || "–" }));
    }
    values[key] = parseValue(key, rest.join("="), definition, translator);
  }
  return values;
}

/** Throws an InputError that lists the macros there are. */
export function macroNamed(id: string, macros: readonly Macro[], translator: Translator): Macro {
  const macro = macros.find((candidate) => candidate.id === id);
  if (macro !== undefined) return macro;
  const known = macros.map((candidate) => candidate.id).join(", ");
  throw new InputError("macro.unknown", translator.t("cli.macro_unknown", { id, known }));
}

function parseValue(key: string, text: string, definition: MacroArgument, translator: Translator): ArgumentValue {
  const wrong = (expected: string): InputError =>
    new InputError("arg.invalid", translator.t("cli.arg.invalid", { key, expected, came: text }));
  switch (definition.type) {
    case "integer": {
      const value = Number(text);
      const { min = -Infinity, max = Infinity } = definition;
      if (text.trim() === "" || !Number.isSafeInteger(value)) throw wrong(translator.t("cli.arg.integer"));
      if (value < min || value > max) throw wrong(translator.t("cli.arg.range", { min: `${min}`, max: `${max}` }));
      return value;
    }
    case "boolean":
      if (text !== "true" && text !== "false") throw wrong("true, false");
      return text === "true";
    case "choice":
      if (!definition.choices.includes(text)) throw wrong(definition.choices.join(", "));
      return text;
    case "lanes":
      return text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");
    case "string": {
      if (text.length > definition.maxLength)
        throw wrong(translator.t("cli.arg.length", { max: definition.maxLength }));
      if (definition.pattern !== undefined && !new RegExp(`^(?:${definition.pattern})$`, "u").test(text)) {
        throw wrong(hintOf(definition, translator) ?? definition.pattern);
      }
      return text;
    }
  }
}

function hintOf({ patternHint }: Extract<MacroArgument, { type: "string" }>, translator: Translator) {
  return patternHint && translator.say({ kind: "localized", byLanguage: { ...patternHint } });
}
