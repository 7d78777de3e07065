import type { Alert } from "../contracts/alert.ts";
import type { OperationsDocument } from "../contracts/operations.ts";
import { keyed } from "../i18n.ts";
import type { MetaStateSnapshot } from "./snapshot.ts";

/** From when on a state of affairs is an alert. */
export interface AlertThresholds {
  readonly waitingDispatches: number;
  readonly unansweredMs: number;
}

const DAY_MS = 24 * 3600_000;

export const ALERT_THRESHOLDS = {
  waitingDispatches: 500,
  unansweredMs: DAY_MS,
} as const satisfies AlertThresholds;

/**
 * Looks at a snapshot and says what operators should hear of (M3). Pure; the same condition gives the same key, so
 * that it is one alert however often it is seen (a backlog is one a day: a later one must not go unheard). An
 * unanswered question is reported, never answered.
 */
export function anomaliesIn(snapshot: MetaStateSnapshot, thresholds: AlertThresholds = ALERT_THRESHOLDS): Alert[] {
  const backlog: Alert[] =
    snapshot.metrics.queued < thresholds.waitingDispatches
      ? []
      : [
          {
            key: `backlog:${Math.floor(snapshot.at / DAY_MS)}`,
            severity: "warning",
            since: snapshot.at,
            what: keyed("alert.backlog.what", { count: snapshot.metrics.queued }),
            todo: keyed("alert.backlog.todo"),
          },
        ];
  const unanswered = snapshot.runs
    .filter((run) => run.waitingSince !== null && snapshot.at - run.waitingSince >= thresholds.unansweredMs)
    .map((run): Alert => ({
      key: `unanswered:${run.runId}:${run.waitingSince}`,
      severity: "warning",
      since: run.waitingSince ?? snapshot.at,
      what: keyed("alert.unanswered.what", { run: run.runId }),
      todo: keyed("alert.unanswered.todo", { run: run.runId }),
      runId: run.runId,
    }));
  return [...backlog, ...unanswered];
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
