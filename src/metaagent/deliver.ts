import { createHash } from "node:crypto";
import type { Dispatch } from "../contracts/dispatch.ts";
import type { EventOf, RunEvent } from "../contracts/event.ts";
import { isViolation } from "../contracts/policy.ts";
import type { Run } from "../contracts/run.ts";
import { raw } from "../contracts/text.ts";
import { CoxswainError, GateError, messageOf } from "../errors.ts";
import { keyed } from "../i18n.ts";
import { pause } from "../pause.ts";
import type { Lease } from "../ports.ts";
import { judgeLane, rulesFor } from "../spine/policy-check.ts";
import { packetOf } from "../spine/transitions/lanes.ts";
import { failureOf } from "./failure-of.ts";
import { retryDelay, retryOf, type Control } from "./deps.ts";
import { checkerOf, performCheck } from "./perform-check.ts";
import { performLane } from "./perform-lane.ts";
import { performStep, stepEvent } from "./perform-step.ts";

/** What a handler may say of a piece of work; undefined: it was taken back, and there is nothing to say. */
type Outcome = RunEvent | undefined;

/**
 * Works on one leased dispatch: save that it starts, do it, save what came of it. A crash between any two of
 * these is found at the next start (see recovery).
 */
export async function deliverDispatch(control: Control, lease: Lease): Promise<void> {
  const { runId, dispatchId } = lease.entry;
  const before = (await control.engine.read(runId))?.run;
  const dispatch = before?.dispatches.find((known) => known.dispatchId === dispatchId);
  if (before === undefined || dispatch?.status !== "queued") return;
  const agent = dispatch.work.kind === "check" ? (checkerOf(control.catalog)?.id ?? "none") : dispatch.agent;
  const judged = judge(control, before, dispatch);
  const policy = judged.policy ?? [];
  if (policy.some(isViolation) && dispatch.work.kind === "lane") {
    await commitUnlessStale(control, runId, {
      kind: "dispatch.blocked",
      ...fence(control, dispatch, "blocked"),
      policy,
    });
    return;
  }
  const started: RunEvent = { kind: "dispatch.started", ...fence(control, dispatch, "started"), agent, ...judged };
  const run = await commitUnlessStale(control, before.runId, started);
  if (run === undefined) return;
  const outcome = await perform(control, run, dispatch, lease.signal);
  lease.charge(tokenCost(control, outcome));
  if (outcome !== undefined) await commitOutcome(control, run, dispatch, outcome, lease.signal);
}

/** What a model used counts beside the worker's time, whether the work succeeded or not. */
function tokenCost({ tokenCostMs }: Control, outcome: Outcome): number {
  const usage = outcome !== undefined && "result" in outcome ? outcome.result?.usage : undefined;
  return usage === undefined ? 0 : ((usage.inputTokens + usage.outputTokens) / 1000) * tokenCostMs;
}

/** What rules say to a lane before each of its dispatches (M6); its checks were judged with it. */
function judge(
  { catalog, clock, policyFor }: Control,
  run: Run,
  { work }: Dispatch,
): Pick<EventOf<"dispatch.started">, "policy" | "judgedBy"> {
  const packet = work.kind === "lane" ? packetOf(run, work.laneId) : undefined;
  if (packet === undefined) return {};
  const program = catalog.agents.find(({ id }) => id === packet.ownerAgent)?.argv ?? [];
  const rules = rulesFor(run, policyFor);
  const policy = judgeLane(run, packet, rules, program, clock.now());
  const hash = createHash("sha256").update(JSON.stringify(rules)).digest("hex");
  return { ...(policy.length === 0 ? {} : { policy }), judgedBy: { rules: rules.length, hash } };
}

function fence(
  control: Control,
  dispatch: Dispatch,
  what: string,
): { id: string; at: number; dispatchId: string; attempt: number } {
  const { dispatchId, attempt } = dispatch;
  return { id: `${dispatchId}:${attempt}:${what}`, at: control.clock.now(), dispatchId, attempt };
}

/** A run that was canceled a moment ago refuses the start; then there is nothing to do. */
async function commitUnlessStale(control: Control, runId: string, event: RunEvent): Promise<Run | undefined> {
  try {
    return (await control.state.commit(runId, event)).document.run;
  } catch (error) {
    if (isStale(error)) return undefined;
    if (error instanceof CoxswainError && error.retryable) await tellTrouble(control, runId, error);
    throw error;
  }
}

function isStale(error: unknown): boolean {
  return error instanceof GateError && (error.code === "dispatch.stale" || error.code === "run.finished");
}

async function perform(control: Control, run: Run, dispatch: Dispatch, signal: AbortSignal): Promise<Outcome> {
  const { work } = dispatch;
  try {
    const event = await workOn(control, run, dispatch, signal);
    return signal.aborted ? afterAbort(control, run, dispatch, signal) : event;
  } catch (error) {
    if (signal.aborted) return afterAbort(control, run, dispatch, signal);
    control.log.error(
      { runId: run.runId, work, err: messageOf(error), stack: error instanceof Error ? error.stack : undefined },
      "work failed",
    );
    return failed(control, run, dispatch, error);
  }
}

async function workOn(control: Control, run: Run, dispatch: Dispatch, signal: AbortSignal): Promise<RunEvent> {
  const { work } = dispatch;
  switch (work.kind) {
    case "stage":
      return stepEvent(await performStep(control, run, work.step, signal), fence(control, dispatch, "completed"));
    case "lane":
      return {
        ...(await performLane(control, run, dispatch, work.laneId, signal)),
        ...fence(control, dispatch, "ended"),
      };
    case "check":
      return { ...(await performCheck(control, run, dispatch, work, signal)), ...fence(control, dispatch, "checked") };
  }
}

/** Taken back: nobody waits for it. Stopping: it is saved as interrupted, so that the next start knows. */
function afterAbort(control: Control, run: Run, dispatch: Dispatch, signal: AbortSignal): Outcome {
  const reason: unknown = signal.reason;
  if (reason instanceof CoxswainError && reason.code === "engine.revoked") return undefined;
  return {
    kind: "dispatch.interrupted",
    ...fence(control, dispatch, "interrupted"),
    repeatable: isRepeatable(run, dispatch),
  };
}

/** Reading and checking may be repeated; a lane only where its packet says so. */
export function isRepeatable(run: Run, dispatch: Dispatch): boolean {
  const { work } = dispatch;
  if (work.kind !== "lane") return true;
  return run.packets.workerTaskPackets?.find((packet) => packet.laneId === work.laneId)?.repeatable ?? false;
}

function failed(control: Control, run: Run, dispatch: Dispatch, error: unknown): RunEvent {
  const failure = failureOf(error, run.stage);
  const retry = retryOf(control, run);
  const again = failure.retryable && dispatch.attempt < retry.attempts;
  const retryAt = again ? control.clock.now() + retryDelay(retry, dispatch.attempt, control.random()) : null;
  return { kind: "dispatch.failed", ...fence(control, dispatch, "failed"), failure, retryAt };
}

/**
 * Saves what came of the work. A gate that refuses it makes the work a failure with the gate's reason. A disk that
 * cannot take it is tried again for as long as the process lives: the work was done and must not be forgotten.
 */
async function commitOutcome(
  control: Control,
  run: Run,
  dispatch: Dispatch,
  outcome: RunEvent,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await control.state.commit(run.runId, outcome);
      return;
    } catch (error) {
      if (isStale(error)) return;
      if (error instanceof GateError && outcome.kind !== "dispatch.failed") {
        return commitOutcome(control, run, dispatch, failed(control, run, dispatch, error), signal);
      }
      if (!(error instanceof CoxswainError) || !error.retryable || signal.aborted) throw error;
      await tellTrouble(control, run.runId, error);
      await pause(control.clock, retryDelay(control.retry, attempt, control.random()), signal);
    }
  }
}

/** Whoever goes along with the run hears of it; without a word they would only see that nothing moves. */
async function tellTrouble(control: Control, runId: string, error: Error): Promise<void> {
  control.log.error({ runId, err: error.message }, "the run could not be saved; trying again");
  // What to do stands in the sentence, in the person's own language; the error's own words say it again.
  const text = keyed("failure.not_saved", { reason: raw(messageOf(error.cause ?? error)) });
  const saved = await control.engine.read(runId).catch(() => undefined);
  if (saved !== undefined) control.troubles.note(saved, text);
  control.events.emit("run.trouble", { runId, text });
}
