import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunEvent } from "../../src/contracts/event.ts";
import { isFinished, Run } from "../../src/contracts/run.ts";
import { stageIndex } from "../../src/contracts/stage.ts";
import { GateError } from "../../src/errors.ts";
import { branchOf } from "../../src/spine/permission.ts";
import { transition } from "../../src/spine/transition.ts";
import { awaitsKeeping } from "../../src/spine/transitions/changes.ts";
import {
  ADA,
  after,
  answerEvent,
  CHANGE,
  endedEvent,
  FAILURE,
  fenceOf,
  startedEvent,
  startEvent,
  workerPacket,
} from "../fixtures/run-events.ts";

const LANES = [
  workerPacket("one"),
  workerPacket("two", { repeatable: false }),
  workerPacket("three", { dependsOn: ["one"] }),
  workerPacket("note", { writes: ["CHANGELOG.md"], keeps: "branch" }),
];

/** A move picks a dispatch by number and does something to it, sensible or not. */
const move = fc.record({
  what: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom("start", "end") },
    { weight: 2, arbitrary: fc.constantFrom("answer", "select", "redrive") },
    { weight: 3, arbitrary: fc.constantFrom("keeping", "keeping", "kept", "kept", "notKept", "undo") },
    {
      weight: 1,
      arbitrary: fc.constantFrom("fail", "retry", "interrupt", "wrongAnswer", "cancel", "discard", "restart"),
    },
  ),
  pick: fc.nat(30),
  stale: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;

function eventOf(run: Run, { what, pick, stale }: Move): RunEvent | undefined {
  const open = run.dispatches.filter((d) => stale || d.status === "queued" || d.status === "started");
  const dispatch = open[pick % Math.max(1, open.length)];
  const outside = { id: `x${run.version}`, at: after(run), by: ADA };
  switch (what) {
    case "start":
      return dispatch && startedEvent(run, dispatch);
    case "end":
      return dispatch && endedEvent(run, dispatch, LANES);
    case "fail":
      return dispatch && { kind: "dispatch.failed", ...fenceOf(run, dispatch, "f"), failure: FAILURE, retryAt: null };
    case "retry":
      return (
        dispatch && {
          kind: "dispatch.failed",
          ...fenceOf(run, dispatch, "f"),
          failure: FAILURE,
          retryAt: after(run) + 1,
        }
      );
    case "interrupt":
      return dispatch && { kind: "dispatch.interrupted", ...fenceOf(run, dispatch, "i"), repeatable: pick % 2 === 0 };
    case "keeping":
      // Often before its time.
      return { kind: "change.keeping", id: outside.id, at: outside.at + (pick % 3) * 20_000 };
    case "kept": {
      const commit = stale ? "d".repeat(40) : CHANGE.commit;
      return { kind: "change.kept", id: outside.id, at: outside.at, branch: branchOf(run), commit };
    }
    case "notKept":
      return { kind: "change.not_kept", id: outside.id, at: outside.at, failure: FAILURE };
    case "undo":
      return { kind: "decision.undone", ...outside };
    case "answer": {
      if (run.decisions.at(-1)?.kind === "permission") {
        const option = ["keep_branch", "keep_branch", "patch_only", "throw_away", "maybe"][pick % 5] ?? "";
        const answered = answerEvent(run, `a${run.version}`, { keep_change: option });
        return { ...answered, undoUntil: outside.at + 10_000 };
      }
      const lane = run.decisions.at(-1)?.kind === "outcome_unknown";
      const options = ["run_again", "accept_unknown", "stop"];
      const questions = run.decisions.at(-1)?.questions ?? [];
      const answers = Object.fromEntries(questions.map((q) => [q.id, options[pick % 3] ?? "stop"]));
      return lane ? answerEvent(run, `a${run.version}`, answers) : answerEvent(run, `a${run.version}`);
    }
    case "select": {
      const decisionId = run.decisions.at(-1 - (pick % 2))?.decisionId;
      if (decisionId === undefined) return undefined;
      return { kind: "decision.selected", ...outside, decisionId, answers: { outcome: "report_only" }, args: {} };
    }
    case "wrongAnswer":
      return answerEvent(run, `w${run.version}`, { outcome: "no-such-option" });
    case "cancel":
      return pick === 0 ? { kind: "run.canceled", ...outside } : undefined;
    case "redrive":
      return { kind: "dead_letter.retried", ...outside };
    case "discard":
      return pick === 0 ? { kind: "dead_letter.discarded", ...outside, reason: "r" } : undefined;
    case "restart":
      return startEvent();
  }
}

/** Nothing is kept, or about to be, without a person's answered permission for this very change. */
function expectPermitted({ change, decisions }: Run): void {
  if (change === undefined || !["approved", "keeping", "kept"].includes(change.status)) return;
  const permission = decisions.find((known) => known.decisionId === change.decisionId);
  expect(permission).toMatchObject({
    kind: "permission",
    status: "answered",
    how: "person",
    answers: { keep_change: "keep_branch" },
  });
}

test("whatever happens in whatever order, the rules of a run hold", () => {
  const ends = new Map<string, number>();
  const changes = new Set<string>();
  fc.assert(
    fc.property(fc.array(move, { minLength: 50, maxLength: 400, size: "max" }), (moves) => {
      let run = transition(undefined, startEvent()).run;
      for (const next of moves) {
        const event = eventOf(run, next);
        if (event === undefined) continue;
        const before = run;
        try {
          run = transition(run, event).run;
        } catch (error) {
          // Nothing but a coded refusal is allowed, and it changes nothing.
          expect(error).toBeInstanceOf(GateError);
          continue;
        }
        expect(isFinished(before)).toBe(false);
        expect(run.version).toBe(before.version + 1);
        expect(run.updatedAt).toBeGreaterThanOrEqual(before.updatedAt);
        expect(stageIndex(run.stage)).toBeGreaterThanOrEqual(stageIndex(before.stage));
        const answered = run.decisions.some((d) => d.kind === "execution_confirmation" && d.status === "answered");
        const handedOut = run.dispatches.some((d) => d.work.kind !== "stage");
        expect(handedOut && !answered).toBe(false);
        expect(run.decisions.filter((d) => d.status === "open").length).toBe(run.status.kind === "waiting" ? 1 : 0);
        for (const [index, decision] of before.decisions.entries()) {
          if (decision.status !== "open") expect(run.decisions[index]).toEqual(decision);
        }
        expectPermitted(run);
        const busy = run.dispatches.filter((d) => d.status === "queued" || d.status === "started");
        if (run.status.kind === "active" && !awaitsKeeping(run)) expect(busy.length).toBeGreaterThan(0);
        else if (run.status.kind !== "waiting" && run.status.kind !== "active") expect(busy).toEqual([]);
        const lanes = busy.flatMap((d) => (d.work.kind === "lane" ? [d.work.laneId] : []));
        expect(new Set(lanes).size).toBe(lanes.length);
      }
      expect(Run.safeParse(run).success).toBe(true);
      ends.set(run.status.kind, (ends.get(run.status.kind) ?? 0) + 1);
      if (run.change !== undefined) changes.add(run.change.status);
    }),
    { numRuns: 500 },
  );
  // The moves really reach the ends; otherwise the property would hold for want of anything happening.
  expect([...ends.keys()]).toEqual(expect.arrayContaining(["completed", "dead_letter", "canceled"]));
  expect([...changes]).toEqual(expect.arrayContaining(["kept", "patch_only", "thrown_away"]));
});
