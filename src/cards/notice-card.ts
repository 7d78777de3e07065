import type { NoticeCard } from "../contracts/card.ts";
import { positionOf } from "../contracts/position.ts";
import type { LaneState, Run } from "../contracts/run.ts";
import { STAGES, stageIndex, stageOf, type StageKey } from "../contracts/stage.ts";
import type { Text } from "../contracts/text.ts";
import { encodeToken } from "../commands/token.ts";
import type { MessageKey, Translator } from "../i18n.ts";
import { plainTranslator } from "../plain-text.ts";
import { cardTask, titleIn } from "./card-task.ts";
import { laneName, lanesInOrder } from "./lane-words.ts";
import { undoAction } from "./undo-action.ts";

type StageWord = NoticeCard["stages"][number]["state"] | "stopped" | "not_reached";
type Worker = NoticeCard["workers"][number];
type Line = NoticeCard["lines"][number];
type LineKey = NonNullable<Line["key"]>;

/**
 * Where the run is now (G21): the five lines of the protocol, every stage with its state in words, the workers.
 * `queued`: why it waits in the queue, where it does; a line of its own.
 */
export function noticeCard(run: Run, translator: Translator, queued?: string): NoticeCard {
  const words = plainTranslator(translator);
  const { active } = positionOf(run);
  return {
    kind: "notice",
    runId: run.runId,
    language: words.language,
    version: run.version,
    task: cardTask(run),
    title: titleIn(run, words.t("notice.title", { goal: run.task.goal }), words),
    lines: positionLines(run, words, queued),
    percent: stageOf(run.stage).percent,
    startedAt: run.startedAt,
    updatedAt: run.updatedAt,
    stages: STAGES.map(({ key, label }) => {
      const word = stageWord(run, key);
      const state = word === "stopped" ? "failed" : word === "not_reached" ? "pending" : word;
      return { key, label, state, stateLabel: words.t(`state.stage.${word}`) };
    }),
    workers: lanesInOrder(run).map((laneId) => worker(run, laneId, words)),
    actions: active
      ? [
          ...undoAction(run, words),
          {
            token: encodeToken({ action: "run.cancel", runId: run.runId }),
            label: words.t("card.action.cancel"),
            style: "danger",
            confirm: words.t("card.action.cancel_confirm"),
          },
        ]
      : [],
  };
}

/** What keeps a run from being saved stands in memory alone, so its document cannot say it. */
export function blockedBy(notice: NoticeCard, trouble: Text, translator: Translator): NoticeCard {
  const value = plainTranslator(translator).say(trouble);
  return { ...notice, lines: notice.lines.map((line) => (line.key === "blocked" ? { ...line, value } : line)) };
}

/** Active, completed, current, next, blocked. The public status file says the same (spine/projection). */
function positionLines(run: Run, words: Translator, queued: string | undefined): NoticeCard["lines"] {
  const position = positionOf(run);
  const none = words.t("notice.none");
  const stage = stageOf(position.stage);
  const where = { stage: stage.label, index: stageIndex(stage.key), total: STAGES.length, percent: stage.percent };
  const completed = position.completed.map((key) => stageOf(key).label);
  const line = (key: LineKey, value: string): Line => ({ key, label: words.t(`notice.${key}`), value });
  return [
    line("active", words.t(position.active ? "notice.where" : "notice.where_ended", where)),
    line("completed", completed.length === 0 ? none : words.list(completed)),
    line("current", words.say(position.current)),
    ...(queued === undefined || !isQueued(run) ? [] : [line("queued", queued)]),
    line("next", position.next === null ? none : stageOf(position.next).label),
    line("blocked", position.blockedOn === null ? none : words.say(position.blockedOn)),
  ];
}

/** It may have begun to move since it was worked out why it waits. */
function isQueued({ status, dispatches }: Run): boolean {
  const isOpen = (which: "queued" | "started"): boolean => dispatches.some((dispatch) => dispatch.status === which);
  return status.kind === "active" && isOpen("queued") && !isOpen("started");
}

function stageWord(run: Run, key: StageKey): StageWord {
  const { status } = run;
  if (status.kind === "dead_letter" && status.stage === key) return "failed";
  const stage = run.stages[key];
  if (stage.status === "completed") return "completed";
  const walking = status.kind === "active" || status.kind === "waiting";
  if (stage.status === "in_progress") {
    if (!walking) return "stopped";
    return status.kind === "waiting" ? "waiting" : "in_progress";
  }
  if (stage.skipReason !== undefined) return "skipped";
  return walking ? "pending" : "not_reached";
}

function worker(run: Run, laneId: string, words: Translator): Worker {
  const lane = run.lanes[laneId];
  const state = lane === undefined ? "waiting" : workerState(run, lane);
  // What has not been done when a run ends waits for nobody.
  const word = state === "waiting" && !positionOf(run).active ? "not_done" : state;
  return {
    laneId,
    name: laneName(run, laneId, words),
    state,
    stateLabel: words.t(`state.worker.${word}` satisfies MessageKey),
    detail: lane === undefined ? "" : workerDetail(lane, words),
  };
}

function workerState(run: Run, lane: LaneState): Worker["state"] {
  switch (lane.status) {
    case "waiting":
    case "blocked":
      return "waiting";
    case "dispatched":
      // Handed out is not running yet: an agent counts as dispatched when its work has started (G2).
      return run.dispatches.some(
        ({ work, status }) => status === "started" && work.kind === "lane" && work.laneId === lane.laneId,
      )
        ? "running"
        : "waiting";
    case "succeeded":
      return "succeeded";
    case "failed":
      return "failed";
    case "outcome_unknown":
    case "accepted_unknown":
    case "left_out":
      return "unknown";
  }
}

function workerDetail(lane: LaneState, words: Translator): string {
  switch (lane.status) {
    case "succeeded":
      return words.t("notice.worker.succeeded", {
        duration: words.duration(lane.result.durationMs),
        findings: lane.result.findings.length,
      });
    case "failed":
      return words.say(lane.failure.text);
    case "outcome_unknown":
    case "accepted_unknown":
      return words.t("notice.worker.unknown");
    case "blocked":
      return words.t("notice.worker.blocked");
    case "left_out":
      return words.t("notice.worker.left_out", { place: `${lane.rule.file}:${lane.rule.line}` });
    case "waiting":
    case "dispatched":
      if (lane.revision > 0) return words.t("notice.worker.revision", { round: lane.revision });
      return lane.attempts > 1 ? words.t("notice.worker.attempt", { attempt: lane.attempts }) : "";
  }
}
