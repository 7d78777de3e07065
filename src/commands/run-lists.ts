import type { RunSummary } from "../contracts/document.ts";
import { stageOf } from "../contracts/stage.ts";
import type { QueueView } from "../contracts/view.ts";
import type { Translator } from "../i18n.ts";
import { shorten } from "../plain-text.ts";

/** As many runs as one message lists; the rest is counted. */
export const LISTED = 10;

/** Runs, one a line. */
export function runLines(runs: readonly RunSummary[], total: number, words: Translator): string[] {
  const lines = runs.map(({ runId, status, stage, goal }) =>
    words.t("chat.run_line", {
      run: runId,
      status: words.t(`cli.status.${status}`),
      stage: stageOf(stage).label,
      goal: shorten(goal, 80),
    }),
  );
  return [...lines, ...more(total - runs.length, words)];
}

/** What works now and what waits, in the order in which it will start. */
export function queueLines({ running, waiting, waitingTotal }: QueueView, words: Translator): string[] {
  const shown = waiting.slice(0, LISTED);
  return [
    words.t("chat.queue.summary", { running: running.length, waiting: waitingTotal }),
    ...running.slice(0, LISTED).map(({ runId, flow }) => words.t("chat.queue.running", { run: runId, flow })),
    ...shown.map(({ position, runId, flow }) => words.t("chat.queue.waiting", { position, run: runId, flow })),
    ...more(waitingTotal - shown.length, words),
  ];
}

/** What is running: runs that move, since when, and how many wait for a person. */
export function runningLines(
  active: { readonly runs: readonly RunSummary[]; readonly total: number },
  waitingForPeople: number,
  words: Translator,
): string[] {
  const lines = active.runs.map(({ runId, stage, startedAt, goal }) =>
    words.t("chat.running.line", {
      run: runId,
      stage: stageOf(stage).label,
      since: words.dateTime(startedAt),
      goal: shorten(goal, 80),
    }),
  );
  return [
    ...(lines.length === 0 ? [words.t("chat.running.none")] : lines),
    ...more(active.total - active.runs.length, words),
    ...(waitingForPeople === 0 ? [] : [words.t("chat.running.waiting", { count: waitingForPeople })]),
  ];
}

function more(count: number, words: Translator): string[] {
  return count > 0 ? [words.t("chat.more", { count })] : [];
}
