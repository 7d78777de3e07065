import type { WorkerResult } from "../../src/contracts/worker.ts";
import type { AgentRuntime, WorkerOrder } from "../../src/ports.ts";

export type WorkerScript = (order: WorkerOrder, signal: AbortSignal) => WorkerResult | Promise<WorkerResult>;

/** What a worker leaves that did its work and found nothing. */
export const GOOD_RESULT: WorkerResult = {
  exitCode: 0,
  signal: null,
  stopped: null,
  durationMs: 10,
  done: true,
  facts: {},
  findings: [],
  unavailable: [],
  artifacts: [],
  rejectedReports: 0,
  outputTail: "",
};

export interface FakeRuntime extends AgentRuntime {
  /** What was ordered, in order; a checked command has the same lane as its work. */
  readonly orders: WorkerOrder[];
  /** How lanes behave, by lane id; the others do well. */
  script(laneId: string, script: WorkerScript): void;
}

/** Workers that are functions. */
export function createFakeRuntime(): FakeRuntime {
  const orders: WorkerOrder[] = [];
  const scripts = new Map<string, WorkerScript>();
  return {
    kind: "command",
    orders,
    script: (laneId, script) => scripts.set(laneId, script),
    run: async (order, _onProgress, signal) => {
      orders.push(order);
      const script = scripts.get(order.brief.laneId);
      return script === undefined ? goodResultFor(order) : script(order, signal);
    },
  } satisfies FakeRuntime;
}

/** Passes the checks of the fake macro: the facts that Fetch counted too. */
export function goodResultFor(order: WorkerOrder): WorkerResult {
  return { ...GOOD_RESULT, facts: { trackedFiles: order.brief.files.tracked } };
}
