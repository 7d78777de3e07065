import type { RunSummary } from "../../src/contracts/document.ts";
import type { MacroArgument } from "../../src/contracts/macro-argument.ts";
import type { Macro } from "../../src/contracts/macro.ts";
import type { LocalizedText } from "../../src/contracts/text.ts";
import { messageOf } from "../../src/errors.ts";
import type { Translator } from "../../src/i18n.ts";
import type { Log } from "../../src/log.ts";
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

export interface CompletionParts {
  readonly macros: readonly Macro[];
  readonly query: Query;
  readonly log: Log;
}

/** Statuses of the runs that a subcommand is for, the likeliest first; all others come after them. */
const FITTING: Readonly<Record<string, readonly RunSummary["status"][]>> = {
  cancel: ["active", "waiting", "dead_letter"],
  "dead-letters": ["dead_letter"],
};

/** Of each kind so many of the newest are looked at; a search would read the whole archive with every letter typed. */
const RUNS_LOOKED_AT = 100;

/**
 * What is offered while somebody types an option: macros, their arguments with values, runs. Never rejects: who types
 * can do without, and an error is no answer to that.
 */
export async function completionsFor(typing: Typing, parts: CompletionParts, words: Translator): Promise<Choice[]> {
  const { options, focused, subcommand } = typing;
  const typed = (options[focused] ?? "").trim();
  if (focused === "macro")
    return shown(
      matching(
        parts.macros.map((macro) => macroChoice(macro, words)),
        typed,
      ),
    );
  if (ARGUMENT_OPTIONS.some((option) => option === focused)) {
    const macro = parts.macros.find(({ id }) => id === options["macro"]);
    return macro === undefined ? [] : shown(argumentChoices(macro, typing, typed, words));
  }
  if (focused !== "run") return [];
  try {
    return shown(
      matching(
        (await runsFor(subcommand, parts.query)).map((run) => runChoice(run, words)),
        typed,
      ),
    );
  } catch (error) {
    parts.log.warn({ subcommand, err: messageOf(error) }, "no runs could be offered");
    return [];
  }
}

function macroChoice({ id, title, description }: Macro, words: Translator): Choice {
  return { name: `${say(title, words)} · ${say(description, words)}`, value: id };
}

function runChoice({ runId, status, goal }: RunSummary, words: Translator): Choice {
  return { name: `${runId} · ${words.t(`cli.status.${status}`)} · ${goal}`, value: runId };
}

async function runsFor(subcommand: string, query: Query): Promise<RunSummary[]> {
  const page = { limit: RUNS_LOOKED_AT, offset: 0 };
  const fitting = (FITTING[subcommand] ?? []).map((status) => ({ ...page, status }));
  const found = await Promise.all([...fitting, page].map((filter) => query.runs(filter)));
  return [...new Map(found.flatMap(({ runs }) => runs.map((run) => [run.runId, run] as const))).values()];
}

type Argument = readonly [id: string, definition: MacroArgument];

/** Each argument with its default, and with everything that may be picked. A value that nobody can list may be typed. */
function argumentChoices(macro: Macro, { options, focused }: Typing, typed: string, words: Translator): Choice[] {
  const others = ARGUMENT_OPTIONS.filter((option) => option !== focused);
  const given = new Set(others.map((option) => options[option]?.split("=")[0]?.trim()));
  const open: Argument[] = Object.entries(macro.args).filter(([id]) => !given.has(id));
  const listed = open.flatMap(([id, definition]) =>
    valuesOf(definition).map((value) => argumentChoice(macro, [id, definition], value, words)),
  );
  const [, name = "", value = ""] = /^([^=]+)=(.+)$/su.exec(typed) ?? [];
  const own = open.find(([id, definition]) => id === name.trim() && takesOthers(definition));
  const isListed = listed.some((choice) => choice.value === typed);
  const first = own === undefined || isListed ? [] : [argumentChoice(macro, own, value.trim(), words)];
  return [...first, ...matching(listed, typed)];
}

/** Has it more values than are listed? */
function takesOthers({ type }: MacroArgument): boolean {
  return type !== "boolean" && type !== "choice";
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

/** In words; where another value can be typed in its place, also with what is sent. */
function argumentChoice(macro: Macro, [id, definition]: Argument, value: string, words: Translator): Choice {
  const { title, description } = definition;
  const sent = `${id}=${value}`;
  const label = words.t("card.labelled", { label: say(title, words), value: inWords(macro, definition, value, words) });
  const name = [
    label,
    ...(takesOthers(definition) ? [sent] : []),
    ...(description === undefined ? [] : [say(description, words)]),
  ].join(" · ");
  return { name, value: sent };
}

function inWords({ lanes }: Macro, definition: MacroArgument, value: string, words: Translator): string {
  switch (definition.type) {
    case "boolean":
      return value === "true" || value === "false" ? words.t(value === "true" ? "card.yes" : "card.no") : value;
    case "choice": {
      const label = definition.labels?.[value];
      return label === undefined ? value : say(label, words);
    }
    case "lanes": {
      const titles = value.split(",").map((id) => lanes.find((lane) => lane.id === id.trim())?.title ?? { en: id });
      return words.list(titles.map((title) => say(title, words)));
    }
    case "integer":
    case "string":
      return value === "" ? words.t("card.empty_value") : value;
  }
}

function say(text: LocalizedText, words: Translator): string {
  return words.say({ kind: "localized", byLanguage: { ...text } });
}

function matching(choices: readonly Choice[], typed: string): Choice[] {
  const wanted = typed.toLowerCase();
  // Who comes back to what they picked sends its name, as it was shown.
  return choices.filter((choice) => {
    const { name, value } = asShown(choice);
    return `${choice.name}\n${name}\n${value}`.toLowerCase().includes(wanted);
  });
}

function shown(choices: readonly Choice[]): Choice[] {
  return choices
    .filter(({ value }) => value.length <= LIMITS.choiceText)
    .slice(0, LIMITS.choices)
    .map(asShown);
}

function asShown({ name, value }: Choice): Choice {
  return { name: shorten(plainText(name), LIMITS.choiceText), value };
}
