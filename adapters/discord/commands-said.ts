import type { Translator } from "../../src/i18n.ts";
import { parseChat } from "../../src/commands/chat.ts";
import type { Answer } from "./answer.ts";
import { MENUS } from "./commands.ts";
import type { Interaction } from "./payload.ts";
import { requestOf } from "./slash.ts";
import { talk, type TalkParts } from "./talk.ts";
import type { Threads } from "./threads.ts";
import { textSheets } from "./words.ts";

export interface SaidParts extends TalkParts {
  readonly threads: Threads;
}

/** `/cox …`. A run's answer is seen by all, since its thread is opened from it; everything else by the one who asked. */
export async function onSlash(
  parts: SaidParts,
  slash: Extract<Interaction, { kind: "slash" }>,
  answer: Answer,
  words: Translator,
): Promise<void> {
  const { subcommand, options, id, who, channel, thread } = slash;
  const request = requestOf(subcommand, options);
  const runId = thread === undefined ? undefined : parts.threads.runIn(thread);
  const spoken = {
    who,
    channel,
    runId,
    said: `/cox ${subcommand}`,
    commandId: `discord:${id}`,
    language: words.language,
  };
  if (request.kind === "run" && slash.missing.length > 0) {
    await answer.tell(textSheets(cannotPost(slash, words)));
    return;
  }
  if (request.kind !== "run" || thread !== undefined) {
    await answer.defer();
    const reply = await talk(parts, request, { ...spoken, start: undefined });
    await answer.tell(textSheets(reply.text));
    return;
  }
  const start = await answer.tell(textSheets(request.goal), "all");
  const reply = await talk(parts, request, { ...spoken, start });
  await answer.replace(textSheets(`${request.goal}\n\n${reply.text}`));
}

/** The commands of a message's menu: make a run of what was written, or say how its run is going. */
export async function onMenu(
  parts: SaidParts,
  menu: Extract<Interaction, { kind: "menu" }>,
  answer: Answer,
  words: Translator,
): Promise<void> {
  const { name, target, id, who, channel, thread } = menu;
  await answer.defer();
  const spoken = { who, channel, said: target.text, commandId: `discord:${id}`, language: words.language };
  if (name === MENUS.status) {
    const runId = parts.threads.runIn(target.id) ?? (thread === undefined ? undefined : parts.threads.runIn(thread));
    const request = parseChat("/cox status", { inThread: true });
    const reply =
      runId === undefined
        ? { text: words.t("discord.no_run_here") }
        : await talk(parts, request, { ...spoken, said: "/cox status", runId, start: undefined });
    await answer.tell(textSheets(reply.text));
    return;
  }
  if (menu.missing.length > 0) {
    await answer.tell(textSheets(cannotPost(menu, words)));
    return;
  }
  const goal = target.text.trim();
  const request = goal === "" ? parseChat("/cox run", { inThread: false }) : ({ kind: "run", goal, args: {} } as const);
  // The command that a message starts is one, however often it is chosen.
  const start = thread === undefined ? target.id : undefined;
  const reply = await talk(parts, request, {
    ...spoken,
    commandId: `discord:message:${target.id}`,
    runId: undefined,
    start,
  });
  await answer.tell(textSheets(reply.text));
}

/** A run that nobody would see is not started. */
export function cannotPost({ missing }: Pick<Interaction, "missing">, words: Translator): string {
  return words.t("discord.cannot_post", { missing: words.list(missing) });
}
