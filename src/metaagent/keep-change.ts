import type { RunEvent } from "../contracts/event.ts";
import type { Run } from "../contracts/run.ts";
import { raw } from "../contracts/text.ts";
import { CoxswainError, GateError, messageOf } from "../errors.ts";
import { keyed } from "../i18n.ts";
import { copyNameOf, lastDispatchOf } from "./copies.ts";
import type { Control } from "./deps.ts";
import { failureOf } from "./failure-of.ts";

/**
 * Makes the branch that a person approved: save that it begins, make it, save that it stands. A crash between any
 * two of these repeats the delivery, and making a branch that is there already is harmless. What was taken back in
 * time is not done; what cannot be done for good goes to the dead letters.
 */
export async function keepChange(control: Control, { runId }: Run): Promise<void> {
  const run = await begin(control, runId);
  const state = run?.change;
  if (run === undefined || state?.status !== "keeping") return;
  const { branch, laneId, decisionId } = state;
  const { commit } = state.change;
  const id = `keep:${decisionId}:${run.redrives}`;
  let event: RunEvent;
  try {
    const copy = copyNameOf(run, laneId, lastDispatchOf(run, laneId) ?? "");
    await control.workspace.keepBranch(runId, copy, run.task.workspace, { branch, commit });
    event = { kind: "change.kept", id: `${id}:kept`, at: control.clock.now(), branch, commit };
  } catch (error) {
    if (error instanceof CoxswainError && error.retryable) throw error;
    control.log.error({ runId, branch, err: messageOf(error) }, "the branch could not be made");
    const text = keyed("keep.failure", { branch, reason: raw(messageOf(error)) });
    const failure = { ...failureOf(error, run.stage), text };
    event = { kind: "change.not_kept", id: `${id}:failed`, at: control.clock.now(), failure };
  }
  await control.state.commit(runId, event);
}

/** The run with the point of no return saved; undefined where the approval was taken back or the run has ended. */
async function begin(control: Control, runId: string): Promise<Run | undefined> {
  const run = (await control.engine.read(runId))?.run;
  if (run?.change?.status !== "approved") return run;
  const { decisionId } = run.change;
  try {
    const event: RunEvent = { kind: "change.keeping", id: `keep:${decisionId}:begin`, at: control.clock.now() };
    return (await control.state.commit(runId, event)).document.run;
  } catch (error) {
    if (error instanceof GateError && (error.code === "change.stale" || error.code === "run.finished"))
      return undefined;
    throw error;
  }
}
