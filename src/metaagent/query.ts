import type { RunDocument } from "../contracts/document.ts";
import type { RunWatchMessage } from "../contracts/view.ts";
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
      return {
        strategy: scheduler.strategy,
        running: leased.map(({ dispatchId, runId, flow }) => ({ dispatchId, runId, flow })),
        waiting: waiting.map(({ dispatchId, runId, flow, notBefore }, index) => ({
          position: index + 1,
          dispatchId,
          runId,
          flow,
          notBefore: notBefore ?? null,
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
