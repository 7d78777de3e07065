import { parseChat, type ChatRequest } from "../../src/commands/chat.ts";
import { BusyError } from "../../src/errors.ts";
import type { Translator } from "../../src/i18n.ts";
import { pause } from "../../src/pause.ts";
import type { Clock } from "../../src/ports.ts";
import type { DiscordApi } from "./api.ts";
import { notShown, type SaidParts } from "./commands-said.ts";
import { offerSheets } from "./offer.ts";
import type { Place, Said } from "./payload.ts";
import { deliveryError } from "./problems.ts";
import type { Sheet } from "./sheet.ts";
import { talk } from "./talk.ts";
import { textSheets } from "./words.ts";

export interface MessageParts extends SaidParts {
  readonly api: DiscordApi;
  readonly clock: Clock;
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
  const unseen = STARTING.has(request.kind) ? notShown(parts.roomOf(channelId), [], words) : undefined;
  if (unseen !== undefined) return post(parts, said, textSheets(unseen));
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
  await post(parts, said, reply.kind === "offer" ? offerSheets(reply, id, words) : textSheets(reply.text));
}

const STARTING: ReadonlySet<ChatRequest["kind"]> = new Set(["run", "find_text", "goal"]);
const ATTEMPTS = 4;
/** Nobody waits for an answer so long, and a bot that is told to stop would. */
const LONGEST_WAIT_MS = 15_000;

/** Answers a message. Nothing asks for it again, so it waits where Discord limits the rate or is away for a moment. */
async function post({ api, clock }: MessageParts, { id, channelId }: Said, sheets: readonly Sheet[]): Promise<void> {
  for (const [at, sheet] of sheets.entries()) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await api.post(channelId, `reply/${id}/${at}`, sheet, undefined, at === 0 ? id : undefined);
        break;
      } catch (error) {
        const problem = deliveryError(error);
        const waitMs = problem instanceof BusyError ? problem.retryAfterMs : 1000 * attempt;
        if (attempt === ATTEMPTS || waitMs > LONGEST_WAIT_MS) throw problem;
        await pause(clock, waitMs);
      }
    }
  }
}
