import { ApplicationCommandType, type RESTPutAPIApplicationCommandsJSONBody } from "discord-api-types/v10";
import { describe, expect, test } from "vitest";
import { commandDefinitions } from "../../../adapters/discord/commands.ts";

/** The numbers of Discord's documentation (Application Commands), not of the adapter. */
const MOST = { inAll: 8000, options: 25, choices: 25, choiceText: 100, description: 100, menuName: 32, ofMenus: 5 };
const NAME = /^[-_'\p{L}\p{N}]{1,32}$/u;

/** A command, an option or a choice, as far as these limits go. */
interface Part {
  readonly name: string;
  readonly name_localizations?: Readonly<Record<string, string | null>> | null;
  readonly description?: string;
  readonly description_localizations?: Readonly<Record<string, string | null>> | null;
  readonly value?: string | number;
  readonly required?: boolean;
  readonly autocomplete?: boolean;
  readonly options?: readonly Part[];
  readonly choices?: readonly Part[];
}

const sizeOf = (text: string): number => Array.from(text).length;

function names({ name, name_localizations: more }: Part): string[] {
  return [name, ...Object.values(more ?? {}).flatMap((text) => text ?? [])];
}

function descriptions({ description = "", description_localizations: more }: Part): string[] {
  return [description, ...Object.values(more ?? {}).flatMap((text) => text ?? [])];
}

/** Of a text in several languages the longest counts. */
function charactersIn(part: Part): number {
  const inner = [...(part.options ?? []), ...(part.choices ?? [])].map(charactersIn);
  const own = [names(part), descriptions(part)].map((texts) => Math.max(...texts.map(sizeOf)));
  return [...own, ...inner, sizeOf(String(part.value ?? ""))].reduce((all, size) => all + size, 0);
}

function problemsOf(part: Part): string[] {
  const { name, options = [], choices = [] } = part;
  const problems: string[] = [];
  const expectThat = (holds: boolean, problem: string): void =>
    void (holds ? undefined : problems.push(`${name}: ${problem}`));
  expectThat(
    names(part).every((each) => NAME.test(each) && each === each.toLowerCase()),
    "a name that is none",
  );
  expectThat(
    descriptions(part).every((text) => text !== "" && sizeOf(text) <= MOST.description),
    "a description that is empty or too long",
  );
  expectThat(options.length <= MOST.options, "too many options");
  expectThat(new Set(options.map((option) => option.name)).size === options.length, "two options of one name");
  const firstOptional = options.findIndex(({ required }) => required !== true);
  expectThat(
    options.every(({ required }, at) => required !== true || firstOptional === -1 || at < firstOptional),
    "a required option behind one that is not",
  );
  expectThat(choices.length <= MOST.choices, "too many choices");
  expectThat(choices.length === 0 || part.autocomplete !== true, "choices and autocomplete");
  expectThat(new Set(choices.map((choice) => choice.name)).size === choices.length, "two choices of one name");
  expectThat(
    choices.every((choice) =>
      [...names(choice), String(choice.value)].every((text) => text !== "" && sizeOf(text) <= MOST.choiceText),
    ),
    "a choice that is empty or too long",
  );
  return [...problems, ...options.flatMap(problemsOf)];
}

function commandsOf(scope: "server" | "global", kind: ApplicationCommandType): Part[] {
  const commands: RESTPutAPIApplicationCommandsJSONBody = commandDefinitions(scope);
  return commands.filter(({ type }) => type === kind).map((command) => command as Part);
}

describe.each(["server", "global"] as const)("the commands that are registered, %s", (scope) => {
  const slash = commandsOf(scope, ApplicationCommandType.ChatInput);
  const menus = commandsOf(scope, ApplicationCommandType.Message);
  const commands = [...slash, ...menus];

  test("every field of the slash command keeps within Discord's limits, in every language", () => {
    expect(commands).toHaveLength(commandDefinitions(scope).length);
    expect(slash.flatMap(problemsOf)).toEqual([]);
  });

  test("no command has more characters in all than Discord takes", () => {
    for (const command of commands) expect(charactersIn(command)).toBeLessThanOrEqual(MOST.inAll);
    expect(Math.max(...commands.map(charactersIn))).toBeGreaterThan(1000);
  });

  test("the commands of a message's menu have names of at most 32 characters, and no description", () => {
    expect(menus.length).toBeLessThanOrEqual(MOST.ofMenus);
    for (const name of menus.flatMap(names)) expect(sizeOf(name)).toBeLessThanOrEqual(MOST.menuName);
    for (const menu of menus) expect(menu).not.toHaveProperty("description");
  });

  test("nothing is cut to fit", () => {
    expect(JSON.stringify(commands)).not.toContain("…");
  });
});

test("the rules notice what breaks them", () => {
  const [slash] = commandsOf("global", ApplicationCommandType.ChatInput);
  if (slash === undefined) throw new Error("no command");
  const options = slash.options ?? [];
  const choice = { name: "x".repeat(101), value: "x" };
  const late = [
    { ...options[0], name: "a", description: "a" },
    { name: "b", description: "b", required: true },
  ];
  const broken: readonly Part[] = [
    { ...slash, name: "Cox" },
    { ...slash, description_localizations: { "zh-CN": "长".repeat(101) } },
    { ...slash, options: Array.from({ length: 26 }, (_, at) => ({ name: `o${at}`, description: "d" })) },
    { ...slash, options: late },
    { ...slash, options: [{ name: "o", description: "d", choices: [choice] }] },
  ];
  for (const command of broken) expect(problemsOf(command)).toHaveLength(1);
  const long = Array.from({ length: 80 }, (_, at) => ({ name: `o${at}`, description: "d".repeat(100) }));
  expect(charactersIn({ ...slash, options: long })).toBeGreaterThan(MOST.inAll);
});
