import { ApplicationCommandOptionType, ApplicationCommandType } from "discord-api-types/v10";
import { expect, test } from "vitest";
import { commandDefinitions } from "../../../adapters/discord/commands.ts";
import { problemsOfCommands } from "../../fakes/discord/command-rules.ts";

const COX = { type: ApplicationCommandType.ChatInput, name: "cox", description: "governed runs" };
const MENU = { type: ApplicationCommandType.Message, name: "Run it" };
const GOAL = { type: ApplicationCommandOptionType.String, name: "goal", description: "what to do" };
const NOW = { name: "Now", value: "now" };

const many = <T>(count: number, one: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => one(at));
const withOptions = (...options: object[]): object => ({ ...COX, options });
const withChoices = (...choices: object[]): object => withOptions({ ...GOAL, choices });

test.each(["server", "global"] as const)("what is registered (%s) is what Discord takes", (scope) => {
  expect(problemsOfCommands(commandDefinitions(scope).map((command) => ({ ...command })))).toEqual([]);
});

test.each([
  ["“Cox” is no name", { ...COX, name: "Cox" }],
  ["“the cox” is no name", { ...COX, name: "the cox" }],
  ["“运行 任务” is no name", { ...COX, name_localizations: { "zh-CN": "运行 任务" } }],
  ["no language zh", { ...COX, name_localizations: { zh: "舵手" } }],
  ["command.description is 0", { ...COX, description: "" }],
  ["command.description is 101", { ...COX, description_localizations: { "zh-CN": "字".repeat(101) } }],
  ["command.options is 26", withOptions(...many(26, (at) => ({ ...GOAL, name: `o${at}` })))],
  ["a required option after one", withOptions(GOAL, { ...GOAL, name: "due", required: true })],
  ["two options have the same name", withOptions(GOAL, GOAL)],
  ["goal: command.description is 101", withOptions({ ...GOAL, description: "d".repeat(101) })],
  ["choices is 26", withChoices(...many(26, (at) => ({ name: `${at}`, value: `${at}` })))],
  ["choice.value is 101", withChoices({ ...NOW, value: "v".repeat(101) })],
  ["choice.name is 0", withChoices({ ...NOW, name_localizations: { "zh-CN": "" } })],
  ["a choice whose value is of another type", withChoices({ ...NOW, value: 1 })],
  ["two choices have the same name", withChoices(NOW, NOW)],
  ["choices and autocomplete", withOptions({ ...GOAL, choices: [NOW], autocomplete: true })],
  [
    "characters of one command in all",
    withOptions(
      ...many(25, (at) => ({
        ...GOAL,
        name: `o${at}`,
        choices: many(5, (n) => ({ name: `${n}${"n".repeat(70)}`, value: `${n}` })),
      })),
    ),
  ],
  ["command.name is 33", { ...MENU, name: "m".repeat(33) }],
  ["a command of a menu has a description", { ...MENU, description: "runs it" }],
])("Discord does not take: %s", (problem, command) => {
  expect(problemsOfCommands([{ ...command }]).join("\n")).toContain(problem);
});

test("two commands of one kind do not have the same name", () => {
  expect(problemsOfCommands([COX, { ...COX }])).toEqual(["two commands have the same name"]);
});
