import type { Macro, MacroArgument } from "../../src/contracts/macro.ts";
import type { Translator } from "../../src/i18n.ts";
import { plainText, shorten } from "../../src/plain-text.ts";
import type { Query } from "../../src/ports.ts";
import { LIMITS } from "./limits.ts";
import type { Interaction } from "./payload.ts";
import { ARGUMENT_OPTIONS } from "./slash.ts";

interface Choice {
  readonly name: string;
  readonly value: string;
}

type Typing = Extract<Interaction, { kind: "complete" }>;

/** What is offered while somebody types an option: macros, their arguments with values, runs. */
export async function completionsFor(
  { options, focused }: Typing,
  macros: readonly Macro[],
  query: Query,
  words: Translator,
): Promise<Choice[]> {
  const typed = options[focused] ?? "";
  if (focused === "macro")
    return offered(
      macros.map((macro) => macroChoice(macro, words)),
      typed,
    );
  if (ARGUMENT_OPTIONS.some((option) => option === focused)) {
    const macro = macros.find(({ id }) => id === options["macro"]);
    return offered(macro === undefined ? [] : argumentChoices(macro, words), typed);
  }
  if (focused !== "run") return [];
  const { runs } = await query.runs({ limit: LIMITS.choices, offset: 0 });
  return offered(
    runs.map(({ runId, status, goal }) => ({
      name: `${runId} · ${words.t(`cli.status.${status}`)} · ${plainText(goal)}`,
      value: runId,
    })),
    typed,
  );
}

function macroChoice({ id, title, description }: Macro, words: Translator): Choice {
  const say = (byLanguage: Record<string, string>): string => words.say({ kind: "localized", byLanguage });
  return { name: `${say({ ...title })} · ${say({ ...description })}`, value: id };
}

/** Each argument with its default, and with everything that may be picked. */
function argumentChoices({ args }: Macro, words: Translator): Choice[] {
  return Object.entries(args).flatMap(([id, definition]) => {
    const title = words.say({ kind: "localized", byLanguage: { ...definition.title } });
    return valuesOf(definition).map((value) => ({ name: `${id}=${value} · ${title}`, value: `${id}=${value}` }));
  });
}

function valuesOf(definition: MacroArgument): string[] {
  switch (definition.type) {
    case "boolean":
      return definition.default ? ["true", "false"] : ["false", "true"];
    case "choice":
      return [definition.default, ...definition.choices.filter((choice) => choice !== definition.default)];
    case "lanes":
      return [definition.default.join(",")];
    case "integer":
    case "string":
      return [String(definition.default)];
  }
}

/** What was typed comes first: a value that nobody can list may be typed to its end. */
function offered(choices: readonly Choice[], typed: string): Choice[] {
  const wanted = typed.trim().toLowerCase();
  const found = choices.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(wanted));
  const own = /^[a-z][a-z0-9_-]*=./u.test(wanted) ? [{ name: typed, value: typed }] : [];
  return [...own, ...found]
    .filter(
      ({ value }, at, all) =>
        value.length <= LIMITS.choiceText && all.findIndex((other) => other.value === value) === at,
    )
    .slice(0, LIMITS.choices)
    .map(({ name, value }) => ({ name: shorten(plainText(name), LIMITS.choiceText), value }));
}
