import type { ArgumentValue, MacroArgument } from "../contracts/macro-argument.ts";
import type { Macro } from "../contracts/macro.ts";
import type { Text } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";

/** `{arg:name}`, wherever it stands in a word. */
const PLACEHOLDER = /\{arg:([a-z][a-z0-9_-]*)\}/g;
const WHOLE_WORD = /^\{arg:([a-z][a-z0-9_-]*)\}$/;
// A program would take NUL for the end; the others can only be a mistake, or an attempt to deceive who reads the log.
const CONTROL = /\p{Cc}/u;

export type FilledCommand =
  { readonly ok: true; readonly argv: string[] } | { readonly ok: false; readonly problems: Text[] };

/**
 * The words of a declared command with its arguments filled in. Nothing is split, joined or passed through a shell:
 * a value is one word, or a part of one. A value that a program would take for an option is refused as a whole word,
 * unless the argument allows it.
 */
export function fillCommand(
  words: readonly string[],
  definitions: Macro["args"],
  values: Readonly<Record<string, ArgumentValue>>,
  workspace: string,
): FilledCommand {
  const problems = once(words.flatMap((word) => wordProblems(word, definitions, values)));
  if (problems.length > 0) return { ok: false, problems };
  const fill = (word: string): string =>
    word.replaceAll(/\{workspace\}|\{arg:([a-z][a-z0-9_-]*)\}/g, (_, name?: string) =>
      name === undefined ? workspace : String(values[name]),
    );
  return { ok: true, argv: words.map(fill) };
}

/** What is wrong with these values for the commands of a macro; empty where all fit. */
export function commandProblems(
  { lanes, args }: Pick<Macro, "lanes" | "args">,
  values: Readonly<Record<string, ArgumentValue>>,
): Text[] {
  return once(lanes.flatMap(({ command = [] }) => command.flatMap((word) => wordProblems(word, args, values))));
}

/** An argument may stand in several words; what is wrong with it is said once. */
function once(problems: readonly Text[]): Text[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function wordProblems(
  word: string,
  definitions: Macro["args"],
  values: Readonly<Record<string, ArgumentValue>>,
): Text[] {
  const whole = WHOLE_WORD.test(word);
  return [...word.matchAll(PLACEHOLDER)].flatMap(([, name = ""]): Text[] => {
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (definition === undefined || value === undefined || Array.isArray(value)) {
      return [keyed("runbook.argument.missing", { name })];
    }
    const title: Text = { kind: "localized", byLanguage: { ...definition.title } };
    const text = String(value);
    if (CONTROL.test(text)) return [keyed("runbook.argument.control", { title })];
    if (whole && text === "") return [keyed("runbook.argument.empty", { title })];
    if (whole && text.startsWith("-") && !mayLead(definition)) {
      return [keyed("runbook.argument.dash", { title, came: text })];
    }
    return [];
  });
}

/** A choice was written down by the one who wrote the command. */
function mayLead(definition: MacroArgument): boolean {
  if (definition.type === "string" || definition.type === "integer") return definition.allowLeadingDash === true;
  return definition.type === "choice";
}
