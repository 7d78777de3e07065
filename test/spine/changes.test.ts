import { describe, expect, test } from "vitest";
import type { WorkspaceChange } from "../../src/contracts/change.ts";
import type { RunEvent } from "../../src/contracts/event.ts";
import type { Run } from "../../src/contracts/run.ts";
import { GateError } from "../../src/errors.ts";
import { branchOf } from "../../src/spine/permission.ts";
import { undeclaredPaths } from "../../src/spine/declared-writes.ts";
import { transition } from "../../src/spine/transition.ts";
import { awaitsKeeping } from "../../src/spine/transitions/changes.ts";
import { ADA, after, answerEvent, CHANGE, drive, FAILURE, workerPacket } from "../fixtures/run-events.ts";

const LANES = [workerPacket("one"), workerPacket("note", { writes: ["CHANGELOG.md"], keeps: "branch" })];
const GRACE = 10_000;

/** The run as it asks for the permission. */
function asking(): Run {
  return drive((run) => run.decisions.at(-1)?.kind === "permission", LANES);
}

function answered(run: Run, option: string): Run {
  const event = { ...answerEvent(run, `a${run.version}`, { keep_change: option }), undoUntil: after(run) + GRACE };
  return transition(run, event).run;
}

const keeping = (run: Run, later = GRACE): RunEvent => ({
  kind: "change.keeping",
  id: `k${run.version}`,
  at: after(run) + later,
});
const kept = (run: Run, commit = CHANGE.commit): RunEvent => ({
  kind: "change.kept",
  id: `d${run.version}`,
  at: after(run),
  branch: branchOf(run),
  commit,
});
const undone = (run: Run): RunEvent => ({ kind: "decision.undone", id: `u${run.version}`, at: after(run), by: ADA });
/** The code with which an event is refused. */
function refusal(run: Run, event: RunEvent): string {
  try {
    transition(run, event);
    return "taken";
  } catch (error) {
    return error instanceof GateError ? error.code : String(error);
  }
}

describe("a change that a lane may keep", () => {
  test("is asked about after Verification, with itself on the card, and waits for as long as it takes", () => {
    const run = asking();
    expect(run.stages.verification.status).toBe("completed");
    expect(run.status.kind).toBe("waiting");
    expect(run.change).toMatchObject({ status: "offered", laneId: "note", branch: "coxswain/run_aaaaaaaa" });
    const card = run.decisions.at(-1);
    expect(card?.questions[0]?.options.map((option) => option.id)).toEqual(["keep_branch", "patch_only", "throw_away"]);
    expect(JSON.stringify(card?.context)).toContain("│+one line");
    expect(drive(() => false, LANES, { ...run, status: { kind: "active" } }).status.kind).toBe("active");
  });

  test("becomes a branch only after approval, and only when the time to undo is over", () => {
    const run = asking();
    expect(refusal(run, keeping(run))).toBe("change.stale");
    const approvedAt = after(run);
    const { run: approved, effects } = transition(run, {
      ...answerEvent(run, "a", { keep_change: "keep_branch" }),
      undoUntil: approvedAt + GRACE,
    });
    expect(effects).toContainEqual({ kind: "keep_change", notBefore: approvedAt + GRACE });
    expect(approved.dispatches.at(-1)?.work).toEqual({ kind: "stage", step: "verification" });
    expect(refusal(approved, keeping(approved, 0))).toBe("change.too_early");
    expect(refusal(approved, kept(approved))).toBe("change.stale");
    const busy = transition(approved, keeping(approved)).run;
    const done = transition(busy, kept(busy)).run;
    expect(done.change?.status).toBe("kept");
    expect(drive(() => false, LANES, done).status.kind).toBe("completed");
  });

  test("is asked about anew where the approval was taken back in time", () => {
    const approved = answered(asking(), "keep_branch");
    const again = transition(approved, undone(approved)).run;
    expect(again.status.kind).toBe("waiting");
    expect(again.change?.status).toBe("offered");
    expect(again.decisions.filter((decision) => decision.kind === "permission").map(({ status }) => status)).toEqual([
      "answered",
      "open",
    ]);
    // The first approval is worth nothing any more.
    expect(refusal(again, keeping(again))).toBe("change.stale");
  });

  test("cannot be taken back or canceled once the branch is being made", () => {
    const approved = answered(asking(), "keep_branch");
    const busy = transition(approved, keeping(approved)).run;
    expect(refusal(busy, undone(busy))).toBe("decision.undo_too_late");
    expect(refusal(busy, { kind: "run.canceled", id: "c", at: after(busy), by: ADA })).toBe("run.too_late");
  });

  test.each(["patch_only", "throw_away"])("leaves the workspace alone where %s was chosen", (option) => {
    const { run: settled, effects } = transition(asking(), answerEvent(asking(), "a", { keep_change: option }));
    expect(effects.some((effect) => effect.kind === "keep_change")).toBe(false);
    expect(effects.some((effect) => effect.kind === "remove_artifact")).toBe(option === "throw_away");
    expect(drive(() => false, LANES, settled).status.kind).toBe("completed");
  });

  test("is called off with the run", () => {
    const approved = answered(asking(), "keep_branch");
    const { run } = transition(approved, { kind: "run.canceled", id: "c", at: after(approved), by: ADA });
    expect(awaitsKeeping(run)).toBe(false);
    expect(run.change?.status).toBe("thrown_away");
  });

  test("waits for an operator where the branch cannot be made, and is tried again on retry", () => {
    const approved = answered(asking(), "keep_branch");
    const busy = transition(approved, keeping(approved)).run;
    const dead = transition(busy, { kind: "change.not_kept", id: "f", at: after(busy), failure: FAILURE }).run;
    expect(dead.status.kind).toBe("dead_letter");
    const retry = transition(dead, { kind: "dead_letter.retried", id: "r", at: after(dead), by: ADA });
    expect(retry.effects).toContainEqual({ kind: "keep_change", notBefore: retry.run.updatedAt });
    expect(transition(retry.run, kept(retry.run)).run.change?.status).toBe("kept");
  });

  test("is refused where it was kept as another commit than the one that was approved", () => {
    const approved = answered(asking(), "keep_branch");
    const busy = transition(approved, keeping(approved)).run;
    expect(refusal(busy, kept(busy, "d".repeat(40)))).toBe("gate.write_permission");
  });

  test("cannot be approved by anything but a person's answer to that very question", () => {
    const approved = answered(asking(), "keep_branch");
    const forged: Run = {
      ...approved,
      decisions: approved.decisions.map((decision) =>
        decision.kind === "permission" && decision.status === "answered"
          ? { ...decision, how: "standing_instruction" }
          : decision,
      ),
    };
    expect(refusal(forged, keeping(forged))).toBe("gate.write_permission");
  });

  test("is not offered where the goal forbids changes", () => {
    const before = drive((run) => run.stage === "verification", LANES);
    const { taskClassification } = before.packets;
    if (taskClassification === undefined) throw new TypeError("not classified");
    const packets = { ...before.packets, taskClassification: { ...taskClassification, readOnlyRequested: true } };
    expect(() => drive(() => false, LANES, { ...before, packets })).toThrow(
      expect.objectContaining({ code: "gate.read_only" }),
    );
  });

  test("is not offered where it holds more than the lane had declared", () => {
    const strict = [workerPacket("note", { writes: ["docs/**"], keeps: "branch" })];
    expect(() => drive(() => false, strict)).toThrow(expect.objectContaining({ code: "gate.undeclared_write" }));
  });
});

test("every path that was not declared, leads out or is no plain file is named", () => {
  const file = (path: string, plain = true) => ({ path, added: 1, removed: 0, plain });
  const files = [
    file("CHANGELOG.md"),
    file("docs/a/b.md"),
    file("src/index.ts"),
    file("../CHANGELOG.md"),
    file("docs/link.md", false),
    file("docs/.hidden"),
    file(".git/hooks/pre-commit"),
  ];
  const change: WorkspaceChange = { ...CHANGE, files };
  expect(undeclaredPaths(change, ["CHANGELOG.md", "docs/**"])).toEqual([
    "src/index.ts",
    "../CHANGELOG.md",
    "docs/link.md",
    "docs/.hidden",
    ".git/hooks/pre-commit",
  ]);
});
