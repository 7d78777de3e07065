import type { RunDocument } from "../contracts/document.ts";
import type { RunId } from "../contracts/id.ts";
import type { RunView } from "../contracts/view.ts";
import { messageOf } from "../errors.ts";
import type { Query } from "../ports.ts";
import type { Control } from "./deps.ts";
import type { MetaAgentEvent } from "./events.ts";
import { queueViewOf } from "./queue-view.ts";
import { viewOf } from "./view.ts";

/** What can be read (ports: Query), from what is durable now. */
export function createQuery(control: Control): Query {
  const { engine, files, events, log } = control;
  const asView = (document: RunDocument): RunView => {
    const { runId } = document.run;
    return viewOf(document, files.folderOf(runId), control.troubles.of(document), control.queuedLines.get(runId));
  };
  return {
    run: async (runId) => {
      const document = await engine.read(runId);
      return document === undefined ? undefined : asView(document);
    },
    runs: (filter) => engine.list(filter),
    document: (runId) => engine.read(runId),
    queue: () => queueViewOf(control),
    setAside: (runId) => engine.setAsideOf(runId),
    watch: (runId, listener) => {
      let ended = false;
      let shown = 0;
      const show = (document: RunDocument): void => {
        // What was read now may be newer than a change that is still to be told.
        if (ended || document.run.version < shown) return;
        shown = document.run.version;
        listener({ kind: "view", view: asView(document) });
      };
      const showNow = (): void => {
        engine
          .read(runId)
          .then((document) => {
            if (document !== undefined) show(document);
          })
          .catch((error: unknown) => log.warn({ runId, err: messageOf(error) }, "a watcher could not be shown a run"));
      };
      const off = events.observe({
        name: "watcher of a run",
        wants: (event) => runOf(event) === runId,
        notify: ({ name, payload }) => {
          if (name === "run.changed") show(payload.document);
          if (name === "run.queued") showNow();
          if (name === "run.trouble") listener({ kind: "trouble", runId, text: payload.text });
          if (name !== "run.progress") return;
          const { dispatchId, laneId, progress } = payload;
          listener({ kind: "progress", runId, dispatchId, laneId, ...progress });
        },
      });
      showNow();
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
  const isTold = name === "run.progress" || name === "run.trouble" || name === "run.queued";
  return isTold ? payload.runId : undefined;
}
