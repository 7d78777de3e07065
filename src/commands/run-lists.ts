import type { RunSummary } from "../contracts/document.ts";
import { stageOf } from "../contracts/stage.ts";
import type { QueueView } from "../contracts/view.ts";
import type { Translator } from "../i18n.ts";
import { shorten } from "../plain-text.ts";
import { folderName } from "./folder-name.ts";
import { AS_THEY_ARE, whyQueued, type Names } from "./why-waiting.ts";

/** As many runs as one message lists; the rest is counted. */
export const LISTED = 10;

/** Runs, one a line. */
export function runLines(runs: readonly RunSummary[], total: number, words: Translator): string[] {
  const lines = runs.map(({ runId, status, stage, goal, workspace }) =>
    words.t("chat.run_line", {
      run: runId,
      status: words.t(`cli.status.${status}`),
      stage: stageOf(stage).label,
      goal: shorten(goal, 80),
      folder: folderName(workspace),
    }),
  );
  return [...lines, ...more(total - runs.length, words)];
}

/** What works now and what waits, in the order in which it will start. */
export function queueLines(queue: QueueView, words: Translator): string[] {
  const { running, waiting, waitingTotal } = queue;
  const shown = waiting.slice(0, LISTED);
  return [
    ...stateLines(queue, words),
    words.t("chat.queue.summary", { running: running.length, waiting: waitingTotal }),
    ...running.slice(0, LISTED).map(({ runId, tenant }) => words.t("chat.queue.running", { run: runId, flow: tenant })),
    ...shown.flatMap((place) => [
      words.t("chat.queue.waiting", { position: place.position, run: place.runId, flow: place.tenant }),
      // The place itself stands before it.
      ...whyQueued(place, queue, words)
        .slice(1)
        .map((line) => `   ${line}`),
    ]),
    ...more(waitingTotal - shown.length, words),
  ];
}

/** What operators have said of the queue: a drain, what is paused, and what was raised or lowered. */
export function stateLines(
  { drainingSince, paused, weights, steps }: QueueView,
  words: Translator,
  names: Names = AS_THEY_ARE,
): string[] {
  return [
    ...(drainingSince === null ? [] : [words.t("queue.state.draining", { since: words.dateTime(drainingSince) })]),
    ...paused.map(({ target, since, by }) =>
      words.t(`queue.state.paused.${target.kind}`, {
        name: names[target.kind](target.name),
        since: words.dateTime(since),
        who: by.displayName ?? by.user,
      }),
    ),
    ...Object.entries(weights).map(([name, weight]) =>
      words.t("queue.state.weight", { name: names.tenant(name), weight }),
    ),
    ...Object.entries(steps)
      .filter(([, step]) => step !== 0)
      .map(([name, step]) => words.t("queue.state.steps", { name: names.macro(name), step })),
  ];
}

/** What is running: runs that move, since when, and how many wait for a person. */
export function runningLines(
  active: { readonly runs: readonly RunSummary[]; readonly total: number },
  waitingForPeople: number,
  words: Translator,
): string[] {
  const lines = active.runs.map(({ runId, stage, startedAt, goal, workspace }) =>
    words.t("chat.running.line", {
      run: runId,
      stage: stageOf(stage).label,
      since: words.dateTime(startedAt),
      goal: shorten(goal, 80),
      folder: folderName(workspace),
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
