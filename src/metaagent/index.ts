import type { Alert } from "../contracts/alert.ts";
import type { Command, CommandReply } from "../contracts/command.ts";
import { AUTOMATION, type RunId } from "../contracts/id.ts";
import type { OperationsDocument } from "../contracts/operations.ts";
import { isFinished, type Run } from "../contracts/run.ts";
import { MetaTask, type MetaTaskInput } from "../contracts/task.ts";
import { CoxswainError, messageOf, parseAtDoor } from "../errors.ts";
import { keyed } from "../i18n.ts";
import { policyWith } from "../policy/compile.ts";
import type { Door, Query } from "../ports.ts";
import { createLedger } from "./ledger.ts";
import { deliverDispatch } from "./deliver.ts";
import type { Control, MetaAgentDeps } from "./deps.ts";
import { createEventHub, type EventHub } from "./event-hub.ts";
import { createGate } from "./gate.ts";
import { isCancelable } from "./act-on-run.ts";
import { handleCommand } from "./handle.ts";
import { runIdOf } from "./start-run.ts";
import { createLiveRuns } from "./live-runs.ts";
import { noteRefusal } from "./note-refusal.ts";
import { createOperators } from "./operators.ts";
import { createOutbox } from "./outbox.ts";
import { createProjector } from "./projector.ts";
import { createQuery } from "./query.ts";
import { setAsideAlerts } from "./set-aside-alerts.ts";
import { recoverRun } from "./recovery.ts";
import type { Scheduler } from "./scheduler.ts";
import { deepFreeze, type MetaStateSnapshot } from "./snapshot.ts";
import { createState } from "./state.ts";
import { createTroubles } from "./troubles.ts";
import { createWaitingNotices } from "./waiting-notices.ts";
import { isOpen } from "./alerts.ts";
import { createWatch } from "./watch.ts";

/** As much of the queue as a snapshot lists; the rest is counted. */
const SNAPSHOT_WAITING = 1000;
const DAY_MS = 24 * 3600_000;
/** So many tasks that were refused can be asked about. */
const REFUSALS_KEPT = 1000;

/** Why a run can or cannot be canceled now. */
export interface CancelVerdict {
  readonly cancelable: boolean;
  readonly reason: "running" | "unknown" | "finished" | "keeping_result";
}

/** The public entry point of the control plane (M4, M12): one door, one view, one lifecycle. */
export interface MetaAgent extends Door, Query {
  /** Hands in a task and returns its id at once; `accepted` resolves when it is durable. Throws on a task that is not valid. */
  enqueueTask(metaTask: MetaTaskInput): string;
  /** Resolves when the task is durable; rejects with the reason where it was refused. */
  accepted(taskId: string): Promise<void>;
  /** Cancels when that is safe, and says whether it will; see `cancelVerdict`. */
  cancelTask(taskId: string): boolean;
  cancelVerdict(taskId: string): CancelVerdict;
  /** Deeply immutable, and cheap: what has not changed is the same object as in the snapshot before. */
  getState(): MetaStateSnapshot;
  /** How busy it was: small numbers over time, the oldest first (M2). */
  telemetry(): OperationsDocument["telemetry"];
  /** Deliveries to surfaces that are due and have not arrived, and since when the oldest is due. */
  undelivered(): { readonly count: number; readonly since: number | null };
  /** The alerts that are not over. */
  alerts(): readonly Alert[];
  readonly on: EventHub["on"];
  readonly observe: EventHub["observe"];
  readonly observers: EventHub["observers"];
  /** Recovers what a former process left, and begins to work on the runs that `accepts` admits. */
  start(options: { accepts: (runId: string) => boolean }): Promise<void>;
  /** Nothing new starts; resolves when nothing runs any more, or after the limit. */
  drain(limitMs: number): Promise<void>;
  /** Parks everything: workers are ended, what they did not finish is saved as interrupted. */
  stop(): Promise<void>;
}

/** Combines scheduler, state, spine and delivery; starts nothing by itself. */
export function createMetaAgent(deps: MetaAgentDeps, scheduler: Scheduler): MetaAgent {
  const events = createEventHub(deps.log, deps.clock);
  const state = createState(deps.engine, scheduler.place, events, ({ run }, event, before) => {
    if (event.kind === "evolution.completed") completed += 1;
    ledger.learn(run, event, before);
  });
  const queuedLines = new Map<RunId, string>();
  const control: Control = {
    ...deps,
    events,
    scheduler,
    state,
    troubles: createTroubles(),
    policyFor: policyWith(deps.catalog.policyRules),
    queuedLines,
  };
  const operators = createOperators(control);
  const outbox = createOutbox(control, operators);
  const projector = createProjector(control);
  const ledger = createLedger(control, scheduler);
  const gate = createGate(control, operators, (lease) => deliverDispatch(control, lease));
  const notices = createWaitingNotices(control, queuedLines, (runId) => outbox.refreshNotice(runId));
  const live = createLiveRuns();
  const accepting = new Map<string, Promise<void>>();
  const refused = new Map<string, Promise<void>>();
  let completed = 0;

  deps.engine.onCommit((document) => {
    live.remember(document);
    watch.remember(document);
    projector.project(document);
    if (document.outbox.length > 0) outbox.flush(document.run.runId);
  });

  scheduler.onFallback((cause) => {
    const day = Math.floor(deps.clock.now() / DAY_MS);
    deps.log.error({ strategy: scheduler.strategy, err: messageOf(cause) }, "the strategy failed; the default placed");
    const params = { strategy: scheduler.strategy, reason: messageOf(cause).slice(0, 300) };
    operators
      .raise([
        {
          key: `strategy:${scheduler.strategy}:${day}`,
          severity: "warning",
          since: deps.clock.now(),
          what: keyed("alert.strategy.what", params),
          todo: keyed("alert.strategy.todo"),
        },
      ])
      .catch((failure: unknown) => deps.log.warn({ err: messageOf(failure) }, "an alert was not saved"));
  });

  const getState = (): MetaStateSnapshot => {
    const { waiting, leased, waitingTotal } = deps.engine.queue(SNAPSHOT_WAITING);
    const { paused, draining } = deps.engine.operations().queueControl;
    return deepFreeze({
      at: deps.clock.now(),
      strategy: scheduler.strategy,
      queue: {
        waiting,
        waitingTotal,
        paused: paused.map(({ target }) => target),
        draining: draining !== null || gate.isEnding(),
      },
      running: leased,
      runs: live.list(),
      metrics: {
        queued: waitingTotal,
        running: leased.length,
        waitingForPeople: live.count("waiting"),
        deadLetters: live.count("dead_letter"),
        completed,
      },
    });
  };

  const watch = createWatch(control, getState, operators);

  const cancelVerdict = (taskId: string): CancelVerdict => {
    const run = live.get(taskId);
    if (run === undefined) {
      const isComing = accepting.has(taskId);
      return { cancelable: isComing, reason: isComing ? "running" : "unknown" };
    }
    if (isFinished(run)) return { cancelable: false, reason: "finished" };
    return isCancelable(run)
      ? { cancelable: true, reason: "running" }
      : { cancelable: false, reason: "keeping_result" };
  };

  const handle = async (command: Command): Promise<CommandReply> => {
    const before = deps.clock.now();
    const reply = await handleCommand(control, command);
    const at = deps.clock.now();
    if (reply.kind === "refused") await noteRefusal(control, command, reply.code, at);
    events.emit("command.handled", {
      at,
      command: command.kind,
      by: command.by,
      runId: "runId" in reply ? reply.runId : "runId" in command ? command.runId : null,
      outcome: reply.kind,
      code: reply.kind === "refused" ? reply.code : null,
      durationMs: Math.max(0, at - before),
    });
    return reply;
  };

  return {
    handle,
    ...createQuery(control),
    on: (name, listener, by) => events.on(name, listener, by),
    observe: (observer) => events.observe(observer),
    observers: () => events.observers(),
    getState,
    telemetry: () => deps.engine.operations().telemetry,
    undelivered: () => watch.undelivered(),
    alerts: () => deps.engine.operations().alerts.filter(isOpen),
    cancelVerdict,
    enqueueTask: (input) => {
      const task = parseAtDoor(MetaTask, input, "The task");
      const id = `task:${deps.newId()}`;
      const taskId = runIdOf(id);
      const acceptance = handle({ kind: "run.start", id, by: AUTOMATION, task }).then((reply) => {
        if (reply.kind === "refused") throw new CoxswainError(reply.code, reply.message);
      });
      accepting.set(taskId, acceptance);
      // What is durable is found in the engine. Whoever does not ask why one was refused must not end the process with an
      // unhandled rejection.
      acceptance.then(
        () => accepting.delete(taskId),
        () => {
          accepting.delete(taskId);
          refused.set(taskId, acceptance);
          forgetOldest(refused, REFUSALS_KEPT);
        },
      );
      return taskId;
    },
    accepted: (taskId) => accepting.get(taskId) ?? refused.get(taskId) ?? existing(control, taskId),
    cancelTask: (taskId) => {
      if (!cancelVerdict(taskId).cancelable) return false;
      (accepting.get(taskId) ?? Promise.resolve())
        .then(() => handle({ kind: "run.cancel", id: `cancel:${taskId}`, by: AUTOMATION, runId: taskId }))
        .catch((error: unknown) => deps.log.warn({ runId: taskId, err: messageOf(error) }, "a task was not canceled"));
      return true;
    },
    start: async ({ accepts }) => {
      const resumed: Run[] = [];
      for (const runId of await deps.engine.liveRuns()) {
        const document = await deps.engine.read(runId);
        if (document !== undefined) {
          live.remember(document);
          watch.remember(document);
        }
        if (!accepts(runId)) continue;
        await recoverRun(control, runId);
        if (document !== undefined && document.outbox.length > 0) resumed.push(document.run);
      }
      outbox.resume(resumed);
      await gate.start();
      deps.engine.work(gate.work, {
        slots: deps.slots,
        accepts: (entry) => accepts(entry.runId) && gate.admits(entry),
      });
      const aside = setAsideAlerts(deps.engine.setAside(), deps.clock.now());
      await operators
        .raise(aside)
        .catch((error: unknown) => deps.log.warn({ err: messageOf(error) }, "an alert was not saved"));
      operators.start();
      notices.start();
      watch.start();
    },
    drain: (limitMs) => gate.drain(limitMs),
    stop: async () => {
      watch.stop();
      notices.stop();
      await deps.engine.stop();
      await ledger.flush();
      await outbox.stop();
      await operators.stop();
      await projector.idle();
      events.stop();
    },
  };
}

function forgetOldest(tasks: Map<string, unknown>, kept: number): void {
  const [oldest] = tasks.keys();
  if (tasks.size > kept && oldest !== undefined) tasks.delete(oldest);
}

async function existing(control: Control, taskId: string): Promise<void> {
  if ((await control.engine.read(taskId)) === undefined) {
    throw new CoxswainError("run.unknown", `There is no task ${taskId}.`);
  }
}
