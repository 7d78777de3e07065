import type { RunEvent } from "../contracts/event.ts";
import type { Control } from "./deps.ts";
import { isRepeatable } from "./deliver.ts";

/**
 * After a start: whatever had been started by a process that is gone is saved as interrupted, before anything new
 * is handed out. Repeatable work is queued again by that; the rest is asked about.
 */
export async function recoverRun(control: Control, runId: string): Promise<void> {
  const run = (await control.engine.read(runId))?.run;
  for (const dispatch of run?.dispatches ?? []) {
    if (run === undefined || dispatch.status !== "started") continue;
    const { dispatchId, attempt } = dispatch;
    const interrupted: RunEvent = {
      kind: "dispatch.interrupted",
      id: `${dispatchId}:${attempt}:interrupted`,
      at: control.clock.now(),
      dispatchId,
      attempt,
      repeatable: isRepeatable(run, dispatch),
    };
    await control.state.commit(runId, interrupted);
  }
}
