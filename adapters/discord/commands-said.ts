import { parseChat } from "../../src/commands/chat.ts";
import type { Translator } from "../../src/i18n.ts";
import type { RefusalOf } from "../../src/ports.ts";
import type { Answer } from "./answer.ts";
import { MENUS } from "./commands.ts";
import type { Room } from "./gateway.ts";
import type { Interaction } from "./payload.ts";
import { requestOf } from "./slash.ts";
import { talk, type TalkParts } from "./talk.ts";
import type { Threads } from "./threads.ts";
import { textSheets } from "./words.ts";

export interface SaidParts extends TalkParts {
  readonly threads: Threads;
  readonly refusalOf: RefusalOf;
  readonly roomOf: (channelId: string) => Room;
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
  if (request.kind === "run" && (await isRefusedStart(parts, slash, answer, words))) return;
  if (request.kind !== "run" || thread !== undefined) {
    await answer.defer();
    const reply = await talk(parts, request, { ...spoken, start: undefined });
    await answer.tell(textSheets(reply.text));
    return;
  }
  const start = await answer.tell(textSheets(request.goal), "all");
  const reply = await talk(parts, request, { ...spoken, start });
  if (reply.kind === "started") return answer.replace(textSheets(`${request.goal}\n\n${reply.text}`));
  // What did not become a run is nobody else's business.
  await answer.withdraw();
  await answer.tell(textSheets(reply.text));
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
  if (await isRefusedStart(parts, menu, answer, words)) return;
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

/** Whoever may not start a run here, or could not be shown it, is told so before anything is said for all to see. */
export async function isRefusedStart(
  parts: Pick<SaidParts, "people" | "refusalOf" | "roomOf">,
  { who, missing, channel, thread }: Pick<Interaction, "who" | "missing" | "channel" | "thread">,
  answer: Answer,
  words: Translator,
): Promise<boolean> {
  const refusal = parts.refusalOf("run.start", parts.people.actorOf(who), undefined);
  const reason = refusal === undefined ? notShown(parts.roomOf(thread ?? channel), missing, words) : words.say(refusal);
  if (reason !== undefined) await answer.tell(textSheets(reason));
  return reason !== undefined;
}

/** Why nobody would see a run there, or people who should not; undefined where all is well. */
export function notShown(room: Room, missing: readonly string[], words: Translator): string | undefined {
  if (room === "private_thread") return words.t("discord.private_thread");
  if (room === "unfit") return words.t("discord.unfit_channel");
  return missing.length === 0 ? undefined : words.t("discord.cannot_post", { missing: words.list(missing) });
}
