import { parseChat } from "../../src/commands/chat.ts";
import type { Translator } from "../../src/i18n.ts";
import type { DiscordApi } from "./api.ts";
import type { SaidParts } from "./commands-said.ts";
import { offerSheets } from "./offer.ts";
import type { Place, Said } from "./payload.ts";
import { talk } from "./talk.ts";
import { textSheets } from "./words.ts";

export interface MessageParts extends SaidParts {
  readonly api: DiscordApi;
  /** Where a channel's id leads: a thread has its channel above it. */
  readonly placeOf: (channelId: string) => Place;
}

/**
 * Somebody wrote something. Where the bot is mentioned it answers everything; in a run's thread it answers, without a
 * mention, only what it understands: people talk there to each other.
 */
export async function onMessage(parts: MessageParts, said: Said, words: Translator): Promise<void> {
  const { id, channelId, who, text, mentioned } = said;
  const runId = parts.threads.runIn(channelId);
  if (!mentioned && (runId === undefined || text === "")) return;
  const { channel, thread } = parts.placeOf(channelId);
  const addressed = mentioned && !/^\/?cox/iu.test(text) ? `@cox ${text}` : text;
  const request = parseChat(addressed, { inThread: runId !== undefined });
  if (!mentioned && (request.kind === "unknown" || request.kind === "goal")) return;
  const start = thread === undefined ? id : undefined;
  const commandId = `discord:message:${id}`;
  const reply = await talk(parts, request, {
    who,
    channel,
    runId,
    start,
    said: text,
    commandId,
    language: words.language,
  });
  // A run that was started shows itself in the thread of this message.
  if (reply.kind === "started" && start !== undefined) return;
  const sheets = reply.kind === "offer" ? offerSheets(reply, id, words) : textSheets(reply.text);
  for (const [at, sheet] of sheets.entries()) {
    await parts.api.post(channelId, `reply/${id}/${at}`, sheet, undefined, at === 0 ? id : undefined);
  }
}
