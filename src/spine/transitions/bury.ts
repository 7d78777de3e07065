import type { Failure } from "../../contracts/failure.ts";
import type { Run } from "../../contracts/run.ts";
import { raw } from "../../contracts/text.ts";
import { keyed } from "../../i18n.ts";
import { ask, change, publish, revokeAll, type Transition } from "../run-changes.ts";

/** The alert of a dead letter; the same run may die again. */
export function deadLetterKey({ runId, redrives }: Pick<Run, "runId" | "redrives">): string {
  return `dead_letter:${runId}:${redrives}`;
}

/** Makes the run a dead letter: nothing more is tried until an operator says so, and operators hear of it (U6). */
export function bury(transition: Transition, failure: Failure, at: number): Transition {
  const { run } = transition;
  const dead = change(revokeAll(transition, at), {
    status: { kind: "dead_letter", failure, failedAt: at, stage: run.stage },
  });
  return ask(publish(dead, "notice", "dead_letter"), {
    kind: "alert",
    alert: {
      key: deadLetterKey(run),
      severity: "critical",
      since: at,
      what: keyed("alert.dead_letter.what", { goal: raw(run.task.goal.slice(0, 100)), reason: failure.text }),
      todo: keyed("alert.dead_letter.todo", { run: run.runId }),
      runId: run.runId,
      card: "dead_letter",
    },
  });
}
