import { setImmediate } from "node:timers/promises";
import { RunCard, type Card } from "../../src/contracts/card.ts";
import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { renderPlain } from "../../src/cards/fallback.ts";
import { translatorFor } from "../../src/i18n.ts";
import type { Clock, RunFiles, Surface, SurfaceMessage } from "../../src/ports.ts";
import { BusyError } from "../../src/errors.ts";
import { SlackRefusal } from "./api.ts";
import type { NoticeStyle } from "./cards/notice.ts";
import type { Journal } from "./journal.ts";
import type { Urgency } from "./pace.ts";
import { isFinal, type Poster } from "./poster.ts";
import { render } from "./render.ts";
import { createSpacing } from "./spacing.ts";
import { SURFACE_NAME } from "./surface-name.ts";

export interface SurfaceMeans {
  readonly poster: Poster;
  readonly journal: Journal;
  readonly files: () => Pick<RunFiles, "readArtifact"> | undefined;
  readonly style: NoticeStyle;
  readonly clock: Clock;
  readonly log: Log;
}

/** How soon a card may look again whether its thread is open by now. */
const THREAD_MS = 1000;

/** Slack as a place where runs are shown. */
export function createSlackSurface(means: SurfaceMeans): Surface {
  const { poster, journal, clock } = means;
  /** Runs whose notice is on its way: it opens the thread, and what came before it would open another one. */
  const opening = new Set<string>();
  const spacing = createSpacing(clock);
  let { style } = means;

  const put = async (message: SurfaceMessage): Promise<{ thread: string; message: string }> => {
    const { key, channel, card } = message;
    const runId = "runId" in card ? card.runId : null;
    const place = `${channel}/${runId ?? ""}`;
    // An alert about a run stands in the channel itself: in the run's thread nobody would see it.
    const opened = runId === null || !("version" in card) ? undefined : journal.threadOf(channel, runId)?.thread;
    const known = message.thread ?? opened;
    if (message.message !== undefined) {
      await edit({ ...message, message: message.message, thread: known });
      // The caller keeps the message by now. Not sooner: what was posted and is not kept yet would be posted again.
      journal.forget(key);
      return { thread: known ?? message.message, message: message.message };
    }
    if (card.kind === "notice" && known === undefined) opening.add(place);
    else if (known === undefined && opening.has(place)) {
      throw new BusyError("slack.thread", "The thread of this run is just being opened.", THREAD_MS);
    }
    const shown = render(card, style);
    const version = "version" in card ? card.version : undefined;
    const posted = await poster.post({ key, channel, thread: known, version, ...shown }).catch((error: unknown) => {
      if (isFinal(error)) opening.delete(place);
      throw error;
    });
    opening.delete(place);
    if (card.kind === "notice") spacing.edited(key);
    if (runId !== null && "version" in card) {
      const isHome = card.kind === "notice" || journal.threadOf(channel, runId)?.isHome === true;
      await journal.keepThread({ channel, thread: posted.thread, runId, isHome });
    }
    // Posted by a process that ended before it was kept: what stands there may be older than the card is now.
    if (posted.isOld && "version" in card) {
      await redraw({ ...message, message: posted.message });
      await journal.posted(key, posted.thread, posted.message, card.version);
    }
    await attachments(means, message, posted.thread, shown.isWhole);
    return { thread: posted.thread, message: posted.message };
  };
  const edit = async (message: SurfaceMessage & { readonly message: string }): Promise<void> => {
    const isWhole = await redraw(message);
    if (message.thread !== undefined) await attachments(means, message, message.thread, isWhole);
  };
  /** Resolves with whether all of the card had room. */
  const redraw = async (message: SurfaceMessage & { readonly message: string }): Promise<boolean> => {
    const { card } = message;
    const shown = render(card, style);
    const urgency = urgencyOf(card);
    if (urgency === "routine") spacing.allow(message.key);
    await poster.update({ ...message, ...shown }, urgency).catch((error: unknown) => {
      if (!(error instanceof SlackRefusal) || !GONE.includes(error.problem)) throw error;
      // Somebody deleted it; trying for ever would not bring it back.
      means.log.warn({ key: message.key, err: error.message }, "a card is gone from Slack");
    });
    if (urgency === "routine") spacing.edited(message.key);
    else spacing.end(message.key);
    return shown.isWhole;
  };

  return {
    name: SURFACE_NAME,
    put: async (message) => {
      // Cards are made of what was just saved: who pressed the button for it is answered before they are rendered.
      await setImmediate();
      try {
        return await put(message);
      } catch (error) {
        // A workspace whose Slack does not take the plan block gets the plain one from now on.
        if (message.card.kind !== "notice" || style !== "plan" || !isBlockProblem(error)) throw error;
        style = "sections";
        means.log.warn(
          { err: messageOf(error), at: clock.now() },
          "Slack does not take the plan block; sections are used",
        );
        return put(message);
      }
    },
  };
}

const GONE = ["message_not_found", "cant_update_message", "edit_window_closed"];

/** Progress can wait; what somebody waits for, and how it ended, cannot. */
function urgencyOf(card: Card): Urgency {
  return card.kind === "notice" && card.actions.length > 0 ? "routine" : "important";
}

function isBlockProblem(error: unknown): boolean {
  return error instanceof SlackRefusal && /block/.test(error.problem);
}

/** The report beside a result, and the whole card as text where the message has no room for it. */
async function attachments(
  means: SurfaceMeans,
  { key, channel, card }: SurfaceMessage,
  thread: string,
  isWhole: boolean,
): Promise<void> {
  const parsed = RunCard.safeParse(card);
  if (!parsed.success) return;
  const { poster, journal, log } = means;
  const words = translatorFor(card.language);
  const share = async (name: string, title: string, content: Buffer): Promise<void> => {
    try {
      await poster.attach({ key: `${key}/${name}`, channel, thread, name, title, content });
    } catch (error) {
      if (!isFinal(error)) throw error;
      // The card stands; without the right to upload there is only the word that the file is on the bot's machine.
      log.warn({ err: messageOf(error), channel }, "Slack does not take a file");
    }
  };
  const { runId } = parsed.data;
  if (parsed.data.kind === "result" && journal.threadOf(channel, runId)?.isHome === true) {
    const report = parsed.data.files.find(({ path }) => path.endsWith("report.md"));
    const content = report === undefined ? undefined : await means.files()?.readArtifact(runId, report.path);
    if (report !== undefined && content !== undefined) await share(`report-${runId}.md`, report.label, content);
  }
  const name = isWhole ? undefined : wholeName(parsed.data);
  if (name !== undefined) await share(name, words.t("slack.whole_card"), Buffer.from(renderPlain(card)));
}

/** A file a card, not one a version: what changes later is who answered or handled it, and that has room on the card. */
function wholeName(card: RunCard): string | undefined {
  switch (card.kind) {
    case "notice":
      return undefined;
    case "decision":
      return `question-${card.decisionId}.txt`;
    case "result":
      return `result-${card.runId}.txt`;
    case "dead_letter":
      return card.handled === null ? `failure-${card.runId}-${card.version}.txt` : undefined;
  }
}
