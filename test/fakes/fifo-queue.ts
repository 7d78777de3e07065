import type { QueueEntry } from "../../src/contracts/document.ts";
import type { ReadyQueue } from "../../src/ports.ts";

export interface FifoQueue extends ReadyQueue {
  /** What was settled, in order. */
  readonly settled: { readonly entry: QueueEntry; readonly actualCostMs: number }[];
  /** What leases were said to have cost while they went on. */
  readonly accrued: number[];
}

/** First come, first served: enough of an order for tests of an engine. */
export function createFifoQueue(): FifoQueue {
  const waiting: QueueEntry[] = [];
  const settled: { entry: QueueEntry; actualCostMs: number }[] = [];
  const accrued: number[] = [];
  return {
    settled,
    add: (entry) => void waiting.push(entry),
    remove(dispatchId) {
      const at = waiting.findIndex((entry) => entry.dispatchId === dispatchId);
      if (at >= 0) waiting.splice(at, 1);
    },
    take(mayStart) {
      const at = waiting.findIndex((entry) => mayStart(entry) === true);
      return at < 0 ? undefined : waiting.splice(at, 1)[0];
    },
    accrued,
    accrue: (_entry, costSoFarMs) => void accrued.push(costSoFarMs),
    settle: (entry, actualCostMs) => void settled.push({ entry, actualCostMs }),
    inOrder: (limit) => waiting.slice(0, limit),
    get size() {
      return waiting.length;
    },
  };
}
