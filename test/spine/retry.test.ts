import { describe, expect, test } from "vitest";
import type { Dispatch, Work } from "../../src/contracts/dispatch.ts";
import type { RunEvent } from "../../src/contracts/event.ts";
import type { WorkFinding } from "../../src/contracts/finding.ts";
import type { Run } from "../../src/contracts/run.ts";
import { raw } from "../../src/contracts/text.ts";
import type { VerifyStep } from "../../src/contracts/verify-step.ts";
import { transition } from "../../src/spine/transition.ts";
import { ADA, after, drive, FAILURE, fenceOf, nextEvent, running, workerPacket } from "../fixtures/run-events.ts";

const command = (id: string): VerifyStep => ({ id, kind: "command", argv: ["true"], timeLimitMs: 1000 });
const LANES = [
  workerPacket("one", { verifySteps: [command("builds"), command("runs")] }),
  workerPacket("two", { verifySteps: [command("builds")] }),
];

const apply = (run: Run, event: RunEvent): Run => transition(run, event).run;

const name = (work: Work): string => {
  if (work.kind === "stage") return work.step;
  return work.kind === "lane" ? `lane ${work.laneId}@${work.revision}` : `check ${work.laneId}/${work.stepId}`;
};
const queued = (run: Run): string[] => run.dispatches.flatMap((d) => (d.status === "queued" ? [name(d.work)] : []));
const ran = (run: Run, what: string): Dispatch[] =>
  run.dispatches.filter((d) => d.status === "succeeded" && name(d.work) === what);

/** Review finds one thing wrong, and Verification finds it mended after `rounds` revisions. */
const finding = (run: Run, status: WorkFinding["status"]): WorkFinding => ({
  id: "one/builds",
  laneId: "one",
  stepId: "builds",
  severity: "high",
  text: raw("wrong"),
  evidence: [],
  foundAt: after(run),
  round: 0,
  status,
});

function withFinding(run: Run, event: RunEvent, mends: boolean): RunEvent {
  if (event.kind === "review.completed") return { ...event, findings: [finding(run, { kind: "open" })] };
  if (event.kind !== "verification.completed") return event;
  const evidence = [{ kind: "measure", name: "n", value: 1, unit: "x" } as const];
  if (mends) return { ...event, findings: [finding(run, { kind: "closed", closedAt: event.at, evidence })] };
  return notPublishable({
    ...event,
    outcomes: [{ laneId: "one", stepId: "builds", passed: false, weak: false, detail: `${run.revisionRound}` }],
  });
}

function notPublishable(event: RunEvent): RunEvent {
  if (event.kind !== "verification.completed" || event.packets.verificationPacket === undefined) return event;
  const publication = [{ condition: "x", holds: false, detail: "x" }];
  return { ...event, packets: { verificationPacket: { ...event.packets.verificationPacket, publication } } };
}

type Change = (run: Run, event: RunEvent) => RunEvent;
const asItIs: Change = (_, event) => event;

/** Goes on by well-behaved events until nothing is left to do, or `stop` says so. */
function goOn(from: Run, changed: Change, stop: (run: Run) => boolean = () => false): Run {
  let run = from;
  for (let event = nextEvent(run, LANES); event !== undefined && !stop(run); event = nextEvent(run, LANES)) {
    run = apply(run, changed(run, event));
  }
  return run;
}

const isRunning = (what: string) => (run: Run) =>
  run.dispatches.some((d) => d.status === "started" && name(d.work) === what);

const START = drive((run) => run.dispatches.length > 0, LANES);

/** Fails for good, or takes the bot down with it again and again. */
const DEATHS = {
  failed: (run: Run, what: string, changed: Change): Run => {
    const at = goOn(run, changed, isRunning(what));
    return goOn(
      apply(at, { kind: "dispatch.failed", ...fenceOf(at, running(at), "f"), failure: FAILURE, retryAt: null }),
      changed,
    );
  },
  "was interrupted too often": (run: Run, what: string, changed: Change): Run => {
    let at = run;
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      at = goOn(at, changed, isRunning(what));
      const cut = at.dispatches.find((d) => d.status === "started" && name(d.work) === what);
      if (cut === undefined) throw new TypeError(`${what} does not run`);
      at = apply(at, { kind: "dispatch.interrupted", ...fenceOf(at, cut, "i"), repeatable: true });
    }
    return goOn(at, changed);
  },
};

describe("a dead letter that is sent back resumes with the work that it died of, and comes to its end", () => {
  const checks = ["check one/builds", "check one/runs", "check two/builds"];
  describe.each(Object.entries(DEATHS))("%s", (how, dies) => {
    // Between the interruptions the other checks came to their end.
    const left = (what: string, again: string[]): string[] => (how === "failed" ? again : [what]);
    test.each<[string, string, string[]]>([
      ["critical", "critical", ["critical"]],
      ["fetch", "fetch", ["fetch"]],
      ["thinking", "thinking_frame", ["thinking_frame"]],
      ["thinking", "thinking_plan", ["thinking_plan"]],
      ["execution", "lane one@0", ["lane one@0"]],
      ["review", "check one/builds", checks],
      ["review", "check one/runs", checks.slice(1)],
      ["review", "check two/builds", checks.slice(2)],
      ["review", "review", ["review"]],
      ["meta_review", "meta_review", ["meta_review"]],
      ["verification", "verification", ["verification"]],
      ["evolution", "evolution", ["evolution"]],
    ])("in %s: %s", (stage, what, again) => {
      const dead = dies(START, what, asItIs);
      expect(dead.status).toMatchObject({ kind: "dead_letter", stage });
      const revived = apply(dead, { kind: "dead_letter.retried", id: "r", at: after(dead), by: ADA });
      expect(queued(revived)).toEqual(left(what, again));
      const done = goOn(revived, asItIs);
      expect(done.status.kind).toBe("completed");
      expect(checks.map((check) => ran(done, check).length)).toEqual([1, 1, 1]);
    });

    test.each<[string, string[]]>([
      ["lane one@1", ["lane one@1"]],
      ["check one/builds", ["check one/builds", "check one/runs"]],
      ["check one/runs", ["check one/runs"]],
      ["verification", ["verification"]],
    ])("in a revision: %s", (what, again) => {
      const mended: Change = (run, event) => withFinding(run, event, true);
      const revised = goOn(START, mended, isRunning("lane one@1"));
      const dead = dies(revised, what, mended);
      expect(dead.status).toMatchObject({ kind: "dead_letter", stage: "verification" });
      const revived = apply(dead, { kind: "dead_letter.retried", id: "r", at: after(dead), by: ADA });
      expect(queued(revived)).toEqual(left(what, again));
      const done = goOn(revived, mended);
      expect(done.status.kind).toBe("completed");
      expect(checks.map((check) => ran(done, check).length)).toEqual([2, 2, 1]);
    });
  });

  test("work that Verification found wrong goes back to its worker", () => {
    const dead = goOn(START, (run, event) => withFinding(run, event, false));
    expect(dead.status).toMatchObject({ kind: "dead_letter", failure: { code: "verification.open_findings" } });
    const revived = apply(dead, { kind: "dead_letter.retried", id: "r", at: after(dead), by: ADA });
    expect(queued(revived)).toEqual(["lane one@1"]);
    expect(goOn(revived, (run, event) => withFinding(run, event, true)).status.kind).toBe("completed");
  });

  test("what could not be called complete is verified anew, also where another step had failed long before", () => {
    const fetching = goOn(START, asItIs, isRunning("fetch"));
    const recovered = apply(fetching, {
      kind: "dispatch.failed",
      ...fenceOf(fetching, running(fetching), "f"),
      failure: FAILURE,
      retryAt: after(fetching),
    });
    const dead = goOn(recovered, (_, event) => notPublishable(event));
    expect(dead.status).toMatchObject({ kind: "dead_letter", failure: { code: "verification.not_publishable" } });
    const revived = apply(dead, { kind: "dead_letter.retried", id: "r", at: after(dead), by: ADA });
    expect(queued(revived)).toEqual(["verification"]);
    expect(goOn(revived, asItIs).status.kind).toBe("completed");
  });
});
