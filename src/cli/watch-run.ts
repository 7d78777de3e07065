import type { RunId } from "../contracts/id.ts";
import type { Text } from "../contracts/text.ts";
import type { RunView } from "../contracts/view.ts";
import type { Query } from "../ports.ts";
import type { LiveProgress } from "./world.ts";

/** The states of a run, one after the other; those that were overtaken before anyone asked are left out. */
export interface RunStates {
  next(): Promise<RunView>;
  end(): void;
}

/** What is told beside the states. */
export interface RunListeners {
  progress(progress: LiveProgress): void;
  trouble(text: Text): void;
}

export function watchRun(query: Query, runId: RunId, listeners: RunListeners): RunStates {
  let newest: RunView | undefined;
  let wake: (() => void) | undefined;
  const end = query.watch(runId, (message) => {
    if (message.kind === "progress") return listeners.progress(message);
    if (message.kind === "trouble") return listeners.trouble(message.text);
    newest = message.view;
    wake?.();
  });
  return {
    async next() {
      while (newest === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
      const view = newest;
      newest = undefined;
      return view;
    },
    end,
  };
}
