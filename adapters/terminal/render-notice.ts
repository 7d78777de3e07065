import type { NoticeCard } from "../../src/contracts/card.ts";
import type { Text } from "../../src/contracts/text.ts";
import { translatorFor } from "../../src/i18n.ts";
import { plainTranslator } from "../../src/plain-text.ts";
import { colorsOf, type Colors } from "./terminal-style.ts";
import { fitLine, padLine, widthOf } from "./text-width.ts";

/** How far a running worker is; shown, never saved. */
export interface LaneProgress {
  readonly done: number;
  readonly total: number | null;
  readonly text: Text | null;
}

/** Workers that are shown at once; the rest is counted. Keeps the notice at sixteen lines. */
const SHOWN_WORKERS = 6;
const STAGE_SYMBOLS = {
  completed: "✔",
  in_progress: "▶",
  waiting: "?",
  pending: "·",
  skipped: "-",
  failed: "✖",
} as const satisfies Record<NoticeCard["stages"][number]["state"], string>;
const WORKER_SYMBOLS = {
  waiting: "·",
  running: "▶",
  succeeded: "✔",
  failed: "✖",
  unknown: "?",
} as const satisfies Record<NoticeCard["workers"][number]["state"], string>;
/** What people want to see first where not all workers fit. */
const WORKER_ORDER = ["failed", "unknown", "running", "waiting", "succeeded"] as const;

/** The stage notice as lines of a terminal: none longer than `columns`, at most sixteen. */
export function renderNotice(
  card: NoticeCard,
  progress: ReadonlyMap<string, LaneProgress>,
  style: { readonly color: boolean; readonly columns: number },
): string[] {
  const colors = colorsOf(style.color);
  const labelWidth = Math.max(...card.lines.map(({ label }) => widthOf(label)));
  const facts = card.lines.map(({ label, value }) => {
    const room = style.columns - labelWidth - 2;
    return `${colors.dim(padLine(label, labelWidth))}  ${fitLine(value, room)}`;
  });
  return [
    colors.bold(colors.cyan(fitLine(card.title, style.columns))),
    ...stageRows(card, style.columns, colors),
    ...facts,
    ...workerRows(card, progress, style.columns, colors),
  ];
}

/** The worker's part of the work in words; also for places that print plain lines. */
export function progressWords(card: NoticeCard, { done, total, text }: LaneProgress): string {
  const words = plainTranslator(translatorFor(card.language));
  const counted =
    total === null
      ? words.number(done)
      : words.t("terminal.progress", { done: words.number(done), total: words.number(total) });
  const said = text === null ? "" : words.say(text);
  return said === "" ? counted : `${counted}  ${said}`;
}

/** The stages by name in one row or two; a very narrow terminal has them in words below, and here as symbols. */
function stageRows(card: NoticeCard, columns: number, colors: Colors): string[] {
  const plain = card.stages.map(({ label, state }) => `${STAGE_SYMBOLS[state]} ${label}`);
  const half = Math.ceil(plain.length / 2);
  const fits = (parts: readonly string[]) => widthOf(parts.join("  ")) <= columns;
  const dressed = (parts: readonly string[]) =>
    parts.map((part, at) => tonedStage(part, card.stages[at]?.state, colors));
  if (fits(plain)) return [dressed(plain).join("  ")];
  if (fits(plain.slice(0, half)) && fits(plain.slice(half))) {
    const named = dressed(plain);
    return [named.slice(0, half).join("  "), named.slice(half).join("  ")];
  }
  return [dressed(card.stages.map(({ state }) => STAGE_SYMBOLS[state])).join("  ")];
}

function tonedStage(part: string, state: NoticeCard["stages"][number]["state"] | undefined, colors: Colors): string {
  switch (state) {
    case "completed":
      return colors.green(part);
    case "in_progress":
      return colors.bold(part);
    case "waiting":
      return colors.yellow(part);
    case "failed":
      return colors.red(part);
    case "pending":
    case "skipped":
    case undefined:
      return colors.dim(part);
  }
}

function workerRows(
  card: NoticeCard,
  progress: ReadonlyMap<string, LaneProgress>,
  columns: number,
  colors: Colors,
): string[] {
  if (card.workers.length === 0) return [];
  const pressing = card.workers.toSorted((a, b) => WORKER_ORDER.indexOf(a.state) - WORKER_ORDER.indexOf(b.state));
  const shown = new Set(pressing.slice(0, SHOWN_WORKERS));
  const nameWidth = Math.min(32, Math.max(...card.workers.map(({ name }) => widthOf(name))), Math.floor(columns / 3));
  const stateWidth = Math.max(...card.workers.map(({ stateLabel }) => widthOf(stateLabel)));
  const rows = card.workers
    .filter((worker) => shown.has(worker))
    .map((worker) => {
      const live = worker.state === "running" ? progress.get(worker.laneId) : undefined;
      const detail = live === undefined ? worker.detail : progressWords(card, live);
      const name = padLine(fitLine(worker.name, nameWidth), nameWidth);
      const room = columns - nameWidth - stateWidth - 8;
      const row = `  ${WORKER_SYMBOLS[worker.state]} ${name}  ${worker.stateLabel}`;
      if (detail === "") return tonedWorker(row, worker.state, colors);
      const space = " ".repeat(stateWidth - widthOf(worker.stateLabel) + 2);
      return `${tonedWorker(row, worker.state, colors)}${space}${colors.dim(fitLine(detail, room))}`;
    });
  const more = card.workers.length - shown.size;
  const words = translatorFor(card.language);
  return ["", ...rows, ...(more > 0 ? [colors.dim(`    ${words.t("terminal.more_workers", { count: more })}`)] : [])];
}

function tonedWorker(row: string, state: NoticeCard["workers"][number]["state"], colors: Colors): string {
  switch (state) {
    case "succeeded":
      return colors.green(row);
    case "failed":
      return colors.red(row);
    case "unknown":
      return colors.yellow(row);
    case "waiting":
      return colors.dim(row);
    case "running":
      return row;
  }
}
