import type { Writable } from "node:stream";
import { createLogUpdate } from "log-update";
import type { NoticeCard } from "../../src/contracts/card.ts";
import { translatorFor } from "../../src/i18n.ts";
import { plainTranslator } from "../../src/plain-text.ts";
import type { Clock } from "../../src/ports.ts";
import { progressWords, renderNotice, type LaneProgress } from "./render-notice.ts";
import { columnsOf, type TerminalStream } from "./terminal-style.ts";

/** Progress comes as fast as workers print; more often than this nobody can read it. */
const REDRAW_MS = 80;

export interface LiveNotice {
  /** Shows the run as it is now. */
  show(card: NoticeCard): void;
  progress(laneId: string, progress: LaneProgress): void;
  /** Leaves the last state on the screen and gives the terminal back; shows nothing after it until `show`. */
  pause(): void;
}

export interface LiveNoticeOptions {
  readonly stream: Writable & TerminalStream;
  readonly clock: Clock;
  readonly color: boolean;
  /** Edit in place; false prints a plain line whenever something changed. */
  readonly inPlace: boolean;
}

/** The stage notice of one run (G21): edited in place on a terminal, plain lines on change elsewhere. */
export function createLiveNotice(options: LiveNoticeOptions): LiveNotice {
  return options.inPlace ? noticeInPlace(options) : noticeInLines(options);
}

function noticeInPlace({ stream, clock, color }: LiveNoticeOptions): LiveNotice {
  const screen = createLogUpdate(stream as NodeJS.WriteStream);
  const lanes = new Map<string, LaneProgress>();
  let card: NoticeCard | undefined;
  let cancelRedraw: (() => void) | undefined;

  const draw = (): void => {
    cancelRedraw?.();
    cancelRedraw = undefined;
    // One column stays free: a full last column makes some terminals wrap, and the edit then misses a line.
    if (card !== undefined) screen(renderNotice(card, lanes, { color, columns: columnsOf(stream) - 1 }).join("\n"));
  };
  return {
    show: (next) => {
      card = next;
      draw();
    },
    progress: (laneId, progress) => {
      lanes.set(laneId, progress);
      if (card !== undefined) cancelRedraw ??= clock.after(REDRAW_MS, draw);
    },
    pause: () => {
      if (card === undefined) return;
      draw();
      card = undefined;
      screen.done();
    },
  };
}

/** Where it is, what happens now, why it waits, what blocks: the other lines follow from the stage. */
const IN_LINES: ReadonlySet<NoticeCard["lines"][number]["key"]> = new Set(["active", "current", "queued", "blocked"]);

function noticeInLines({ stream }: LiveNoticeOptions): LiveNotice {
  const shown = new Map<string, string>();
  const lanes = new Map<string, LaneProgress>();
  /** Prints what is new under its key; what was said is not said again. */
  const say = (key: string, text: string): void => {
    if (shown.get(key) === text) return;
    shown.set(key, text);
    stream.write(`${text}\n`);
  };
  return {
    show: (card) => {
      const words = plainTranslator(translatorFor(card.language));
      say("title", card.title);
      const told = card.lines.filter(({ key, value }) => IN_LINES.has(key) && value !== words.t("notice.none"));
      say("position", told.map(({ label, value }) => words.t("card.labelled", { label, value })).join(" · "));
      for (const { laneId, name, state, stateLabel, detail } of card.workers) {
        if (state === "waiting") continue;
        const live = state === "running" ? lanes.get(laneId) : undefined;
        const more = live === undefined ? detail : progressWords(card, live);
        const text = words.t("card.with_state", { name, state: stateLabel });
        // Progress alone is no change worth a line; state and outcome are.
        if (shown.get(`state ${laneId}`) === `${state}${detail}`) continue;
        shown.set(`state ${laneId}`, `${state}${detail}`);
        say(`worker ${laneId}`, `  - ${more === "" ? text : words.t("card.labelled", { label: text, value: more })}`);
      }
    },
    progress: (laneId, progress) => {
      lanes.set(laneId, progress);
    },
    pause: () => {},
  };
}
