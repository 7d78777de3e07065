import { whyQueued } from "../commands/why-waiting.ts";
import type { RunId } from "../contracts/id.ts";
import type { QueueView } from "../contracts/view.ts";
import { messageOf } from "../errors.ts";
import { translatorFor } from "../i18n.ts";
import type { Control } from "./deps.ts";
import { queueViewOf } from "./queue-view.ts";

/** How often it is looked whether what the notices say of the queue still holds. */
const LOOK_EVERY_MS = 5000;
/** What has waited less is about to start: saying so would only flicker. */
const WORTH_SAYING_MS = 2000;
/** So many notices are edited at a look; platforms limit how often messages may be edited. */
const EDITED_AT_ONCE = 20;

/** Keeps the notices of runs that wait in the queue true: their place, why, and when they will start. */
export interface WaitingNotices {
  start(): void;
  stop(): void;
}

/**
 * `lines` holds what each waiting run's notice says, for whoever makes the card; `refresh` brings the notice up to date
 * where it is shown. Live only: after a restart it is worked out anew.
 */
export function createWaitingNotices(
  control: Control,
  lines: Map<RunId, string>,
  refresh: (runId: RunId) => void,
): WaitingNotices {
  const { engine, clock, events, log } = control;
  const toldAt = new Map<RunId, number>();
  let callOff: () => void = () => undefined;
  let stopped = true;

  const look = async (): Promise<void> => {
    const wanted: ReadonlyMap<RunId, string> =
      engine.queue(0).waitingTotal === 0 ? new Map<RunId, string>() : await wantedLines(control);
    for (const runId of lines.keys()) if (!wanted.has(runId)) lines.delete(runId);
    for (const runId of toldAt.keys()) if (!wanted.has(runId)) toldAt.delete(runId);
    const stale = [...wanted]
      .filter(([runId, line]) => lines.get(runId) !== line)
      .toSorted(([a], [b]) => (toldAt.get(a) ?? 0) - (toldAt.get(b) ?? 0));
    for (const [runId, line] of stale.slice(0, EDITED_AT_ONCE)) {
      lines.set(runId, line);
      toldAt.set(runId, clock.now());
      refresh(runId);
      events.emit("run.queued", { runId });
    }
  };
  const lookAgain = (): void => {
    callOff();
    if (stopped) return;
    look().catch((error: unknown) => log.warn({ err: messageOf(error) }, "waiting runs could not be told why"));
    callOff = clock.after(LOOK_EVERY_MS, lookAgain);
  };
  events.on("queue.changed", lookAgain);
  return {
    start: () => {
      stopped = false;
      lookAgain();
    },
    stop: () => {
      stopped = true;
      callOff();
    },
  };
}

/** What the notices should say, first in the queue first; nothing of a run that something works on. */
async function wantedLines(control: Control): Promise<Map<RunId, string>> {
  const queue = await queueViewOf(control);
  const working = new Set(queue.running.map(({ runId }) => runId));
  const now = control.clock.now();
  const wanted = new Map<RunId, string>();
  for (const place of queue.waiting) {
    const { runId, queuedAt } = place;
    if (wanted.has(runId) || working.has(runId) || queuedAt === null || now - queuedAt < WORTH_SAYING_MS) continue;
    wanted.set(runId, await lineFor(control, place, queue));
  }
  return wanted;
}

async function lineFor({ engine }: Control, place: QueueView["waiting"][number], queue: QueueView): Promise<string> {
  const run = (await engine.read(place.runId))?.run;
  return whyQueued(place, queue, translatorFor(run?.language.language ?? "en")).join(" ");
}
