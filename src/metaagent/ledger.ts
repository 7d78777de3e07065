import type { RunEvent } from "../contracts/event.ts";
import type { Run } from "../contracts/run.ts";
import { messageOf } from "../errors.ts";
import type { Control } from "./deps.ts";
import { costNameOf, learnCost } from "./learned-cost.ts";
import type { Scheduler } from "./scheduler.ts";

export interface Ledger {
  /** Notes what a finished piece of work teaches: its cost, and process scars. */
  learn(run: Run, event: RunEvent): void;
  /** Resolves when everything noted is durable. */
  flush(): Promise<void>;
}

/** So long what is to be noted gathers: the settling of a piece of work comes just after the event that ends it. */
const GATHER_MS = 200;

/**
 * Keeps learned costs, scars and the tenants' fair tags in the operations document, after every piece of work,
 * whether it taught something or not. Writes are joined. What is lost in a crash is the last moment's costs and
 * debts, never a run.
 */
export function createLedger({ engine, clock, log }: Control, scheduler: Scheduler): Ledger {
  let lessons: Lesson[] = [];
  let writing: Promise<void> = Promise.resolve();
  let callOff: (() => void) | undefined;

  const write = async (): Promise<void> => {
    const gathered = lessons;
    lessons = [];
    await engine.transactOperations((operations) => {
      const { costs, scars } = gathered.reduce<Known>((known, lesson) => lesson(known), operations);
      return { ...operations, costs, scars, ...scheduler.queue.snapshot(clock.now()) };
    });
  };
  const save = (): Promise<void> => {
    callOff?.();
    callOff = undefined;
    writing = writing
      .then(write)
      .catch((error: unknown) => log.warn({ err: messageOf(error) }, "learned costs were not saved"));
    return writing;
  };

  return {
    learn: (run, event) => {
      if (!("dispatchId" in event) || event.kind === "dispatch.started") return;
      lessons.push(...lessonsOf(run, event));
      callOff ??= clock.after(GATHER_MS, () => void save());
    },
    flush: save,
  };
}

type Known = Pick<ReturnType<Control["engine"]["operations"]>, "costs" | "scars">;
type Lesson = (known: Known) => Known;

function lessonsOf(run: Run, event: RunEvent): Lesson[] {
  const cost = costIn(run, event);
  const fresh = scarsIn(run, event);
  return [
    ...(cost === undefined
      ? []
      : [({ costs, scars }: Known) => ({ costs: learnCost(costs, cost.macroId, cost.laneId, cost.tookMs), scars })]),
    ...(fresh.length === 0 ? [] : [({ costs, scars }: Known) => ({ costs, scars: [...scars, ...fresh].slice(-1000) })]),
  ];
}

/** What a piece of work took that succeeded: a worker's own time, else from its start to its end. */
function costIn(run: Run, event: RunEvent): { macroId: string; laneId: string; tookMs: number } | undefined {
  if (!("dispatchId" in event)) return undefined;
  const dispatch = run.dispatches.find((known) => known.dispatchId === event.dispatchId);
  if (dispatch?.status !== "succeeded") return undefined;
  const { macroId, laneId } = costNameOf(run, dispatch.work);
  if (macroId === null) return undefined;
  const tookMs = "result" in event ? event.result?.durationMs : undefined;
  return { macroId, laneId, tookMs: tookMs ?? dispatch.endedAt - dispatch.startedAt };
}

function scarsIn(run: Run, event: RunEvent): Known["scars"] {
  if (event.kind !== "evolution.completed") return [];
  const scars = event.packets.evolutionWritebackPacket?.scars ?? [];
  return scars.map((scar) => ({ at: event.at, runId: run.runId, ...scar }));
}
