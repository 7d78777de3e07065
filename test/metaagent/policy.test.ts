import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Alert } from "../../src/contracts/alert.ts";
import { Command } from "../../src/contracts/command.ts";
import type { WorkspaceEvidence } from "../../src/contracts/evidence.ts";
import { Macro, type MacroLane } from "../../src/contracts/macro.ts";
import type { PolicyRule } from "../../src/contracts/policy.ts";
import type { RunView } from "../../src/contracts/view.ts";
import { rolesFrom } from "../../src/metaagent/authorize.ts";
import type { SealedChange } from "../../src/ports.ts";
import { createFakeWorkspace } from "../fakes/fake-workspace.ts";
import { aTask, type ControlPlane } from "../fixtures/control-plane.ts";
import { KEEPING_CATALOG, SEALED } from "../fixtures/keeping-catalog.ts";
import { eventually } from "../fixtures/eventually.ts";
import { aPlane, hasEnded, started, until } from "../fixtures/planes.ts";

const ADA = { surface: "terminal", user: "ada" };
const OLGA = { surface: "terminal", user: "olga" };
const rolesOf = rolesFrom({
  requester: ["terminal:ada"],
  approver: ["terminal:ada"],
  operator: ["terminal:olga"],
  admin: [],
});

interface Parts {
  readonly rules?: string;
  readonly own?: readonly PolicyRule[];
  readonly change?: SealedChange;
  readonly note?: Partial<MacroLane>;
  readonly evidence?: Partial<WorkspaceEvidence>;
}

async function plane({
  rules = "",
  own = [],
  change = SEALED,
  note = {},
  evidence = {},
}: Parts): Promise<ControlPlane> {
  const workspace = createFakeWorkspace({
    ...evidence,
    ruleFiles: rules === "" ? [] : [{ path: "AGENTS.md", text: rules }],
  });
  workspace.script.change = change;
  const [macro] = KEEPING_CATALOG.macros;
  if (macro === undefined) throw new Error("no macro");
  const lanes = macro.lanes.map((lane) => (lane.id === "note" ? { ...lane, ...note } : lane));
  const catalog = { ...KEEPING_CATALOG, macros: [Macro.parse({ ...macro, lanes })], policyRules: own };
  const made = await aPlane({ workspace, catalog, rolesOf });
  return made;
}

const asks = (about: string) => (view: RunView) =>
  view.summary.status === "waiting" && view.decision?.about === about && view.decision.resolved === null;

const say = (
  { agent }: ControlPlane,
  runId: string,
  id: string,
  answers: Record<string, string>,
  { by = ADA, reason }: { by?: typeof ADA; reason?: string } = {},
) =>
  agent.handle({
    kind: "decision.answer",
    id,
    by,
    runId,
    answers,
    args: reason === undefined ? {} : { reason },
  });

/** A run with the lane that keeps a note, as far as its first question about a rule, a permission, or its end. */
async function confirmed(
  here: ControlPlane,
  { id = "s", note = "yes" } = {},
): Promise<{ runId: string; view: RunView }> {
  const runId = await started(here, {}, id);
  const asked = await until(here, runId, asks("execution_confirmation"));
  const questions = asked.decision?.questions ?? [];
  const answers = Object.fromEntries(questions.map((q) => [q.id, q.options.find((o) => o.recommended)?.id ?? ""]));
  const reply = await say(here, runId, `confirm-${id}`, { ...answers, note });
  if (reply.kind !== "accepted") throw new Error(JSON.stringify(reply));
  const view = await until(
    here,
    runId,
    (now) => asks("policy_violation")(now) || asks("permission")(now) || hasEnded(now),
  );
  return { runId, view };
}

const laneIds = ({ runtime }: ControlPlane): string[] => runtime.orders.map(({ brief }) => brief.laneId);
const runOf = async ({ agent }: ControlPlane, runId: string) => (await agent.document(runId))?.run;
const ownRule = (check: PolicyRule["check"], more: Partial<PolicyRule> = {}): PolicyRule => ({
  source: "security",
  file: "config/policies.yaml",
  line: 20,
  text: "a rule",
  depth: 0,
  scope: [],
  macros: [],
  tenants: [],
  check,
  ...more,
});

describe("a lane that a rule forbids", () => {
  const rules = "# Rules\n\nNever edit `NOTES.md`.\n";

  test("does not start; people read which rule at which line, and operators hear of it", async () => {
    const here = await plane({ rules });
    const alerts: Alert[] = [];
    here.agent.on("alert.raised", ({ alert }) => void alerts.push(alert));
    const { runId, view } = await confirmed(here);
    expect(laneIds(here)).not.toContain("note");
    expect(view.decision?.about).toBe("policy_violation");
    const shown = view.decision?.context.flatMap(({ lines }) => lines).join();
    expect(shown).toContain("AGENTS.md:3 forbids writing NOTES.md: “Never edit `NOTES.md`.”");
    expect(view.decision?.args.map(({ id }) => id)).toEqual(["reason"]);
    const document = await here.agent.document(runId);
    expect(document?.history.map(({ event }) => event)).toContain("dispatch.blocked");
    await eventually(() => expect(alerts).toMatchObject([{ runId, key: expect.stringMatching(/^policy:dsp_/) }]));
    const run = document?.run;
    expect(run?.lanes["note"]?.status).toBe("blocked");
    expect(run?.dispatches.find(({ status }) => status === "blocked")?.policy).toMatchObject([
      { outcome: "denied", subject: "NOTES.md", rule: { file: "AGENTS.md", line: 3, source: "agents_md" } },
    ]);
  });

  test("is left out where people choose so, and the result says why", async () => {
    const here = await plane({ rules });
    const over: string[] = [];
    here.agent.on("alert.resolved", ({ alert }) => void over.push(alert.key));
    const { runId } = await confirmed(here);
    expect(over).toEqual([]);
    expect((await say(here, runId, "out", { note: "leave_out" })).kind).toBe("accepted");
    const done = await until(here, runId, hasEnded);
    expect(done.summary.status).toBe("completed");
    expect(laneIds(here)).not.toContain("note");
    expect(JSON.stringify(done.result)).toContain("AGENTS.md:3");
    expect(here.workspace.branches.size).toBe(0);
    await eventually(() => expect(over).toEqual([expect.stringMatching(/^policy:dsp_/)]));
  });

  test("cancels the run where people choose so", async () => {
    const here = await plane({ rules });
    const over: string[] = [];
    here.agent.on("alert.resolved", ({ alert }) => void over.push(alert.key));
    const { runId } = await confirmed(here);
    await say(here, runId, "stop", { note: "cancel" });
    expect((await until(here, runId, hasEnded)).summary.status).toBe("canceled");
    await eventually(() => expect(over).toEqual([expect.stringMatching(/^policy:dsp_/)]));
    await eventually(() => expect(here.workspace.closed).toEqual([runId]));
  });

  test("is waived by an operator with a reason only, survives a restart, and covers nothing else", async () => {
    const here = await plane({ rules, note: { repeatable: true } });
    const { runId } = await confirmed(here);
    expect(await say(here, runId, "w1", { note: "waive" }, { reason: "urgent" })).toMatchObject({
      kind: "refused",
      code: "auth.not_allowed",
    });
    expect(await say(here, runId, "w2", { note: "waive" }, { by: OLGA })).toMatchObject({
      kind: "refused",
      code: "policy.reason_missing",
    });
    expect(await say(here, runId, "w3", { note: "waive" }, { by: OLGA, reason: "  " })).toMatchObject({
      kind: "refused",
    });
    const again = await here.restart();
    expect(laneIds(again)).not.toContain("note");
    expect((await say(again, runId, "w4", { note: "waive" }, { by: OLGA, reason: "the owner agreed" })).kind).toBe(
      "accepted",
    );
    const third = await again.restart();
    const asked = await until(third, runId, asks("permission"));
    expect(asked.decision?.about).toBe("permission");
    expect(laneIds(third).filter((id) => id === "note").length).toBeGreaterThan(0);
    const run = await runOf(third, runId);
    expect(run?.waivers).toMatchObject([
      {
        by: OLGA,
        reason: "the owner agreed",
        laneId: "note",
        subject: "NOTES.md",
        rule: { file: "AGENTS.md", line: 3 },
      },
    ]);
    await say(third, runId, "keep", { keep_change: "keep_branch" });
    third.clock.advance(10_000);
    const done = await until(third, runId, hasEnded);
    expect(done.summary.status).toBe("completed");
    const waived = done.result?.sections.find(({ heading }) => heading === "Rules that were waived");
    expect(waived?.lines.join()).toContain("olga waived AGENTS.md:3 for NOTES.md");
    await eventually(async () => {
      const folder = (await third.agent.run(runId))?.folder ?? "";
      expect(await readFile(join(folder, "artifacts/report.md"), "utf8")).toContain("the owner agreed");
    });

    const other = await confirmed(third, { id: "second" });
    expect(other.view.decision?.about).toBe("policy_violation");
    expect((await runOf(third, other.runId))?.waivers).toEqual([]);
  });

  test("a part that the procedure cannot do without cannot be left out", async () => {
    const here = await plane({ rules, note: { required: true } });
    const { runId, view } = await confirmed(here, { note: "no" });
    const option = view.decision?.questions[0]?.options.find(({ id }) => id === "leave_out");
    expect(option?.rejectedBecause).toBeTruthy();
    expect((await say(here, runId, "out", { note: "leave_out" })).kind).toBe("refused");
  });
});

describe("a change that a rule forbids", () => {
  const change = { ...SEALED, files: [...SEALED.files, { path: "keys/a.txt", added: 1, removed: 0, plain: true }] };
  const own = [ownRule({ kind: "deny_paths", globs: ["keys/**"] })];
  const note = { writes: ["**"] };

  test("never leaves its copy where nobody waives it: no branch, no patch, no preview", async () => {
    const here = await plane({ own, change, note });
    const { runId, view } = await confirmed(here);
    expect(view.decision?.about).toBe("policy_violation");
    const shown = JSON.stringify(view);
    expect(shown).toContain("config/policies.yaml:20 forbids writing keys/a.txt");
    expect(shown).not.toContain("change.patch");
    expect(JSON.stringify(view.decision)).not.toContain("a note");
    await say(here, runId, "no", { note: "keep_nothing" });
    const done = await until(here, runId, hasEnded);
    expect(done.summary.status).toBe("completed");
    expect(here.workspace.branches.size).toBe(0);
    expect(done.artifacts.some(({ path }) => path.endsWith(".patch"))).toBe(false);
  });

  test("is offered after a waiver for this very commit", async () => {
    const here = await plane({ own, change, note });
    const { runId } = await confirmed(here);
    expect((await say(here, runId, "w", { note: "waive" }, { by: OLGA, reason: "a sample" })).kind).toBe("accepted");
    const asked = await until(here, runId, asks("permission"));
    expect(asked.artifacts.some(({ path }) => path.endsWith("change.patch"))).toBe(true);
    expect((await runOf(here, runId))?.waivers).toMatchObject([{ commit: SEALED.commit, subject: "keys/a.txt" }]);
    await say(here, runId, "keep", { keep_change: "keep_branch" });
    here.clock.advance(10_000);
    expect((await until(here, runId, hasEnded)).summary.status).toBe("completed");
    expect(here.workspace.branches.get(`coxswain/${runId}`)).toBe(SEALED.commit);
  });
});

describe("a command that must have run", () => {
  const rules = "Run `npm test` before committing.";

  test("keeps a change from leaving where it has not run in the changed copy", async () => {
    const here = await plane({ rules });
    const { view } = await confirmed(here);
    expect(view.decision?.about).toBe("policy_violation");
    expect(JSON.stringify(view.decision)).toContain("AGENTS.md:1 demands that npm test");
  });

  test("is met by a check of the lane that ended with 0", async () => {
    const [lane] = KEEPING_CATALOG.macros[0]?.lanes.filter(({ id }) => id === "note") ?? [];
    const verify: MacroLane["verify"] = [
      ...(lane?.verify ?? []),
      { id: "tests", kind: "command", argv: ["npm", "test"], timeLimitMs: 1000 },
    ];
    const here = await plane({ rules, note: { verify } });
    const { runId, view } = await confirmed(here);
    expect(view.decision?.about).toBe("permission");
    expect((await runOf(here, runId))?.change?.policy).toMatchObject([{ outcome: "met", subject: "npm test" }]);
  });
});

test("a check that may not run is known of before the work", async () => {
  const verify: MacroLane["verify"] = [{ id: "push", kind: "command", argv: ["git", "push"], timeLimitMs: 1000 }];
  const here = await plane({ own: [ownRule({ kind: "deny_command", words: ["git", "push"] })], note: { verify } });
  const { view } = await confirmed(here);
  expect(JSON.stringify(view.decision)).toContain("config/policies.yaml:20 forbids running git push");
  expect(laneIds(here)).not.toContain("note");
});

test("a command of the repository that a worker runs by itself is held to the rules as well", async () => {
  const note: Partial<MacroLane> = { uses: ["repository_code"], runs: ["test_command"] };
  const testCommand = { argv: ["npm", "test"], source: "package.json" };
  const here = await plane({ rules: "Do not run `npm test`.", note, evidence: { testCommand } });
  const { view } = await confirmed(here);
  expect(JSON.stringify(view.decision)).toContain("AGENTS.md:1 forbids running npm test");
  expect(laneIds(here)).not.toContain("note");
});

test("a rule that says nothing to a run leaves it as it was", async () => {
  const here = await plane({ rules: "Never edit `dist/`." });
  const { view } = await confirmed(here);
  expect(view.decision?.about).toBe("permission");
  const constraints = here.runtime.orders[0]?.brief.constraints.join("\n") ?? "";
  expect(constraints).toContain("AGENTS.md:1: Never edit `dist/`.");
});

test("a report is not offered as a new file where a rule forbids one", async () => {
  const here = await plane({ rules: "Never edit `*.md`." });
  const reply = await here.agent.handle(Command.parse({ kind: "run.start", id: "s", by: ADA, task: aTask() }));
  if (reply.kind !== "accepted") throw new Error(JSON.stringify(reply));
  const asked = await until(here, reply.runId, asks("execution_confirmation"));
  const options = asked.decision?.questions.find(({ id }) => id === "outcome")?.options;
  expect(options?.find(({ id }) => id === "report_in_workspace")?.rejectedBecause).toContain("AGENTS.md:1");
  expect(JSON.stringify(asked.decision?.context)).toContain("1 of their sentences is enforced");
});
