import type { RunEvent } from "../contracts/event.ts";
import type { Run } from "../contracts/run.ts";
import { messageOf } from "../errors.ts";
import type { Control } from "./deps.ts";
import { learnCost } from "./learned-cost.ts";
import type { Scheduler } from "./scheduler.ts";

export interface Ledger {
  /** Notes what a finished piece of work teaches: its cost, and process scars. */
  learn(run: Run, event: RunEvent): void;
  /** Resolves when everything noted is durable. */
  flush(): Promise<void>;
}

/**
 * Keeps learned costs, scars and the tenants' fair tags in the operations document. Writes are joined: while one is
 * under way the next ones gather. What is lost in a crash is the last few costs, never a run.
 */
export function createLedger({ engine, clock, log }: Control, scheduler: Scheduler): Ledger {
  let changes: ((costs: Costs, scars: Scars) => { costs: Costs; scars: Scars })[] = [];
  let writing: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    while (changes.length > 0) {
      const gathered = changes;
      changes = [];
      await engine.transactOperations((operations) => {
        const learned = gathered.reduce((known, change) => change(known.costs, known.scars), {
          costs: operations.costs,
          scars: operations.scars,
        });
        return { ...operations, ...learned, ...scheduler.queue.snapshot(clock.now()) };
      });
    }
  };

  const start = (): Promise<void> => {
    writing ??= write()
      .catch((error: unknown) => log.warn({ err: messageOf(error) }, "learned costs were not saved"))
      .finally(() => {
        writing = undefined;
      });
    return writing;
  };

  return {
    learn: (run, event) => {
      const change = lessonOf(run, event);
      if (change === undefined) return;
      changes.push(change);
      void start();
    },
    flush: async () => {
      changes.push((costs, scars) => ({ costs, scars }));
      await start();
    },
  };
}

type Costs = ReturnType<Control["engine"]["operations"]>["costs"];
type Scars = ReturnType<Control["engine"]["operations"]>["scars"];

function lessonOf(
  run: Run,
  event: RunEvent,
): ((costs: Costs, scars: Scars) => { costs: Costs; scars: Scars }) | undefined {
  const macroId = run.packets.taskClassification?.macroId;
  if (event.kind === "lane.succeeded" && macroId !== undefined && macroId !== null) {
    const dispatch = run.dispatches.find((known) => known.dispatchId === event.dispatchId);
    if (dispatch?.work.kind !== "lane") return undefined;
    const { laneId } = dispatch.work;
    return (costs, scars) => ({ costs: learnCost(costs, macroId, laneId, event.result.durationMs), scars });
  }
  if (event.kind === "evolution.completed") {
    const fresh = (event.packets.evolutionWritebackPacket?.scars ?? []).map((scar) => ({
      at: event.at,
      runId: run.runId,
      ...scar,
    }));
    return fresh.length === 0 ? undefined : (costs, scars) => ({ costs, scars: [...scars, ...fresh].slice(-1000) });
  }
  return undefined;
}
