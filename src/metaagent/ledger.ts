import type { RunEvent } from "../contracts/event.ts";
import type { Run } from "../contracts/run.ts";
import { messageOf } from "../errors.ts";
import type { Control } from "./deps.ts";
import { costNameOf, learnCost } from "./learned-cost.ts";
import { learnOwner } from "./learned-owners.ts";
import { learnQuality } from "./learned-quality.ts";
import type { Scheduler } from "./scheduler.ts";

export interface Ledger {
  /** Notes what a change of a run teaches: cost and end of a piece of work, and process scars. `before`: the run without it. */
  learn(run: Run, event: RunEvent, before: Run | undefined): void;
  /** Resolves when everything noted is durable. */
  flush(): Promise<void>;
}

/** So long what is to be noted gathers: the settling of a piece of work comes just after the event that ends it. */
const GATHER_MS = 200;

/**
 * Keeps learned costs, how macros fare, scars and the tenants' fair tags in the operations document, after every piece
 * of work, whether it taught something or not. Writes are joined. What is lost in a crash is the last moment's costs and
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
      const learned = gathered.reduce<Known>((known, lesson) => ({ ...known, ...lesson(known) }), operations);
      return { ...operations, ...learned, ...scheduler.queue.snapshot(clock.now()) };
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
    learn: (run, event, before) => {
      const fresh = lessonsOf(run, event, before);
      const endsWork = "dispatchId" in event && event.kind !== "dispatch.started";
      if (!endsWork && fresh.length === 0) return;
      lessons.push(...fresh);
      callOff ??= clock.after(GATHER_MS, () => void save());
    },
    flush: save,
  };
}

type Known = Pick<ReturnType<Control["engine"]["operations"]>, "costs" | "scars" | "macros" | "owners">;
type Lesson = (known: Known) => Partial<Known>;

function lessonsOf(run: Run, event: RunEvent, before: Run | undefined): Lesson[] {
  const cost = costIn(run, event);
  const fresh = scarsIn(run, event, before);
  return [
    ...(cost === undefined
      ? []
      : [({ costs }: Known) => ({ costs: learnCost(costs, cost.macroId, cost.laneId, cost.tookMs) })]),
    ...(fresh.length === 0 ? [] : [({ scars }: Known) => ({ scars: [...scars, ...fresh].slice(-1000) })]),
    ...qualityIn(run, event),
  ];
}

/** How a lane's worker ended, for macro and owner; a lane that was taken back or interrupted says nothing of them. */
function qualityIn(run: Run, event: RunEvent): Lesson[] {
  const macroId = run.packets.taskClassification?.macroId ?? null;
  if (macroId === null || !("dispatchId" in event)) return [];
  const dispatch = run.dispatches.find((known) => known.dispatchId === event.dispatchId);
  if (dispatch?.work.kind !== "lane" || (dispatch.status !== "succeeded" && dispatch.status !== "failed")) return [];
  const endedWell = dispatch.status === "succeeded";
  const attempt = { macroId, laneId: dispatch.work.laneId, owner: dispatch.agent, at: event.at };
  return [
    ({ macros, owners }) => ({
      macros: learnQuality(macros, macroId, endedWell),
      owners: learnOwner(owners, attempt, endedWell),
    }),
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

const GOAL_KEPT = 200;

/** What Evolution says went wrong; a run that fails for good never gets so far, and its failure says it. */
function scarsIn(run: Run, event: RunEvent, before: Run | undefined): Known["scars"] {
  const macroId = run.packets.taskClassification?.macroId ?? undefined;
  const { workspace, goal } = run.task;
  const named = { workspace, goal: goal.slice(0, GOAL_KEPT) };
  const of = { at: event.at, runId: run.runId, ...named, ...(macroId === undefined ? {} : { macroId }) };
  const { status } = run;
  if (status.kind === "dead_letter" && before?.status.kind !== "dead_letter")
    return [{ ...of, kind: "dead_letter", detail: `${status.failure.code} in ${status.stage}` }];
  if (event.kind !== "evolution.completed") return [];
  const scars = event.packets.evolutionWritebackPacket?.scars ?? [];
  return scars.map((scar) => ({ ...of, ...scar }));
}
