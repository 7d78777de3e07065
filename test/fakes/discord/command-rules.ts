import { ApplicationCommandOptionType, ApplicationCommandType, Locale } from "discord-api-types/v10";
import { check, listOf, type Body } from "./rules.ts";

/** Names of slash commands and their options (developer documentation, Application Command Naming). */
const NAME = /^[-_'\p{L}\p{N}\p{Script=Devanagari}\p{Script=Thai}]{1,32}$/u;
const CHARACTERS_IN_ALL = 8000;
const LANGUAGES: readonly string[] = Object.values(Locale);

/** What is wrong with the commands that are registered; empty where Discord would take them. */
export function problemsOfCommands(commands: readonly Body[]): string[] {
  const problems: string[] = [];
  check(problems, "commands", commands);
  const keys = commands.map(({ name, type }) => `${String(type)}/${String(name)}`);
  if (new Set(keys).size !== keys.length) problems.push("two commands have the same name");
  return [...problems, ...commands.flatMap(problemsOfCommand)];
}

function problemsOfCommand(command: Body): string[] {
  const problems: string[] = [];
  if ((command["type"] ?? ApplicationCommandType.ChatInput) === ApplicationCommandType.ChatInput) {
    problems.push(...problemsOfNamed(command));
  } else {
    check(problems, "command.name", command["name"] ?? "");
    for (const text of localized(problems, command["name_localizations"])) check(problems, "command.name", text);
    for (const field of ["description", "options"]) {
      if (command[field] !== undefined && command[field] !== "") problems.push(`a command of a menu has a ${field}`);
    }
  }
  const size = longestIn(command);
  if (size > CHARACTERS_IN_ALL) problems.push(`${size} characters of one command in all`);
  return problems.map((problem) => `${String(command["name"])}: ${problem}`);
}

/** A slash command, a subcommand or an option, with what stands in it. */
function problemsOfNamed(named: Body): string[] {
  const problems: string[] = [];
  for (const name of [named["name"], ...localized(problems, named["name_localizations"])]) {
    const text = String(name);
    if (!NAME.test(text) || text !== text.toLowerCase()) problems.push(`“${text}” is no name of a command`);
  }
  for (const text of [named["description"] ?? "", ...localized(problems, named["description_localizations"])]) {
    check(problems, "command.description", text);
  }
  const options = listOf(named["options"]);
  check(problems, "command.options", options);
  if (new Set(options.map(({ name }) => name)).size !== options.length) problems.push("two options have the same name");
  const firstLeftOut = options.findIndex(({ required }) => required !== true);
  if (firstLeftOut !== -1 && options.slice(firstLeftOut).some(({ required }) => required === true)) {
    problems.push("a required option after one that is not");
  }
  const choices = listOf(named["choices"]);
  if (choices.length > 0 && named["autocomplete"] === true) problems.push("choices and autocomplete");
  problems.push(...problemsOfValues(choices, named["type"]));
  return [...problems, ...options.flatMap((option) => problemsOfNamed(option).map(inside(option)))];
}

function problemsOfValues(choices: readonly Body[], type: unknown): string[] {
  const problems: string[] = [];
  check(problems, "choices", choices);
  const ofText = type === ApplicationCommandOptionType.String;
  for (const choice of choices) {
    for (const name of [choice["name"] ?? "", ...localized(problems, choice["name_localizations"])]) {
      check(problems, "choice.name", name);
    }
    if (typeof choice["value"] !== (ofText ? "string" : "number"))
      problems.push("a choice whose value is of another type");
    if (ofText) check(problems, "choice.value", choice["value"]);
  }
  if (new Set(choices.map(({ name }) => name)).size !== choices.length) problems.push("two choices have the same name");
  return problems;
}

function inside({ name }: Body): (problem: string) => string {
  return (problem) => `${String(name)}: ${problem}`;
}

/** The texts for other languages; each has to be one that Discord speaks. */
function localized(problems: string[], map: unknown): unknown[] {
  const entries = Object.entries(typeof map === "object" && map !== null ? map : {});
  for (const [language] of entries) if (!LANGUAGES.includes(language)) problems.push(`no language ${language}`);
  return entries.map(([, text]: [string, unknown]) => text);
}

/** Names, descriptions and values of a command with all that stands in it, in whichever language each is longest. */
function longestIn(named: Body): number {
  const longest = (field: string): number => {
    const texts = [named[field], ...localized([], named[`${field}_localizations`])];
    return Math.max(...texts.map((text) => (typeof text === "string" ? Array.from(text).length : 0)));
  };
  const nested = [...listOf(named["options"]), ...listOf(named["choices"])];
  const value = typeof named["value"] === "string" ? named["value"].length : 0;
  return longest("name") + longest("description") + value + nested.reduce((all, one) => all + longestIn(one), 0);
}
