import type { QueueEntry, RunDocument } from "../contracts/document.ts";
import type { RunId } from "../contracts/id.ts";
import type { QueueView, RunWatchMessage } from "../contracts/view.ts";
import type { Query } from "../ports.ts";
import type { Control } from "./deps.ts";
import type { MetaAgentEvent } from "./events.ts";
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
      let shown = 0;
      const show = (document: RunDocument): void => {
        // What was read now may be newer than a change that is still to be told.
        if (ended || document.run.version < shown) return;
        shown = document.run.version;
        listener(view(document));
      };
      const off = events.observe({
        name: "watcher of a run",
        wants: (event) => runOf(event) === runId,
        notify: ({ name, payload }) => {
          if (name === "run.changed") show(payload.document);
          if (name === "run.trouble") listener({ kind: "trouble", runId, text: payload.text });
          if (name !== "run.progress") return;
          const { dispatchId, laneId, progress } = payload;
          listener({ kind: "progress", runId, dispatchId, laneId, ...progress });
        },
      });
      void engine.read(runId).then((document) => {
        if (document !== undefined) show(document);
      });
      return () => {
        ended = true;
        off();
      };
    },
  };
}

/** The run that a watcher is told of by an event; undefined for what it is not told. */
function runOf({ name, payload }: MetaAgentEvent): RunId | undefined {
  if (name === "run.changed") return payload.document.run.runId;
  return name === "run.progress" || name === "run.trouble" ? payload.runId : undefined;
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
