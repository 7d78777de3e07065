import type { Card } from "../../src/contracts/card.ts";
import type { RunId } from "../../src/contracts/id.ts";
import type { SurfaceMessage } from "../../src/ports.ts";
import type { DiscordApi } from "./api.ts";
import { COLOURS } from "./cards/parts.ts";
import { escaped } from "./escape.ts";
import { CODES, codeOf } from "./problems.ts";
import type { Poster } from "./poster.ts";
import { sheetsOf, textBlocks } from "./sheet.ts";
import type { Threads } from "./threads.ts";

export interface PlaceParts {
  readonly api: DiscordApi;
  readonly poster: Poster;
  readonly threads: Threads;
  /** Channels of operators: what is for them stands in the channel itself, where it is seen. */
  readonly operatorChannels: ReadonlySet<string>;
}

/** The run that a card is about; null for what is about none, or about several. */
export function runIdOf(card: Card): RunId | null {
  return card.kind === "digest" ? null : card.runId;
}

/** Where a card is posted: the run's thread, opened from its start message; operators' cards in their channel itself. */
export async function placeFor(parts: PlaceParts, wanted: SurfaceMessage): Promise<string> {
  const { api, threads } = parts;
  const { channel, thread, card } = wanted;
  const known = thread === undefined ? undefined : threads.placeOf(thread);
  if (known !== undefined) return known;
  if (thread === channel || runIdOf(card) === null) return channel;
  if (thread === undefined && isForOperators(parts, wanted)) return channel;
  if (thread === undefined) return openAnew(parts, wanted);
  // The start message is there already: what somebody wrote, or the answer to their command.
  try {
    return settle(parts, wanted, await api.openThread(channel, thread, titleOf(card)));
  } catch (error) {
    if (codeOf(error) === CODES.unknownMessage) return openAnew(parts, wanted);
    throw error;
  }
}

function isForOperators({ operatorChannels }: PlaceParts, { channel, card }: SurfaceMessage): boolean {
  if (card.kind === "alert" || card.kind === "digest") return true;
  return operatorChannels.has(channel) && (card.kind === "result" || card.kind === "dead_letter");
}

/** Posts a start message of our own, and opens the thread from it. */
async function openAnew(parts: PlaceParts, wanted: SurfaceMessage, again = ""): Promise<string> {
  const { channel, card } = wanted;
  const [start] = sheetsOf(textBlocks(`**${escaped(titleOf(card))}**`), COLOURS.working);
  if (start === undefined) throw new TypeError("a start message has no text");
  const { id } = await parts.poster.post(channel, `${channel}/${runIdOf(card) ?? wanted.key}/start${again}`, start);
  return settle(parts, wanted, await parts.api.openThread(channel, id, titleOf(card)));
}

function settle({ threads }: PlaceParts, { thread, card }: SurfaceMessage, place: string): string {
  const runId = runIdOf(card);
  if (runId !== null) threads.remember({ thread: thread ?? place, runId, at: place });
  return place;
}

/** After a first try that failed: out of the archive, or in a new thread where the old one was deleted. */
export async function placeAfter(
  parts: PlaceParts,
  wanted: SurfaceMessage,
  place: string,
  error: unknown,
): Promise<string> {
  const code = codeOf(error);
  if (code === CODES.archived) {
    await parts.api.unarchive(place);
    return place;
  }
  if (code === CODES.unknownChannel && place !== wanted.channel) return openAnew(parts, wanted, `/after/${place}`);
  throw error;
}

function titleOf(card: Card): string {
  return card.title;
}
