import type { ChatRequest } from "../../src/commands/chat.ts";
import { converse, type ChatReply } from "../../src/commands/converse.ts";
import type { RunId } from "../../src/contracts/id.ts";
import type { Binding } from "../../src/contracts/task.ts";
import { SHIPPED_LANGUAGES, type Translator } from "../../src/i18n.ts";
import type { Catalog, Door, Query } from "../../src/ports.ts";
import { SURFACE_NAME } from "./surface.ts";
import { actorOf, type Viewer } from "./viewer.ts";

/** The channel in which a run gets its thread, wherever in the console it was started. */
export const HOME_CHANNEL = "work";

/** Operators hear of how it ended; a channel that the settings name for them as well is the same one. */
const BINDINGS: readonly Binding[] = [
  { surface: SURFACE_NAME, channel: HOME_CHANNEL, role: "home" },
  { surface: SURFACE_NAME, channel: "operators", role: "operators" },
];

export interface Said {
  /** As it was typed. */
  readonly text: string;
  /** What it asks for. */
  readonly request: ChatRequest;
  readonly channel: string;
  /** The run in whose thread it was said. */
  readonly runId: RunId | undefined;
  readonly workspace: string;
  readonly commandId: string;
}

/** What somebody says in the console, in the one grammar of every platform. */
export function talk(
  bot: { readonly door: Door; readonly query: Query },
  viewer: Viewer,
  said: Said,
): Promise<ChatReply> {
  const { text, request, runId, ...where } = said;
  return converse(request, {
    ...where,
    said: text,
    door: bot.door,
    query: bot.query,
    by: actorOf(viewer),
    surface: SURFACE_NAME,
    bindings: BINDINGS,
    language: viewer.words.language,
    ...(runId !== undefined && { runId }),
  });
}

/** What the composer completes: commands with macros and their arguments, and in a thread the sentences about it. */
export function completions({ macros }: Pick<Catalog, "macros">, inThread: boolean, words: Translator): string[] {
  const languages = SHIPPED_LANGUAGES.map((language) => `/cox language ${language}`);
  if (inThread) {
    const sentences = words.t("web.compose.phrases").split("|");
    return [
      ...sentences,
      "/cox status",
      "/cox cancel",
      "/cox dead-letters retry",
      "/cox dead-letters discard --reason ",
      ...languages,
    ];
  }
  // What is looked up is asked for by its sentence, and is no procedure to choose.
  const procedures = macros.filter(({ query }) => query === undefined);
  const runs = procedures.flatMap((macro) => {
    const title = words.say({ kind: "localized", byLanguage: macro.title });
    const line = `/cox run --macro ${macro.id}`;
    const withArguments = Object.entries(macro.args).map(([name, { default: value }]) => {
      const text = Array.isArray(value) ? value.join(",") : String(value);
      return `${line} --arg ${name}=${/[\s"]/.test(text) || text === "" ? JSON.stringify(text) : text} ${title}`;
    });
    return [`${line} ${title}`, ...withArguments];
  });
  const others = ["status", "queue", "cancel ", "dead-letters", "dead-letters inspect ", "dead-letters retry ", "help"];
  const questions = words.t("web.compose.questions").split("|");
  return [...questions, "/cox run ", ...runs, ...others.map((name) => `/cox ${name}`)];
}
