import { describe, expect, test } from "vitest";
import type { EventOf, RunEvent } from "../../src/contracts/event.ts";
import { Run } from "../../src/contracts/run.ts";
import { STAGE_KEYS } from "../../src/contracts/stage.ts";
import type { StepOutcome, VerifyStep } from "../../src/contracts/verify-step.ts";
import type { WorkFinding } from "../../src/contracts/finding.ts";
import { raw } from "../../src/contracts/text.ts";
import { translatorFor } from "../../src/i18n.ts";
import { transition } from "../../src/spine/transition.ts";
import {
  ADA,
  after,
  ANSWERS,
  answerEvent,
  drive,
  endedEvent,
  FAILURE,
  fenceOf,
  nextEvent,
  RESULT,
  running,
  startedEvent,
  startEvent,
  workerPacket,
} from "../fixtures/run-events.ts";

const apply = (run: Run, event: RunEvent): Run => transition(run, event).run;
const isWaiting = (run: Run): boolean => run.status.kind === "waiting";
const laneRuns = (run: Run): boolean =>
  run.dispatches.some((dispatch) => dispatch.status === "started" && dispatch.work.kind === "lane");

describe("a run that goes well", () => {
  test("walks all eight stages in order and ends completed", () => {
    const seen: string[] = [];
    const run = drive((now) => {
      if (seen.at(-1) !== now.stage) seen.push(now.stage);
      return false;
    });
    expect(seen).toEqual(STAGE_KEYS);
    expect(run.status.kind).toBe("completed");
    expect(Object.values(run.stages).every((stage) => stage.status === "completed")).toBe(true);
    expect(Run.safeParse(run).success).toBe(true);
  });

  test("asks once, after Thinking and before Execution, and dispatches nothing before the answer", () => {
    const run = drive(isWaiting);
    expect(run.stage).toBe("thinking");
    expect(run.choiceSurfaceState).toBe("execution_confirmation_allowed");
    expect(run.dispatches.every((dispatch) => dispatch.work.kind === "stage")).toBe(true);
    const done = drive(() => false, undefined, run);
    expect(done.decisions).toHaveLength(1);
    expect(done.choiceSurfaceState).toBe("completed");
  });

  test("a lane waits for the lanes that it depends on, and independent lanes are handed out together", () => {
    const packets = [workerPacket("one"), workerPacket("two"), workerPacket("three", { dependsOn: ["one", "two"] })];
    const run = drive((now) => now.stage === "execution", packets);
    const queued = (now: Run): string[] =>
      now.dispatches.flatMap((d) => (d.status === "queued" && d.work.kind === "lane" ? [d.work.laneId] : []));
    expect(queued(run)).toEqual(["one", "two"]);
    const later = drive((now) => queued(now).includes("three"), packets, run);
    expect(later.lanes["one"]?.status).toBe("succeeded");
    expect(later.lanes["two"]?.status).toBe("succeeded");
  });

  test("a check that runs something is dispatched to a worker before Review reads", () => {
    const command: VerifyStep = { id: "again", kind: "command", argv: ["true"], timeLimitMs: 1000 };
    const packets = [workerPacket("one", { verifySteps: [command] }), workerPacket("two")];
    const run = drive((now) => now.stage === "review", packets);
    expect(run.dispatches.at(-1)?.work).toEqual({ kind: "check", laneId: "one", stepId: "again", round: 0 });
    const done = drive(() => false, packets, run);
    expect(done.status.kind).toBe("completed");
    expect(done.stepOutcomes).toContainEqual({
      laneId: "one",
      stepId: "again",
      passed: true,
      weak: false,
      detail: "ok",
    });
  });
});

describe("weak checks", () => {
  test("a check that Meta-Review found weak stays weak when Verification repeats it", () => {
    const outcome = { laneId: "one", stepId: "ended", passed: true, weak: false, detail: "exit code 0" };
    const stepped = (run: Run, outcomes: StepOutcome[]): Run =>
      apply(run, { ...(nextEvent(run) as EventOf<"meta_review.completed">), outcomes });
    const reviewed = drive((now) => now.stage === "meta_review");
    const started = drive((now) => now.dispatches.at(-1)?.status === "started", undefined, reviewed);
    const doubted = stepped({ ...started, stepOutcomes: [outcome] }, [{ ...outcome, weak: true }]);
    const again = drive((now) => now.dispatches.at(-1)?.status === "started", undefined, doubted);
    expect(stepped(again, [outcome]).stepOutcomes).toEqual([
      { ...outcome, weak: true },
      { ...outcome, weak: true },
    ]);
  });
});

describe("late and repeated events", () => {
  test("a finished run never moves", () => {
    const run = drive(() => false);
    const cancel: RunEvent = { kind: "run.canceled", id: "c", at: after(run), by: ADA };
    expect(() => transition(run, cancel)).toThrow(expect.objectContaining({ code: "run.finished" }));
  });

  test("a result of an older attempt is refused", () => {
    const run = drive(laneRuns);
    const first = running(run);
    const again = apply(run, { kind: "dispatch.interrupted", ...fenceOf(run, first, "i"), repeatable: true });
    expect(() => transition(again, endedEvent(again, first, []))).toThrow(
      expect.objectContaining({ code: "dispatch.stale" }),
    );
  });

  test("a second answer to the same question is refused and changes nothing", () => {
    const waiting = drive(isWaiting);
    const answered = apply(waiting, answerEvent(waiting));
    const second = { ...answerEvent(waiting, "click-2"), answers: { ...ANSWERS, scope: "two" } };
    expect(() => transition(answered, second)).toThrow(expect.objectContaining({ code: "decision.not_open" }));
    expect(answered.decisions[0]).toMatchObject({ status: "answered", answers: ANSWERS, how: "person" });
  });

  test("an incomplete answer is refused and the question stays open", () => {
    const waiting = drive(isWaiting);
    expect(() => transition(waiting, answerEvent(waiting, "c", { scope: "one" }))).toThrow(
      expect.objectContaining({ code: "decision.incomplete" }),
    );
    expect(waiting.status.kind).toBe("waiting");
  });

  test("a clock that goes backwards does not make the run younger", () => {
    const run = transition(undefined, startEvent()).run;
    const event = nextEvent(run);
    const later = apply(run, { ...(event as RunEvent), at: 5 });
    expect(later.updatedAt).toBe(run.updatedAt);
    expect(later.version).toBe(run.version + 1);
  });
});

describe("what fails", () => {
  test("a retryable failure is tried again later, as a new attempt", () => {
    const run = drive(laneRuns);
    const retryAt = after(run) + 5000;
    const next = apply(run, { kind: "dispatch.failed", ...fenceOf(run, running(run), "f"), failure: FAILURE, retryAt });
    expect(next.dispatches.at(-1)).toMatchObject({ status: "queued", attempt: 2, notBefore: retryAt });
    expect(drive(() => false, undefined, next).status.kind).toBe("completed");
  });

  test("a lane that fails for good makes the run a dead letter once the other lanes have ended", () => {
    const packets = [workerPacket("one"), workerPacket("two")];
    const run = drive(laneRuns, packets);
    const failed = apply(run, {
      kind: "dispatch.failed",
      ...fenceOf(run, running(run), "f"),
      failure: FAILURE,
      retryAt: null,
    });
    expect(failed.status.kind).toBe("active");
    const dead = drive((now) => now.status.kind === "dead_letter", packets, failed);
    expect(dead.status).toMatchObject({ kind: "dead_letter", stage: "execution", failure: { code: "worker.exit" } });
    expect(dead.lanes["two"]?.status).toBe("succeeded");
  });

  test("what stopped several lanes is said once, with their titles", () => {
    const packets = ["one", "two", "three"].map((id) => workerPacket(id, { title: raw(`Part ${id}`) }));
    const reasons = [FAILURE, FAILURE, { ...FAILURE, text: raw("it hung") }];
    let run = drive(laneRuns, packets);
    for (const failure of reasons) {
      run = drive(laneRuns, packets, run);
      run = apply(run, { kind: "dispatch.failed", ...fenceOf(run, running(run), "f"), failure, retryAt: null });
    }
    const { status } = run;
    expect(status.kind === "dead_letter" && translatorFor("en").say(status.failure.text)).toBe(
      "Work could not be finished. Part one, Part two: it broke (2 attempts), Part three: it hung (1 attempt)",
    );
  });

  test("a dead letter alerts the operators once", () => {
    const run = drive((now) => now.dispatches.some((d) => d.status === "started"));
    const { effects } = transition(run, {
      kind: "dispatch.failed",
      ...fenceOf(run, running(run), "f"),
      failure: FAILURE,
      retryAt: null,
    });
    expect(effects.filter((effect) => effect.kind === "alert")).toHaveLength(1);
    expect(effects).toContainEqual({ kind: "publish", card: "dead_letter" });
  });

  test("a retried dead letter resumes at the failed stage and keeps what succeeded", () => {
    const packets = [workerPacket("one"), workerPacket("two")];
    const run = drive(laneRuns, packets);
    const failed = apply(run, {
      kind: "dispatch.failed",
      ...fenceOf(run, running(run), "f"),
      failure: FAILURE,
      retryAt: null,
    });
    const dead = drive((now) => now.status.kind === "dead_letter", packets, failed);
    const revived = apply(dead, { kind: "dead_letter.retried", id: "r", at: after(dead), by: ADA });
    const queued = revived.dispatches.filter((d) => d.status === "queued");
    expect(queued.map((d) => d.work)).toEqual([{ kind: "lane", laneId: "one", revision: 0 }]);
    const done = drive(() => false, packets, revived);
    expect(done.status.kind).toBe("completed");
    expect(done.dispatches.filter((d) => d.work.kind === "lane" && d.work.laneId === "two")).toHaveLength(1);
  });

  test("a discarded dead letter keeps its reason and cannot be retried", () => {
    const run = drive((now) => now.dispatches.some((d) => d.status === "started"));
    const dead = apply(run, {
      kind: "dispatch.failed",
      ...fenceOf(run, running(run), "f"),
      failure: FAILURE,
      retryAt: null,
    });
    const gone = apply(dead, {
      kind: "dead_letter.discarded",
      id: "d",
      at: after(dead),
      by: ADA,
      reason: "not needed",
    });
    expect(gone.status).toMatchObject({ kind: "discarded", reason: "not needed", discardedBy: ADA });
    expect(() => transition(gone, { kind: "dead_letter.retried", id: "r", at: after(gone), by: ADA })).toThrow(/ended/);
  });

  test("canceling takes back everything that was handed out and withdraws the open question", () => {
    const waiting = drive(isWaiting);
    const canceled = apply(waiting, { kind: "run.canceled", id: "c", at: after(waiting), by: ADA });
    expect(canceled.decisions[0]?.status).toBe("withdrawn");
    const busy = drive(laneRuns);
    const { run, effects } = transition(busy, { kind: "run.canceled", id: "c", at: after(busy), by: ADA });
    expect(effects.filter((effect) => effect.kind === "revoke")).toHaveLength(2);
    expect(run.dispatches.some((d) => d.status === "queued" || d.status === "started")).toBe(false);
  });
});

describe("an interrupted attempt", () => {
  const risky = [workerPacket("one", { repeatable: false }), workerPacket("two")];
  const interrupted = (): Run => {
    const run = drive(laneRuns, risky);
    return apply(run, { kind: "dispatch.interrupted", ...fenceOf(run, running(run), "i"), repeatable: false });
  };

  test("of repeatable work is simply tried again", () => {
    const run = drive(laneRuns);
    const next = apply(run, { kind: "dispatch.interrupted", ...fenceOf(run, running(run), "i"), repeatable: true });
    expect(next.dispatches.at(-1)).toMatchObject({ status: "queued", attempt: 2 });
    expect(next.status.kind).toBe("active");
  });

  test("of work that is not repeatable is never repeated silently: it asks", () => {
    const run = drive(isWaiting, risky, interrupted());
    expect(run.lanes["one"]?.status).toBe("outcome_unknown");
    expect(run.decisions.at(-1)).toMatchObject({ kind: "outcome_unknown", status: "open" });
    expect(run.dispatches.filter((d) => d.work.kind === "lane" && d.work.laneId === "one")).toHaveLength(1);
  });

  test.each([
    ["run_again", "completed"],
    ["accept_unknown", "completed"],
    ["stop", "dead_letter"],
  ])("answered with %s ends %s", (option, status) => {
    const asked = drive(isWaiting, risky, interrupted());
    const answered = apply(asked, answerEvent(asked, "u", { one: option }));
    expect(drive(() => false, risky, answered).status.kind).toBe(status);
  });
});

describe("work that Review finds wrong", () => {
  const packets = [workerPacket("one"), workerPacket("two")];
  const finding = (run: Run): WorkFinding => ({
    id: "one/exit",
    laneId: "one",
    stepId: "exit",
    severity: "high",
    text: raw("wrong"),
    evidence: [],
    foundAt: after(run),
    round: 0,
    status: { kind: "open" },
  });
  /** Reviews with one finding, then lets Verification find it open for `rounds` rounds. */
  const reviewed = (openRounds: number): Run => {
    const run = drive(
      (now) =>
        now.dispatches.some((d) => d.status === "started" && d.work.kind === "stage" && d.work.step === "review"),
      packets,
    );
    const event = endedEvent(run, running(run), packets);
    let now = apply(run, {
      ...event,
      ...(event.kind === "review.completed" ? { findings: [finding(run)] } : {}),
    });
    for (;;) {
      const next = nextEvent(now, packets);
      if (next === undefined) return now;
      if (next.kind !== "verification.completed") {
        now = apply(now, next);
        continue;
      }
      const open = now.revisionRound <= openRounds;
      const state: WorkFinding["status"] = open
        ? { kind: "open" }
        : { kind: "closed", closedAt: next.at, evidence: [{ kind: "measure", name: "n", value: 1, unit: "x" }] };
      const verificationPacket = next.packets.verificationPacket;
      now = apply(now, {
        ...next,
        findings: [{ ...finding(now), status: state }],
        // Something new each time: what comes back the same is another matter (deadlock.test.ts).
        outcomes: [{ laneId: "one", stepId: "exit", passed: !open, weak: false, detail: `${now.revisionRound}` }],
        packets:
          (verificationPacket && {
            verificationPacket: {
              ...verificationPacket,
              publication: [{ condition: "findings_closed", holds: !open, detail: "x" }],
            },
          }) ||
          {},
      });
    }
  };

  test("goes back to its worker alone, and the run completes when fresh evidence closes it", () => {
    const run = reviewed(0);
    expect(run.status.kind).toBe("completed");
    const lanes = run.dispatches.flatMap((d) =>
      d.work.kind === "lane" ? [`${d.work.laneId}@${d.work.revision}`] : [],
    );
    expect(lanes).toEqual(["one@0", "two@0", "one@1"]);
  });

  test("goes back at most three times, and is then a dead letter that says what is open", () => {
    const run = reviewed(99);
    expect(run.status).toMatchObject({
      kind: "dead_letter",
      stage: "verification",
      failure: { code: "verification.open_findings" },
    });
    expect(run.revisionRound).toBe(3);
    expect(run.dispatches.filter((d) => d.work.kind === "lane" && d.work.laneId === "one")).toHaveLength(4);
  });
});

test("a result that arrives for a canceled run changes nothing", () => {
  const busy = drive(laneRuns);
  const canceled = apply(busy, { kind: "run.canceled", id: "c", at: after(busy), by: ADA });
  expect(() =>
    transition(canceled, { kind: "lane.succeeded", ...fenceOf(busy, running(busy), "e"), result: RESULT }),
  ).toThrow(expect.objectContaining({ code: "run.finished" }));
});

test("a dispatch that was taken back cannot be started any more", () => {
  const run = drive((now) => now.stage === "fetch");
  const queued = run.dispatches.at(-1);
  if (queued === undefined) throw new TypeError("nothing queued");
  const started = apply(run, startedEvent(run, queued));
  expect(() => transition(started, startedEvent(run, queued))).toThrow(
    expect.objectContaining({ code: "dispatch.stale" }),
  );
});
