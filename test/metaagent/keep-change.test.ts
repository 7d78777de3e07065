import { describe, expect, test } from "vitest";
import { Command } from "../../src/contracts/command.ts";
import type { RunView } from "../../src/contracts/view.ts";
import { CoxswainError } from "../../src/errors.ts";
import type { SealedChange } from "../../src/ports.ts";
import { createFakeWorkspace, type FakeWorkspace } from "../fakes/fake-workspace.ts";
import { aTask, type ControlPlane } from "../fixtures/control-plane.ts";
import { EVIDENCE } from "../fixtures/run-events.ts";
import { KEEPING_CATALOG, SEALED } from "../fixtures/keeping-catalog.ts";
import { eventually } from "../fixtures/eventually.ts";
import { aPlane, hasEnded, started, until } from "../fixtures/planes.ts";

const COMMIT = SEALED.commit;
const BY = { surface: "terminal", user: "grace" };

async function plane(change: SealedChange | undefined = SEALED): Promise<ControlPlane & { workspace: FakeWorkspace }> {
  const workspace = createFakeWorkspace({ revision: EVIDENCE.revision });
  if (change !== undefined) workspace.script.change = change;
  const made = await aPlane({ workspace, catalog: KEEPING_CATALOG });
  return made;
}

const asks = (about: string) => (view: RunView) =>
  view.summary.status === "waiting" && view.decision?.about === about && view.decision.resolved === null;

async function say(here: ControlPlane, runId: string, id: string, answers: Record<string, string>) {
  return here.agent.handle({ kind: "decision.answer", id, by: BY, runId, answers, args: {} });
}

/** A run that was told to write the note, as it asks whether to keep it. */
async function asking(here: ControlPlane, goal?: string): Promise<{ runId: string; card: RunView }> {
  const runId = await started(here, goal === undefined ? {} : { goal });
  const asked = await until(here, runId, asks("execution_confirmation"));
  const questions = asked.decision?.questions ?? [];
  const answers = Object.fromEntries(questions.map((q) => [q.id, q.options.find((o) => o.recommended)?.id ?? ""]));
  await say(here, runId, "confirm", { ...answers, note: "yes" });
  const card = await until(here, runId, (view) => asks("permission")(view) || hasEnded(view));
  return { runId, card };
}

const undo = (here: ControlPlane, runId: string, id = "undo") =>
  here.agent.handle({ kind: "decision.undo", id, by: BY, runId });

describe("keeping a change", () => {
  test("asks with the diff made harmless, waits, and makes the branch when the time to undo is over", async () => {
    const here = await plane();
    const { runId, card } = await asking(here);
    const shown = JSON.stringify(card.decision?.context);
    expect(shown).toContain("│+a note\ufffd");
    expect(shown).not.toContain("\\u001b");
    here.clock.advance(3 * 3600_000);
    expect(here.workspace.branches.size).toBe(0);

    await say(here, runId, "keep", { keep_change: "keep_branch" });
    const open = await until(here, runId, (view) => view.notice.actions.some(({ token }) => token.includes("undo")));
    expect(open.notice.lines.map(({ value }) => value).join()).toContain(`coxswain/${runId}`);
    here.clock.advance(9000);
    expect(here.workspace.branches.size).toBe(0);
    here.clock.advance(1000);
    const done = await until(here, runId, hasEnded);
    expect(done.summary.status).toBe("completed");
    expect([...here.workspace.branches]).toEqual([[`coxswain/${runId}`, COMMIT]]);
    expect(JSON.stringify(done.result)).toContain(COMMIT);
    await eventually(() => expect(here.workspace.closed).toEqual([runId]));
  });

  test("is not done where it was taken back, and is asked about again", async () => {
    const here = await plane();
    const { runId } = await asking(here);
    await say(here, runId, "keep", { keep_change: "keep_branch" });
    expect((await undo(here, runId)).kind).toBe("accepted");
    await until(here, runId, asks("permission"));
    here.clock.advance(60_000);
    expect(here.workspace.branches.size).toBe(0);
    expect(await undo(here, runId, "undo-2")).toMatchObject({ kind: "refused", code: "decision.undo_too_late" });
    await say(here, runId, "drop", { keep_change: "throw_away" });
    const done = await until(here, runId, hasEnded);
    expect(done.summary.status).toBe("completed");
    expect(done.result?.files.some(({ path }) => path.endsWith(".patch"))).toBe(false);
    expect(here.workspace.branches.size).toBe(0);
  });

  test("is not done where the run was canceled in time", async () => {
    const here = await plane();
    const { runId } = await asking(here);
    await say(here, runId, "keep", { keep_change: "keep_branch" });
    await here.agent.handle({ kind: "run.cancel", id: "c", by: BY, runId });
    here.clock.advance(60_000);
    await eventually(() => expect(here.workspace.closed).toEqual([runId]));
    expect(here.workspace.branches.size).toBe(0);
  });

  test("survives a restart before and after the branch is made, and makes it once", async () => {
    const here = await plane();
    const { runId } = await asking(here);
    await say(here, runId, "keep", { keep_change: "keep_branch" });
    let dying = true;
    here.workspace.script.onKeep = () => {
      // As if the process had died right after the branch stood and before that was saved.
      if (dying) here.workspace.branches.set(`coxswain/${runId}`, COMMIT);
      return dying ? new CoxswainError("test.died", "died", { retryable: true }) : undefined;
    };
    const again = await here.restart();
    expect(here.workspace.branches.size).toBe(0);
    again.clock.advance(10_000);
    await eventually(() => expect(here.workspace.branches.size).toBe(1));
    expect((await again.agent.document(runId))?.run.change?.status).toBe("keeping");
    dying = false;
    const third = await again.restart();
    const done = await until(third, runId, hasEnded);
    expect(done.summary.status).toBe("completed");
    expect([...here.workspace.branches]).toEqual([[`coxswain/${runId}`, COMMIT]]);
  });

  test("goes to the dead letters where the branch stands elsewhere, and is done on retry", async () => {
    const here = await plane();
    const { runId } = await asking(here);
    here.workspace.branches.set(`coxswain/${runId}`, "d".repeat(40));
    await say(here, runId, "keep", { keep_change: "keep_branch" });
    here.clock.advance(10_000);
    const dead = await until(here, runId, (view) => view.summary.status === "dead_letter");
    expect(dead.failure?.code).toBe("workspace.branch_exists");
    here.workspace.branches.clear();
    await here.agent.handle({ kind: "dead_letter.retry", id: "r", by: BY, runId });
    const done = await until(here, runId, (view) => view.summary.status === "completed");
    expect(done.summary.status).toBe("completed");
    expect(here.workspace.branches.get(`coxswain/${runId}`)).toBe(COMMIT);
  });

  test("is never offered where the worker wrote more than it had declared: the result names the path", async () => {
    const files = [...SEALED.files, { path: "src/secret.ts", added: 1, removed: 0, plain: true }];
    const here = await plane({ ...SEALED, files });
    const { card } = await asking(here);
    expect(card.summary.status).toBe("dead_letter");
    expect(JSON.stringify(card.deadLetter)).toContain("src/secret.ts");
  });

  test("is not asked about where nothing was changed", async () => {
    const workspace = createFakeWorkspace();
    const here = await aPlane({ workspace, catalog: KEEPING_CATALOG });
    const { card } = await asking(here);
    expect(card.summary.status).toBe("completed");
  });
});

test("work that may be kept is done only where it was chosen", async () => {
  const here = await plane();
  const task = aTask({ answers: "recommended" });
  const started = await here.agent.handle(Command.parse({ kind: "run.start", id: "s", by: task.requestedBy, task }));
  if (started.kind === "refused" || started.kind === "done") throw new Error(started.message);
  const done = await until(here, started.runId, hasEnded);
  expect(done.summary.status).toBe("completed");
  expect(here.runtime.orders.map((order) => order.brief.laneId)).not.toContain("note");
});

test("a goal that forbids changes cannot choose it", async () => {
  const here = await plane();
  const task = aTask({ goal: "check the house, read only" });
  const started = await here.agent.handle(Command.parse({ kind: "run.start", id: "s", by: task.requestedBy, task }));
  if (started.kind === "refused" || started.kind === "done") throw new Error(started.message);
  const asked = await until(here, started.runId, asks("execution_confirmation"));
  const note = asked.decision?.questions.find((question) => question.id === "note");
  expect(note?.options.find((known) => known.id === "yes")?.rejectedBecause ?? "not asked").toBeTruthy();
});
