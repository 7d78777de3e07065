import type { QueueEntry, RunDocument } from "../contracts/document.ts";
import type { QueueView, RunWatchMessage } from "../contracts/view.ts";
import type { Query } from "../ports.ts";
import type { Control } from "./deps.ts";
import type { Scheduler } from "./scheduler.ts";
import { viewOf } from "./view.ts";

/** As many places of the queue as a listing shows. */
const LISTED = 1000;

/** What can be read (ports: Query), from what is durable now. */
export function createQuery(control: Control, scheduler: Scheduler): Query {
  const { engine, files, events } = control;
  const view = (document: RunDocument): RunWatchMessage => ({
    kind: "view",
    view: viewOf(document, files.folderOf(document.run.runId)),
  });
  return {
    run: async (runId) => {
      const document = await engine.read(runId);
      return document === undefined ? undefined : viewOf(document, files.folderOf(runId));
    },
    runs: (filter) => engine.list(filter),
    document: (runId) => engine.read(runId),
    queue: async () => {
      const { waiting, leased, waitingTotal } = engine.queue(LISTED);
      const running = countByGroup(leased);
      return {
        strategy: scheduler.strategy,
        running: leased.map(({ dispatchId, runId, flow }) => ({ dispatchId, runId, flow })),
        waiting: waiting.map((entry, index) => ({
          position: index + 1,
          dispatchId: entry.dispatchId,
          runId: entry.runId,
          flow: entry.flow,
          notBefore: entry.notBefore ?? null,
          heldBy: limitsHolding(entry, running, control.slots),
        })),
        waitingTotal,
      };
    },
    watch: (runId, listener) => {
      let ended = false;
      const offs = [
        engine.onCommit((document) => {
          if (document.run.runId === runId) listener(view(document));
        }),
        events.on("run.progress", ({ runId: changed, dispatchId, laneId, progress }) => {
          if (changed === runId) listener({ kind: "progress", runId, dispatchId, laneId, ...progress });
        }),
        events.on("run.trouble", ({ runId: troubled, text }) => {
          if (troubled === runId) listener({ kind: "trouble", runId, text });
        }),
      ];
      void engine.read(runId).then((document) => {
        if (!ended && document !== undefined) listener(view(document));
      });
      return () => {
        ended = true;
        for (const off of offs) off();
      };
    },
  };
}

/** The name that `heldBy` gives to the number of pieces of work that may run at once at all. */
const SLOTS = "slots";

/** How many of the leased dispatches count in each group; all of them count in the slots. */
function countByGroup(leased: readonly QueueEntry[]): ReadonlyMap<string, number> {
  const counts = new Map([[SLOTS, leased.length]]);
  for (const { groups } of leased) {
    for (const { name } of groups) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** The limits that are reached now and that this entry counts in; none where it waits for its turn only. */
function limitsHolding(
  { groups }: QueueEntry,
  running: ReadonlyMap<string, number>,
  slots: number,
): QueueView["waiting"][number]["heldBy"] {
  return [{ name: SLOTS, limit: slots }, ...groups]
    .filter(({ name, limit }) => (running.get(name) ?? 0) >= limit)
    .map(({ name, limit }) => ({ limit: name, value: limit }));
}
