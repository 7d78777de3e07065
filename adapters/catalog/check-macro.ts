import { IntlMessageFormat } from "intl-messageformat";
import { Language } from "../../src/contracts/language.ts";
import type { ArgumentValue, MacroArgument } from "../../src/contracts/macro-argument.ts";
import type { Macro } from "../../src/contracts/macro.ts";
import { messageOf } from "../../src/errors.ts";

interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Mistakes of a macro that its schema cannot see: values that do not fit each other, and texts that cannot be shown. */
export function macroProblems(macro: Macro): Mistake[] {
  const lanes = macro.lanes.map((lane) => lane.id);
  const defaults = Object.entries(macro.args).flatMap(([id, argument]) =>
    mistakeOf(argument, argument.default, lanes).map((message) => ({ path: ["args", id, "default"], message })),
  );
  const options = macro.questions.flatMap((question, at) =>
    question.options.flatMap(({ effect }, n) => {
      const path = ["questions", at, "options", n, "effect"];
      const values = Object.entries(effect.setArgs ?? {}).flatMap(([id, value]) => {
        const argument = macro.args[id];
        const messages = argument === undefined ? [] : mistakeOf(argument, value, lanes);
        return messages.map((message) => ({ path: [...path, "setArgs", id], message }));
      });
      return changesNothing(effect) ? [...values, { path, message: NO_EFFECT }] : values;
    }),
  );
  const commands = macro.lanes.flatMap((lane, at) =>
    (lane.command ?? []).flatMap((word, n) =>
      commandMistakes(word, n === 0, macro.args).map((message) => ({ path: ["lanes", at, "command", n], message })),
    ),
  );
  const checks = macro.lanes.flatMap((lane, at) =>
    lane.command === undefined
      ? []
      : lane.verify.flatMap((step, n) =>
          NEEDS_FACTS.some((kind) => kind === step.kind)
            ? [{ path: ["lanes", at, "verify", n], message: noFacts(step.kind) }]
            : [],
        ),
  );
  return [...defaults, ...options, ...commands, ...checks, ...textMistakes(macro, [])];
}

const NEEDS_FACTS = ["facts_present", "fact_at_least", "fact_equals_evidence"] as const;

/** Found here, it names file and line; found in Review, it would send the same work back until the run dies. */
function noFacts(kind: string): string {
  return `a check that can pass was expected, ${kind} came: a command prints text and reports no facts. Use exit_code, artifact (output.log) or command, or give the lane a need, and an agent whose program reports facts.`;
}

/** Placeholders of a command that nothing can be put in for; `program`: it is the first word. */
function commandMistakes(word: string, program: boolean, args: Macro["args"]): string[] {
  const known = Object.keys(args).join(", ") || "none";
  const rest = word.replaceAll(/\{arg:([a-z][a-z0-9_-]*)\}/g, "");
  const malformed = /\{\s*(?:args?\b|workspace)/i.test(rest.replaceAll("{workspace}", ""))
    ? [`a placeholder {arg:name} or {workspace} was expected, ${JSON.stringify(word)} came (arguments: ${known})`]
    : [];
  const wrong = [...word.matchAll(/\{arg:([a-z][a-z0-9_-]*)\}/g)].flatMap(([placeholder, name = ""]): string[] => {
    const argument = Object.hasOwn(args, name) ? args[name] : undefined;
    if (argument === undefined) return [`no argument is called "${name}" (arguments: ${known})`];
    if (argument.type === "lanes") return [`"${name}" is a list of lanes, which is no word of a command`];
    const whole = placeholder === word;
    if (program && !(whole && argument.type === "choice"))
      return [`the program must be written down; only a choice may be a placeholder, "${name}" is a ${argument.type}`];
    const dash = (argument.type === "string" || argument.type === "integer") && argument.allowLeadingDash !== true;
    if (whole && dash && String(argument.default).startsWith("-"))
      return [
        `the default of "${name}" begins with "-"; set allowLeadingDash where the program may take it for an option`,
      ];
    return [];
  });
  return [...malformed, ...wrong];
}

const NO_EFFECT =
  "an option that changes something was expected, an empty effect came. Give includeLanes, excludeLanes, setArgs or treats, or take the option out.";

function changesNothing({
  includeLanes = [],
  excludeLanes = [],
  setArgs = {},
  treats = {},
}: Macro["questions"][number]["options"][number]["effect"]): boolean {
  return includeLanes.length + excludeLanes.length + Object.keys(setArgs).length + Object.keys(treats).length === 0;
}

/** What is wrong with a value of an argument; empty where it fits. */
function mistakeOf(argument: MacroArgument, value: ArgumentValue, lanes: readonly string[]): string[] {
  const came = JSON.stringify(value);
  switch (argument.type) {
    case "integer": {
      const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = argument;
      const fits = typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
      return fits ? [] : [`a whole number from ${min} to ${max} was expected, ${came} came`];
    }
    case "boolean":
      return typeof value === "boolean" ? [] : [`true or false was expected, ${came} came`];
    case "choice":
      return argument.choices.some((choice) => choice === value)
        ? []
        : [`one of ${argument.choices.join(", ")} was expected, ${came} came`];
    case "string": {
      const { maxLength, pattern } = argument;
      if (typeof value !== "string" || value.length > maxLength) {
        return [`a text of at most ${maxLength} characters was expected, ${came} came`];
      }
      return patternMistake(pattern, value);
    }
    case "lanes": {
      const wrong = Array.isArray(value) ? value.filter((lane) => !lanes.includes(lane)) : [came];
      return wrong.length === 0
        ? []
        : [`lanes of this macro were expected (${lanes.join(", ")}), ${wrong.join(", ")} came`];
    }
  }
}

function patternMistake(pattern: string | undefined, value: string): string[] {
  if (pattern === undefined) return [];
  try {
    const fits = new RegExp(`^(?:${pattern})$`, "u").test(value);
    return fits ? [] : [`a text like ${pattern} was expected, ${JSON.stringify(value)} came`];
  } catch (error) {
    return [`a regular expression was expected as pattern: ${messageOf(error)}`];
  }
}

/** Texts are known by their English part. */
function textMistakes(value: unknown, path: readonly PropertyKey[]): Mistake[] {
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value);
  if (!("en" in value) || typeof value.en !== "string") {
    return entries.flatMap(([key, child]) => textMistakes(child, [...path, Array.isArray(value) ? Number(key) : key]));
  }
  return entries.flatMap(([language, text]) => {
    const at = [...path, language];
    if (!Language.safeParse(language).success) {
      return [{ path: at, message: `a language tag such as en or zh-CN was expected, "${language}" came` }];
    }
    const broken = patternError(String(text), language);
    return broken === undefined ? [] : [{ path: at, message: broken }];
  });
}

function patternError(text: string, language: string): string | undefined {
  try {
    // Found here, it names file and line; found when the card is made, it stops a run.
    void new IntlMessageFormat(text, language, undefined, { ignoreTag: true });
    return undefined;
  } catch (error) {
    return `a text with well-formed placeholders was expected, ${JSON.stringify(text.slice(0, 60))} came (${messageOf(error)}). Write { and } in quotes: '{'`;
  }
}
