import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandSubcommandOption,
  type Locale,
  type LocalizationMap,
  type RESTPutAPIApplicationCommandsJSONBody,
} from "discord.js";
import { QUEUE_VERBS } from "../../src/commands/queue-words.ts";
import { SHIPPED_LANGUAGES, translatorFor, type MessageKey, type Translator } from "../../src/i18n.ts";
import { shorten } from "../../src/plain-text.ts";
import { LIMITS } from "./limits.ts";
import { ARGUMENT_OPTIONS } from "./slash.ts";

type Definition = RESTPutAPIApplicationCommandsJSONBody[number];
type Words = (words: Translator) => string;

/** Names of the commands in a message's menu; in other languages Discord shows the localized ones. */
export const MENUS = { run: "Run with Coxswain", status: "Run status" } as const;

/** Discord's own tags for the shipped languages beside English. */
const LOCALES: Readonly<Record<string, readonly `${Locale}`[]>> = { "zh-CN": ["zh-CN"] };

/** Where a command is to be found: only a global command takes it, and of one server's it may come back empty. */
const IN_SERVERS = {
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
};

/**
 * What Discord offers in a server: `/cox` with its subcommands, and two commands in the menu of a message. They are
 * registered in one server, or globally.
 */
export function commandDefinitions(scope: "server" | "global"): Definition[] {
  const common = scope === "global" ? IN_SERVERS : {};
  return [
    {
      ...common,
      type: ApplicationCommandType.ChatInput,
      name: "cox",
      ...described("discord.command.cox"),
      options: [
        subcommand("run", "discord.command.run", [
          text("goal", "discord.option.goal", { required: true }),
          text("macro", "discord.option.macro", { autocomplete: true }),
          ...ARGUMENT_OPTIONS.map((name) => text(name, "discord.option.argument", { autocomplete: true })),
          {
            type: ApplicationCommandOptionType.Integer,
            name: "priority",
            ...described("discord.option.priority"),
            min_value: -2,
            max_value: 2,
          },
          text("workspace", "discord.option.workspace", {}),
          text("deadline", "discord.option.deadline", {}),
        ]),
        subcommand("status", "discord.command.status", [run()]),
        subcommand("queue", "discord.command.queue", [
          {
            type: ApplicationCommandOptionType.String,
            name: "act",
            ...described("discord.option.act"),
            choices: QUEUE_VERBS.map((value) => ({ ...named((words) => words.t(`discord.act.${value}`)), value })),
          },
          text("tenant", "discord.option.tenant", {}),
          text("macro", "discord.option.queue_macro", { autocomplete: true }),
          text("weight", "discord.option.weight", {}),
        ]),
        subcommand("cancel", "discord.command.cancel", [run()]),
        subcommand("dead-letters", "discord.command.dead_letters", [
          {
            type: ApplicationCommandOptionType.String,
            name: "action",
            ...described("discord.option.action"),
            choices: (["list", "inspect", "retry", "discard"] as const).map((value) => ({
              ...named((words) => words.t(`discord.action.${value}`)),
              value,
            })),
          },
          run(),
          text("reason", "discord.option.reason", {}),
          ...ARGUMENT_OPTIONS.map((name) => text(name, "discord.option.retry_argument", {})),
          text("macro", "discord.option.retry_macro", { autocomplete: true }),
          text("code", "discord.option.retry_code", {}),
        ]),
        subcommand("language", "discord.command.language", [
          {
            type: ApplicationCommandOptionType.String,
            name: "tag",
            ...described("discord.option.language"),
            required: true,
            choices: SHIPPED_LANGUAGES.map((tag) => ({
              ...named((words) => words.t(`discord.language.${tag}`)),
              value: tag,
            })),
          },
        ]),
        subcommand("help", "discord.command.help", []),
      ],
    },
    { ...common, type: ApplicationCommandType.Message, ...menu(MENUS.run, "discord.menu.run") },
    { ...common, type: ApplicationCommandType.Message, ...menu(MENUS.status, "discord.menu.status") },
  ];
}

function subcommand(
  name: string,
  key: MessageKey,
  options: APIApplicationCommandBasicOption[],
): APIApplicationCommandSubcommandOption {
  return { type: ApplicationCommandOptionType.Subcommand, name, ...described(key), options };
}

function text(
  name: string,
  key: MessageKey,
  more: { required?: boolean; autocomplete?: boolean },
): APIApplicationCommandBasicOption {
  const { autocomplete, ...rest } = more;
  const option = { type: ApplicationCommandOptionType.String, name, ...described(key), ...rest } as const;
  return autocomplete === true ? { ...option, autocomplete: true } : option;
}

function run(): APIApplicationCommandBasicOption {
  return text("run", "discord.option.run", { autocomplete: true });
}

function described(key: MessageKey): { description: string; description_localizations: LocalizationMap } {
  const say: Words = (words) => shorten(words.t(key), LIMITS.commandDescription);
  return { description: say(translatorFor("en")), description_localizations: localized(say) };
}

function named(say: Words): { name: string; name_localizations: LocalizationMap } {
  return { name: shorten(say(translatorFor("en")), LIMITS.choiceText), name_localizations: localized(say) };
}

function menu(name: string, key: MessageKey): { name: string; name_localizations: LocalizationMap } {
  return { name, name_localizations: localized((words) => shorten(words.t(key), LIMITS.contextMenuName)) };
}

function localized(say: Words): LocalizationMap {
  return Object.fromEntries(
    SHIPPED_LANGUAGES.flatMap((language) =>
      (LOCALES[language] ?? []).map((locale) => [locale, say(translatorFor(language))]),
    ),
  );
}

/**
 * Names of the commands that differ from what Discord has: only then is anything written, since a server takes 200 new
 * commands a day. What Discord adds by itself (ids, versions, empty fields) does not count.
 */
export function changedCommands(wanted: readonly Definition[], present: readonly object[]): string[] {
  const key = (command: object): string =>
    "name" in command && "type" in command ? `${String(command.type)}/${String(command.name)}` : "";
  const known = new Map(present.map((command) => [key(command), command]));
  const changed = wanted.filter((command) => !isPartOf(command, known.get(key(command)))).map(({ name }) => name);
  const gone = present.filter((command) => !wanted.some((other) => key(other) === key(command)));
  return [...changed, ...gone.map((command) => key(command).slice(2))];
}

/** What an option may have and need not: where it is not wanted any more, it must not be there. */
const LEFT_OUT = ["required", "autocomplete", "choices", "options", "min_value", "max_value"];

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === false || (Array.isArray(value) && value.length === 0);
}

/** Is everything that is wanted there, as it is wanted? Fields that are left out mean Discord's default. */
function isPartOf(wanted: unknown, present: unknown): boolean {
  if (Array.isArray(wanted)) {
    const list = Array.isArray(present) ? present : [];
    return wanted.length === list.length && wanted.every((item, at) => isPartOf(item, list[at]));
  }
  if (typeof wanted === "object" && wanted !== null) {
    if (typeof present !== "object" || present === null) return Object.keys(wanted).length === 0;
    const found = new Map<string, unknown>(Object.entries(present));
    if (LEFT_OUT.some((name) => !Object.hasOwn(wanted, name) && !isEmpty(found.get(name)))) return false;
    return Object.entries(wanted).every(([name, value]) => value === undefined || isPartOf(value, found.get(name)));
  }
  return wanted === present || ((wanted === false || wanted === undefined) && present === undefined);
}
