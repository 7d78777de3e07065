import type { Alert } from "../contracts/alert.ts";
import type { RunDocument } from "../contracts/document.ts";
import type { RunEvent } from "../contracts/event.ts";
import type { DispatchId, RunId } from "../contracts/id.ts";
import type { Text } from "../contracts/text.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Progress } from "../ports.ts";

/** What observers may subscribe to (M11). Payloads are to be read, never changed. */
export interface MetaAgentEvents {
  /** A run changed, durably. */
  "run.changed": { document: RunDocument; event: RunEvent };
  /** A worker got on; live only, never saved. */
  "run.progress": { runId: RunId; dispatchId: DispatchId; laneId: string; progress: Progress };
  /** What was done could not be saved, and is tried again: live only, since nothing can be saved. */
  "run.trouble": { runId: RunId; text: Text };
  "alert.raised": { alert: Alert };
}

export interface EventHub {
  on<K extends keyof MetaAgentEvents>(name: K, listener: (payload: MetaAgentEvents[K]) => void): () => void;
  emit<K extends keyof MetaAgentEvents>(name: K, payload: MetaAgentEvents[K]): void;
}

type Listeners = { [K in keyof MetaAgentEvents]: Set<(payload: MetaAgentEvents[K]) => void> };

/** A throwing observer is logged and otherwise ignored: it must never stop a run. */
export function createEventHub(log: Log): EventHub {
  const listeners: Listeners = {
    "run.changed": new Set(),
    "run.progress": new Set(),
    "run.trouble": new Set(),
    "alert.raised": new Set(),
  };
  return {
    on: (name, listener) => {
      listeners[name].add(listener);
      return () => listeners[name].delete(listener);
    },
    emit: (name, payload) => {
      for (const listener of listeners[name]) {
        try {
          listener(payload);
        } catch (error) {
          log.error({ event: name, err: messageOf(error) }, "an observer threw");
        }
      }
    },
  };
}
