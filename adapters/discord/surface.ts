import type { ClosedChannels } from "../../src/closed-channels.ts";
import type { Card } from "../../src/contracts/card.ts";
import { BusyError } from "../../src/errors.ts";
import type { Clock, RunFiles, Surface, SurfaceMessage } from "../../src/ports.ts";
import type { Upload } from "./api.ts";
import { contentOf, versionOf, type Board, type Posted, type PostedMessage } from "./board.ts";
import { sheetsOfCard } from "./cards/card.ts";
import { reportOf } from "./cards/result.ts";
import { LIMITS } from "./limits.ts";
import { CODES, codeOf, deliveryError } from "./problems.ts";
import { placeAfter, placeFor, runIdOf, type PlaceParts } from "./place.ts";
import { withoutFile, type Sheet } from "./sheet.ts";
import type { StepPace } from "./step-pace.ts";
import { SURFACE_NAME } from "./surface-name.ts";

/** Between the ids of the messages that show one card. */
const AND = "+";

export interface SurfaceParts extends PlaceParts {
  readonly board: Board;
  readonly channels: ClosedChannels;
  readonly clock: Clock;
  readonly files: Pick<RunFiles, "readArtifact">;
  readonly editGapMs: number;
  readonly steps: StepPace;
}

/** Discord as a place where runs are shown. */
export function createDiscordSurface(parts: SurfaceParts): Surface {
  return {
    name: SURFACE_NAME,
    put: (wanted) =>
      parts.board.alone(wanted.key, async () => {
        try {
          return await parts.channels.into(wanted.channel, () => deliver(parts, wanted));
        } catch (error) {
          throw deliveryError(error);
        }
      }),
  };
}

async function deliver(parts: SurfaceParts, wanted: SurfaceMessage): Promise<{ thread: string; message: string }> {
  const { board, clock, editGapMs, steps } = parts;
  const { key, card } = wanted;
  const known = board.get(key) ?? fromCore(wanted);
  const version = versionOf(card);
  // A part of it may be newer, drawn as the answer to a click: the whole card is then brought to that state, or beyond.
  if (known !== undefined && known.version > version)
    throw new BusyError("discord.newer", "A newer state of this card is shown already.", 0);
  const sheets = sheetsOfCard(card);
  if (known === undefined) return answer(wanted, await post(parts, wanted, sheets));
  const changed =
    sheets.length !== known.messages.length ||
    sheets.some((sheet, at) => contentOf(sheet) !== known.messages[at]?.content);
  if (!changed) return answer(wanted, known);
  if (isStep(card)) {
    const gapMs = known.writtenAt + gapAfter(known.writes, editGapMs) - clock.now();
    const waitMs = gapMs > 0 ? gapMs : steps.waitMs();
    if (waitMs > 0) throw new BusyError("discord.steps", "Progress was shown a moment ago.", waitMs);
  }
  return answer(wanted, await edit(parts, wanted, known, sheets));
}

/** Quick at first, so that who looks on sees it move; a long run does not use up what its channel may be sent. */
function gapAfter(writes: number, editGapMs: number): number {
  return Math.min(LIMITS.longestGapMs, editGapMs * LIMITS.gapGrowth ** Math.max(0, writes - 1));
}

/** Steps on the way follow quickly on each other and may be gathered; what somebody waits for may not. */
function isStep(card: Card): boolean {
  return card.kind === "notice" && card.actions.length > 0;
}

/** A message of a former process: where it stands is known, what it shows is not. */
function fromCore({ channel, thread, message, card }: SurfaceMessage): Posted | undefined {
  if (message === undefined) return undefined;
  return {
    place: thread ?? channel,
    kind: card.kind,
    runId: runIdOf(card),
    decisionId: card.kind === "decision" ? card.decisionId : undefined,
    version: 0,
    messages: message.split(AND).map((id) => ({ id, content: undefined, isBare: false })),
    writes: 0,
    writtenAt: 0,
  };
}

function answer({ thread }: SurfaceMessage, { place, messages }: Posted): { thread: string; message: string } {
  // The core goes on calling a thread by the name that it had first.
  return { thread: thread ?? place, message: messages.map(({ id }) => id).join(AND) };
}

async function post(parts: SurfaceParts, wanted: SurfaceMessage, sheets: readonly Sheet[]): Promise<Posted> {
  const place = await placeFor(parts, wanted);
  const upload = await uploadFor(parts, wanted.card, sheets);
  try {
    return await postIn(parts, wanted, place, sheets, upload);
  } catch (error) {
    return postIn(parts, wanted, await placeAfter(parts, wanted, place, error), sheets, upload);
  }
}

async function postIn(
  parts: SurfaceParts,
  wanted: SurfaceMessage,
  place: string,
  sheets: readonly Sheet[],
  upload: Upload | undefined,
): Promise<Posted> {
  const messages: PostedMessage[] = [];
  for (const [at, sheet] of sheets.entries()) {
    messages.push(await postOne(parts, place, pageKey(place, wanted, at), sheet, upload));
  }
  return remember(parts, wanted, place, messages);
}

function pageKey(place: string, { key }: SurfaceMessage, at: number): string {
  return `${place}/${key}/${at}`;
}

/** Posts one message of a card. What an earlier try has posted is brought up to date; what was deleted is posted anew. */
async function postOne(
  parts: SurfaceParts,
  place: string,
  key: string,
  sheet: Sheet,
  upload: Upload | undefined,
): Promise<PostedMessage> {
  const { id, isOld } = await parts.poster.post(place, key, ...withUpload(sheet, upload));
  const isBare = sheet.file !== undefined && upload === undefined;
  const posted = { id, content: contentOf(sheet), isBare };
  if (!isOld || (await editOne(parts, place, id, isBare ? withoutFile(sheet) : sheet)) === "edited") return posted;
  return postOne(parts, place, `${key}/after/${id}`, sheet, upload);
}

function remember(
  { board, clock }: SurfaceParts,
  { key, card }: SurfaceMessage,
  place: string,
  messages: readonly PostedMessage[],
): Posted {
  const posted: Posted = {
    place,
    kind: card.kind,
    runId: runIdOf(card),
    decisionId: card.kind === "decision" ? card.decisionId : undefined,
    version: versionOf(card),
    messages,
    writes: (board.get(key)?.writes ?? 0) + 1,
    writtenAt: clock.now(),
  };
  board.set(key, posted);
  return posted;
}

/** Edits what differs; what Discord has lost is posted anew, also in another place; what is not needed any more goes. */
async function edit(
  parts: SurfaceParts,
  wanted: SurfaceMessage,
  known: Posted,
  sheets: readonly Sheet[],
): Promise<Posted> {
  const { api, threads } = parts;
  const { thread } = wanted;
  const place = (thread === undefined ? undefined : threads.placeOf(thread)) ?? known.place;
  try {
    const messages: PostedMessage[] = [];
    for (const [at, sheet] of sheets.entries()) {
      messages.push(await editPage(parts, wanted, place, at, known.messages[at], sheet));
    }
    for (const { id } of known.messages.slice(sheets.length)) await api.remove(place, id).catch(unlessGone);
    return remember(parts, wanted, place, messages);
  } catch (error) {
    if (codeOf(error) !== CODES.unknownChannel) throw error;
    return post(parts, wanted, sheets);
  }
}

async function editPage(
  parts: SurfaceParts,
  wanted: SurfaceMessage,
  place: string,
  at: number,
  before: PostedMessage | undefined,
  sheet: Sheet,
): Promise<PostedMessage> {
  const key = pageKey(place, wanted, at);
  if (before === undefined) return postOne(parts, place, key, sheet, await uploadFor(parts, wanted.card, [sheet]));
  const content = contentOf(sheet);
  const shown = before.isBare ? withoutFile(sheet) : sheet;
  if (before.content === content || (await editOne(parts, place, before.id, shown)) === "edited") {
    return { ...before, content };
  }
  const upload = await uploadFor(parts, wanted.card, [sheet]);
  return postOne(parts, place, `${key}/after/${before.id}`, sheet, upload);
}

/** Edits a message, also in a thread that is archived. */
async function editOne(
  { api }: SurfaceParts,
  place: string,
  message: string,
  sheet: Sheet,
): Promise<"edited" | "message_gone"> {
  try {
    await api.edit(place, message, sheet);
  } catch (error) {
    const code = codeOf(error);
    if (code === CODES.unknownMessage) return "message_gone";
    if (code === CODES.archived) await api.unarchive(place);
    else if (code !== CODES.invalidForm || sheet.file === undefined) throw error;
    // Posted by a former process without the report, which could not be read then: there is no file to show.
    await api.edit(place, message, code === CODES.invalidForm ? withoutFile(sheet) : sheet);
  }
  return "edited";
}

function unlessGone(error: unknown): void {
  if (codeOf(error) !== CODES.unknownMessage && codeOf(error) !== CODES.unknownChannel) throw error;
}

/** A sheet names its file only where that comes with it. */
function withUpload(sheet: Sheet, upload: Upload | undefined): [Sheet, Upload | undefined] {
  if (sheet.file === undefined) return [sheet, undefined];
  return upload === undefined ? [withoutFile(sheet), undefined] : [sheet, upload];
}

/** The report that goes with a result; undefined where there is none, or it cannot be read any more. */
async function uploadFor({ files }: SurfaceParts, card: Card, sheets: readonly Sheet[]): Promise<Upload | undefined> {
  const name = sheets.find(({ file }) => file !== undefined)?.file;
  const report = card.kind === "result" ? reportOf(card) : undefined;
  if (name === undefined || report === undefined || card.kind !== "result") return undefined;
  const data = await files.readArtifact(card.runId, report.path);
  return data === undefined ? undefined : { name, data };
}
