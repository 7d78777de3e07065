import type { RunId } from "../contracts/id.ts";
import { stageOf } from "../contracts/stage.ts";
import type { QueueView, RunView } from "../contracts/view.ts";
import type { Translator } from "../i18n.ts";

/** As many runs ahead as are named. */
const NAMED = 5;

/** Why a run does not go on, or that it does: for whom or what it waits, since when, behind what, under which limit. */
export function whyWaiting(view: RunView, queue: QueueView, words: Translator): string[] {
  const { status } = view.summary;
  switch (status) {
    case "waiting":
      return [
        words.t("chat.why.answer", {
          title: view.decision?.title ?? "",
          since: words.dateTime(view.askedAt ?? view.summary.updatedAt),
          who: view.requestedBy.displayName ?? view.requestedBy.user,
        }),
      ];
    case "active":
      return whyActive(view, queue, words);
    case "dead_letter":
      return [words.t("chat.why.dead_letter", { reason: view.failure?.text ?? "" })];
    case "completed":
    case "canceled":
    case "discarded":
    case "refused":
      return [words.t("chat.why.ended", { status: words.t(`cli.status.${status}`) })];
  }
}

function whyActive(view: RunView, queue: QueueView, words: Translator): string[] {
  const { runId } = view.summary;
  const working = view.working.map(({ laneId, since }) => workLine(view, laneId, since, words));
  if (working.length > 0) return working;
  const place = queue.waiting.find((entry) => entry.runId === runId);
  if (place !== undefined) return whyQueued(place, queue, words);
  // Between two pieces of work there is a moment with neither; a run that nobody works on stays like that.
  const handedOut = queue.running.some((entry) => entry.runId === runId);
  return [words.t(handedOut ? "chat.why.moving" : "chat.why.parked")];
}

function workLine(view: RunView, laneId: string | null, since: number, words: Translator): string {
  const worker = view.notice.workers.find((candidate) => candidate.laneId === laneId)?.name ?? laneId;
  const params = { since: words.dateTime(since) };
  return worker === null
    ? words.t("chat.why.stage", { ...params, stage: stageOf(view.summary.stage).label })
    : words.t("chat.why.worker", { ...params, worker });
}

function whyQueued(place: QueueView["waiting"][number], queue: QueueView, words: Translator): string[] {
  const { position, notBefore, heldBy } = place;
  const before = queue.waiting.filter((entry) => entry.position < position && entry.runId !== place.runId);
  const runs: RunId[] = [...new Set(before.map((entry) => entry.runId))];
  const named = runs.length > NAMED ? [...runs.slice(0, NAMED), "…"] : runs;
  return [
    position === 1 ? words.t("chat.why.next") : words.t("chat.why.queued", { position }),
    ...(runs.length === 0 ? [] : [words.t("chat.why.ahead", { count: runs.length, runs: words.list(named) })]),
    ...heldBy.map(({ limit, value }) => limitLine(limit, value, words)),
    ...(notBefore === null ? [] : [words.t("chat.why.retry_at", { when: words.dateTime(notBefore) })]),
  ];
}

/** A limit is named `slots`, or `<what it is shared by>:<name>`. */
function limitLine(limit: string, value: number, words: Translator): string {
  const [kind = "", ...rest] = limit.split(":");
  const params = { value, name: rest.join(":") };
  switch (kind) {
    case "tenant":
      return words.t("chat.why.limit.tenant", params);
    case "macro":
      return words.t("chat.why.limit.macro", params);
    case "workspace":
      return words.t("chat.why.limit.workspace", params);
    case "run":
      return words.t("chat.why.limit.run", params);
    default:
      return words.t("chat.why.limit.slots", params);
  }
}
