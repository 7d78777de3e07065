import type { Alert } from "../contracts/alert.ts";
import type { MacroQuality, OperationsDocument } from "../contracts/operations.ts";
import { raw, type TextParam } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import { duration } from "../spine/wording.ts";
import type { MetaStateSnapshot, RunInBrief } from "./snapshot.ts";

/** From when on a state of affairs is an alert; from the settings (`alerts`). */
export interface AlertThresholds {
  readonly waitingDispatches: number;
  readonly unansweredMs: number;
  readonly stalledMs: number;
  readonly undeliveredMs: number;
  readonly freeBytes: number;
  readonly loopLagMs: number;
  readonly failurePercent: number;
}

/** Everything that the monitor looks at, as it was at one moment. */
export interface Readings {
  readonly at: number;
  readonly queued: number;
  readonly runs: readonly RunInBrief[];
  /** Oldest first, one a minute. */
  readonly history: OperationsDocument["telemetry"];
  readonly macros: OperationsDocument["macros"];
  /** Saved effects that are due and were not delivered yet. */
  readonly undelivered: { readonly count: number; readonly since: number | null };
  /** Null where the machine does not say. */
  readonly freeBytes: number | null;
  /** 99th percentile since the last look. */
  readonly loopLagMs: number | null;
}

/** What is an alert already is over only well below the threshold: a value that swings around it is one alert. */
const HYSTERESIS = 0.8;
/** A growing backlog: over so many looks, from so many on, to so many times as much. */
const TREND_LOOKS = 10;
const TREND_FROM = 20;
const TREND_FACTOR = 2;
/** A macro is compared with its own history once that holds so many pieces of work. */
const HISTORY_LEAST = 20;
const RECENT_LEAST = 10;

type Look = (readings: Readings, thresholds: AlertThresholds, isOpen: (key: string) => boolean) => Alert[];

/**
 * Looks at the readings and says which states of affairs operators should hear of (M3). Pure. The same condition has
 * the same key, so it is one alert however often it is seen; `open` are the keys of those that are told already. What
 * is not returned any more is over. An unanswered question is reported, never answered.
 */
export function anomaliesIn(readings: Readings, thresholds: AlertThresholds, open: ReadonlySet<string>): Alert[] {
  return LOOKS.flatMap((look) => look(readings, thresholds, (key) => open.has(key)));
}

const backlog: Look = ({ queued, at }, { waitingDispatches }, isOpen) => {
  const least = isOpen("backlog") ? waitingDispatches * HYSTERESIS : waitingDispatches;
  if (queued < least) return [];
  const severity = queued >= 4 * waitingDispatches ? "critical" : "warning";
  return [standing("backlog", { key: "backlog", severity, since: at }, { count: queued })];
};

/** A trend, long before the threshold: at nearly every look more waited than before. */
const growing: Look = ({ history, queued, at }) => {
  const looks = history.slice(-TREND_LOOKS);
  const [first] = looks;
  if (first === undefined || looks.length < TREND_LOOKS) return [];
  const values = [...looks.map((look) => look.queued), queued];
  const rises = values.filter((value, index) => index > 0 && value >= (values[index - 1] ?? 0)).length;
  const grows = queued >= TREND_FROM && queued >= TREND_FACTOR * Math.max(1, first.queued) && rises >= TREND_LOOKS - 1;
  if (!grows) return [];
  const what = { before: first.queued, count: queued, duration: duration(at - first.at) };
  return [standing("growing", { key: "growing", severity: "warning", since: first.at }, what)];
};

const stalled: Look = ({ runs, at }, { stalledMs }) =>
  runs
    .filter(({ idleSince }) => idleSince !== null && at - idleSince >= stalledMs)
    .map(({ runId, goal, idleSince }) => {
      const since = idleSince ?? at;
      const sight: Sight = { key: `stalled:${runId}:${since}`, severity: "critical", since, runId };
      return standing("stalled", sight, { goal: raw(goal), duration: duration(stalledMs) });
    });

const unanswered: Look = ({ runs, at }, { unansweredMs }) =>
  runs
    .filter(({ waitingSince }) => waitingSince !== null && at - waitingSince >= unansweredMs)
    .map(({ runId, goal, waitingSince }) => {
      const since = waitingSince ?? at;
      const sight: Sight = { key: `unanswered:${runId}:${since}`, severity: "warning", since, runId };
      return standing("unanswered", sight, { goal: raw(goal), duration: duration(unansweredMs) });
    });

const failing: Look = ({ macros, at }, { failurePercent }, isOpen) =>
  Object.entries(macros).flatMap(([macro, quality]) => {
    const key = `failing:${macro}`;
    const { failed, count } = recentOf(quality);
    if (count < RECENT_LEAST || quality.samples < HISTORY_LEAST) return [];
    const rate = failed / count;
    const least = (failurePercent / 100) * (isOpen(key) ? HYSTERESIS : 1);
    if (rate < least || rate < TREND_FACTOR * quality.failureRate) return [];
    const percent = Math.round(quality.failureRate * 100);
    return [standing("failing", { key, severity: "critical", since: at }, { macro, failed, count, percent })];
  });

function recentOf({ recent }: MacroQuality): { failed: number; count: number } {
  return { failed: recent.replaceAll("+", "").length, count: recent.length };
}

const undelivered: Look = ({ undelivered: { count, since }, at }, { undeliveredMs }) => {
  if (since === null || at - since < undeliveredMs) return [];
  const what = { count, duration: duration(at - since) };
  return [standing("undelivered", { key: "undelivered", severity: "warning", since }, what)];
};

const disk: Look = ({ freeBytes, at }, thresholds, isOpen) => {
  const least = isOpen("disk") ? thresholds.freeBytes / HYSTERESIS : thresholds.freeBytes;
  if (freeBytes === null || freeBytes >= least) return [];
  const severity = freeBytes < thresholds.freeBytes / 4 ? "critical" : "warning";
  const megabytes = Math.floor(freeBytes / 1024 ** 2);
  return [standing("disk", { key: "disk", severity, since: at }, { megabytes })];
};

const lag: Look = ({ loopLagMs, at }, thresholds, isOpen) => {
  const least = isOpen("lag") ? thresholds.loopLagMs * HYSTERESIS : thresholds.loopLagMs;
  if (loopLagMs === null || loopLagMs < least) return [];
  const what = { milliseconds: Math.round(loopLagMs) };
  return [standing("lag", { key: "lag", severity: "warning", since: at }, what)];
};

const LOOKS: readonly Look[] = [backlog, growing, stalled, unanswered, failing, undelivered, disk, lag];

type What = "backlog" | "growing" | "stalled" | "unanswered" | "failing" | "undelivered" | "disk" | "lag";

interface Sight {
  readonly key: string;
  readonly severity: Alert["severity"];
  readonly since: number;
  readonly runId?: string;
}

function standing(what: What, sight: Sight, params: Record<string, TextParam>): Alert {
  const run = sight.runId === undefined ? {} : { run: sight.runId };
  return {
    ...sight,
    standing: true,
    what: keyed(`alert.${what}.what`, params),
    todo: keyed(`alert.${what}.todo`, run),
  };
}

/** One line of telemetry, as it is kept in the operations document (M2). */
export function telemetryOf({ at, metrics }: MetaStateSnapshot): OperationsDocument["telemetry"][number] {
  return {
    at,
    queued: metrics.queued,
    running: metrics.running,
    waiting: metrics.waitingForPeople,
    deadLetters: metrics.deadLetters,
    completed: metrics.completed,
  };
}
