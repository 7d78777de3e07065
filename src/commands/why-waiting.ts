import type { RunId } from "../contracts/id.ts";
import { stageOf } from "../contracts/stage.ts";
import type { Text } from "../contracts/text.ts";
import type { QueueView, RunView } from "../contracts/view.ts";
import type { Translator } from "../i18n.ts";

type Place = QueueView["waiting"][number];

/** What ids and names are called where they are shown; as they are where nothing better is known. */
export interface Names {
  run(runId: RunId): string;
  tenant(name: string): string;
  macro(id: string): string;
}

export const AS_THEY_ARE: Names = { run: (runId) => runId, tenant: (name) => name, macro: (id) => id };

/** What starts within this time starts "soon": a time of day would be over before it is read. */
const SOON_MS = 60_000;

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
      return view.trouble === null ? whyActive(view, queue, words) : [words.say(view.trouble)];
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

/**
 * Why something waits, in sentences: its place, what holds it (operators, a limit by name, a failed attempt), who goes
 * first and by which rule, and when it will start with what that is judged by. Every surface says it with this.
 */
export function whyQueued(place: Place, queue: QueueView, words: Translator, names: Names = AS_THEY_ARE): string[] {
  const { position, notBefore, heldBy, paused, ahead } = place;
  const tenant = names.tenant(place.tenant);
  return [
    position === 1 ? words.t("chat.why.next") : words.t("chat.why.queued", { position }),
    ...(queue.drainingSince === null ? [] : [words.t("queue.why.draining")]),
    ...paused.map(({ kind, name }) => words.t(`queue.why.paused.${kind}`, { name: names[kind](name) })),
    ...heldBy.map(({ limit, value }) => limitLine(limit, value, words, names)),
    ...aheadLine("queue.why.ahead_own", ahead.own, tenant, queue.rules.inside, words, names),
    ...aheadLine("queue.why.ahead_others", ahead.others, tenant, queue.rules.between, words, names),
    ...(notBefore === null ? [] : [words.t("chat.why.retry_at", { when: words.dateTime(notBefore) })]),
    startLine(place.start, words),
  ];
}

function aheadLine(
  key: "queue.why.ahead_own" | "queue.why.ahead_others",
  { count, runs }: Place["ahead"]["own"],
  name: string,
  rule: Text,
  words: Translator,
  names: Names,
): string[] {
  if (count === 0) return [];
  const called = runs.map((runId) => names.run(runId));
  const named = count > runs.length ? [...called, "…"] : called;
  return [words.t(key, { count, name, rule, runs: words.list(named) })];
}

/** An estimate says what it is judged by; where there is nothing to judge by, that is said. */
function startLine(start: Place["start"], words: Translator): string {
  switch (start.kind) {
    case "estimated":
      return start.inMs < SOON_MS
        ? words.t("queue.start.soon")
        : words.t("queue.start.at", { when: words.dateTime(start.at) });
    case "no_history":
      return words.t("queue.start.no_history");
    case "held":
      return words.t("queue.start.held");
    case "nobody":
      return words.t("queue.start.nobody");
  }
}

/** A limit is named `slots`, or `<what it is shared by>:<name>`. */
function limitLine(limit: string, value: number, words: Translator, names: Names): string {
  const [kind = "", ...rest] = limit.split(":");
  const name = rest.join(":");
  const params = { value, name: kind === "tenant" || kind === "macro" ? names[kind](name) : name };
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
