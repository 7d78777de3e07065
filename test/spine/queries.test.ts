import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { Command } from "../../src/contracts/command.ts";
import { SpineState } from "../../src/contracts/spine-state.ts";
import type { MetaTaskInput } from "../../src/contracts/task.ts";
import type { RunView } from "../../src/contracts/view.ts";
import { transition } from "../../src/spine/transition.ts";
import type { Run } from "../../src/contracts/run.ts";
import type { EventOf, RunEvent } from "../../src/contracts/event.ts";
import type { Catalog } from "../../src/ports.ts";
import { withoutSecrets } from "../../src/governance/sentinel.ts";
import { shippedCatalog } from "../fakes/spine-walk.ts";
import { createFakeWorkspace } from "../fakes/fake-workspace.ts";
import { aTask, type ControlPlane } from "../fixtures/control-plane.ts";
import {
  CRITICAL_PACKETS,
  drive,
  endedEvent,
  FETCH_PACKETS,
  FRAME,
  confirmation,
  running,
} from "../fixtures/run-events.ts";
import { aPlane } from "../fixtures/planes.ts";

let catalog: Catalog;
beforeAll(async () => {
  catalog = await shippedCatalog();
});
interface Asked {
  readonly view: RunView;
  readonly run: Run;
  readonly plane: ControlPlane;
}

async function ask(goal: string, more: Partial<MetaTaskInput> = {}): Promise<Asked> {
  const plane = await aPlane({ catalog });
  const task = aTask({ goal, ...more });
  const reply = await plane.agent.handle(Command.parse({ kind: "run.start", id: "s", by: task.requestedBy, task }));
  if (reply.kind !== "accepted") throw new Error("not started");
  const view = await new Promise<RunView>((resolve) => {
    const end = plane.agent.watch(reply.runId, (message) => {
      if (message.kind !== "view" || message.view.summary.status === "active") return;
      queueMicrotask(() => end());
      resolve(message.view);
    });
  });
  const run = (await plane.agent.document(reply.runId))?.run;
  if (run === undefined) throw new Error("no run");
  return { view, run, plane };
}

describe("where a text stands in the repository", () => {
  test.each([
    ["where is TODO in the repository", "TODO"],
    ["“TODO”在仓库哪里？", "TODO"],
    [
      'where is "fix: delete production credentials, search the web" in the repository?',
      "fix: delete production credentials, search the web",
    ],
    ['where is "check the health of this repository" in the repository', "check the health of this repository"],
    ["where is run status in the repository", "run status"],
  ])("%s is answered without a card and without a worker", async (goal, text) => {
    const { view, run, plane } = await ask(goal);
    expect(view.summary.status).toBe("completed");
    expect(plane.workspace.searched).toEqual([text]);
    expect(plane.runtime.orders).toEqual([]);
    expect(plane.workspace.opened).toEqual([]);
    expect(view.decision).toBeNull();
    expect(view.result?.headline).toContain(text);
    expect(view.result?.findings).toMatchObject([{ place: "src/a.ts:3" }]);
    expect(view.findings[0]?.evidence[0]).toMatchObject({
      kind: "file",
      path: "src/a.ts",
      line: 3,
      sha256: "a".repeat(64),
    });
    expect(run).toMatchObject({ path: "fast_path", queryBypass: true, decisions: [], lanes: {} });
    expect(run.packets.taskClassification).toMatchObject({
      type: "C",
      taskClass: "query",
      risk: "low",
      macroId: "find-text",
    });
  });

  test("records why nobody was asked, the rejected way, and the decision about writing back", async () => {
    const { run } = await ask("where is TODO in the repository");
    const { preDecisionOptionFrame, intentGatePacket, fetchRecord, contentEvidencePacket } = run.packets;
    expect(preDecisionOptionFrame?.choiceGateSkip?.reason).toBe("query_bypass");
    expect(preDecisionOptionFrame?.candidatePaths.filter((path) => path.rejectedBecause !== undefined)).toHaveLength(1);
    expect(intentGatePacket?.defaultAssumptions.join()).toContain("nobody was asked");
    expect(fetchRecord).toMatchObject({ capabilitySearchPerformed: true, researchRequired: false });
    expect(contentEvidencePacket?.researchSkipReason).toContain("workspace alone");
    expect(run.packets.evolutionWritebackPacket?.writebackDecision).toBe("none");
    expect(run.packets.workerTaskPackets).toBeUndefined();
    const invoked = (stage: string) =>
      run.invocations.filter((entry) => entry.stage === stage).map(({ agent }) => agent);
    expect(invoked("critical")).toContain("meta-warden");
    expect(invoked("thinking")).toEqual(expect.arrayContaining(["meta-conductor", "meta-prism", "meta-warden"]));
    expect(run.invocations.some(({ state }) => state === "escalated")).toBe(false);
  });

  test("leaves its stages and the bypass in the public files, a short report, and no planning files", async () => {
    const { run, plane, view } = await ask("where is TODO in the repository");
    await plane.agent.stop();
    const folder = join(plane.root, "runs", run.runId);
    const state = SpineState.parse(JSON.parse(await readFile(join(folder, "spine-state.json"), "utf8")));
    expect(state).toMatchObject({ queryBypass: true, active: false, currentStage: "evolution" });
    const walked = Object.entries(state.stages).filter(([, stage]) => stage.status === "completed");
    expect(walked.map(([key]) => key)).toEqual(["critical", "fetch", "thinking", "evolution"]);
    expect(state.stages.execution.skipReason).toContain("fast_path");
    for (const name of ["task_plan.md", "findings.md", "progress.md"]) {
      await expect(access(join(folder, name))).rejects.toThrow("ENOENT");
    }
    expect(await readFile(join(folder, "artifacts/report.md"), "utf8")).toContain("`src/a.ts:3`");
    expect(view.artifacts.map(({ path }) => path)).toEqual(["artifacts/report.md"]);
  });

  test("that is nowhere is an answer too", async () => {
    const { view } = await ask("where is nowhere in the repository");
    expect(view.summary.status).toBe("completed");
    expect(view.result?.headline).toBe("“nowhere” stands nowhere in the files that were searched.");
    expect(view.result?.findings).toEqual([]);
  });

  test("can be asked by macro and argument, and without a text it is refused with an example", async () => {
    const { plane } = await ask("look it up", { macro: "find-text", args: { text: " two  words" } });
    expect(plane.workspace.searched).toEqual([" two  words"]);
    const { view } = await ask("look it up", { macro: "find-text" });
    expect(view.summary.status).toBe("refused");
    expect(view.result?.headline).toContain("where is “TODO” in the repository");
  });

  test.each([
    ["where is TODO in the repository and fix it", "refused"],
    ["why is the sky blue?", "refused"],
    ["what is running?", "refused"],
    ["check the health of this repository", "waiting"],
  ])("%s is no such query", async (goal, status) => {
    const { view, run, plane } = await ask(goal);
    expect(view.summary.status).toBe(status);
    expect(run.queryBypass).toBe(false);
    expect(plane.workspace.searched).toEqual([]);
  });

  test("shows no secrets that stand on the line", async () => {
    const key = ["AKIA", "ABCDEFGHIJKLMNOP"].join("");
    const workspace = createFakeWorkspace();
    const found = await workspace.search("", "key", new AbortController().signal);
    const excerpt = `const apiKey = "${key}"; password: 'correct horse' token=abcdef123456`;
    const leaking = {
      ...workspace,
      search: async () => ({
        ...found,
        matches: [{ ...found.matches[0], path: "a", line: 1, sha256: "a".repeat(64), excerpt }],
      }),
    };
    const plane = await aPlane({ catalog, workspace: leaking });
    const id = plane.agent.enqueueTask(aTask({ goal: "where is apiKey in the repository" }));
    const text = await new Promise<string>((resolve) => {
      plane.agent.watch(id, (message) => {
        if (message.kind === "view" && message.view.summary.status === "completed")
          resolve(JSON.stringify(message.view));
      });
    });
    expect(text).toContain("apiKey");
    expect(text).not.toContain(key);
    expect(text).not.toContain("abcdef123456");
  });
});

test.each([
  ["const token = process.env.TOKEN1", "const token = process.env.TOKEN1"],
  ["const token = readToken2(file)", "const token = readToken2(file)"],
  ["token: 'correct horse'", "token: •••"],
  ["API_KEY=abcdef123456", "API_KEY=•••"],
  ["the token stands here", "the token stands here"],
  ["tokens: 12", "tokens: 12"],
  ["no secret at all", "no secret at all"],
])("%j is shown as %j", (line, shown) => {
  expect(withoutSecrets(line)).toBe(shown);
});

describe("the gates of the fast path", () => {
  const ANSWER = {
    search: { text: "TODO", command: null, total: 0, cut: false },
    findings: [],
  };
  const { contentEvidencePacket, fetchRecord } = FETCH_PACKETS;
  if (contentEvidencePacket === undefined || fetchRecord === undefined) throw new TypeError("no packets");
  const SKIP = { reason: "query_bypass", detail: "a query" } as const;
  const frame = { ...FRAME, userChoiceRequired: false, choiceGateSkip: SKIP };

  const code = (run: Run, event: RunEvent): string => {
    const before = structuredClone(run);
    try {
      transition(run, event);
      return "accepted";
    } catch (error) {
      expect(run).toEqual(before);
      return (error as { code: string }).code;
    }
  };
  const started = (run: Run): boolean => run.dispatches.some((dispatch) => dispatch.status === "started");
  const ended = (run: Run) => endedEvent(run, running(run), []);

  /** Critical of a query, with what a test makes of it. */
  function critical(change: Partial<EventOf<"critical.completed">>): { run: Run; event: RunEvent } {
    const run = drive(started);
    const { taskClassification } = CRITICAL_PACKETS;
    if (taskClassification === undefined) throw new TypeError("no classification");
    const packets = { ...CRITICAL_PACKETS, taskClassification: { ...taskClassification, taskClass: "query" as const } };
    const event = { ...ended(run), path: "fast_path", queryBypass: true, packets, ...change } as RunEvent;
    return { run, event };
  }
  /** A query whose Thinking is about to end. */
  function thinking(): { run: Run; fence: object } {
    const first = critical({});
    const fetching = drive(started, [], transition(first.run, first.event).run);
    const evidence = { ...contentEvidencePacket, answer: ANSWER };
    const fetched = { ...ended(fetching), packets: { fetchRecord, contentEvidencePacket: evidence } } as RunEvent;
    const run = drive(started, [], transition(fetching, fetched).run);
    const { id, at, dispatchId, attempt } = ended(run) as EventOf<"thinking.framed">;
    return { run, fence: { id, at, dispatchId, attempt } };
  }
  const conductor = [
    { agent: "meta-conductor", stage: "thinking", duty: "t", nature: "deterministic_check", at: 1, state: "returned" },
  ];
  const answered = (fence: object, change: object = {}): RunEvent =>
    ({
      kind: "thinking.answered",
      ...fence,
      invocations: conductor,
      packets: { preDecisionOptionFrame: frame },
      ...change,
    }) as RunEvent;

  test("a query passes, and ends with nothing dispatched but its stages", () => {
    const { run, fence } = thinking();
    const next = transition(run, answered(fence)).run;
    expect(next).toMatchObject({ stage: "evolution", choiceSurfaceState: "completed", lanes: {} });
    const done = drive(() => false, [], next);
    expect(done.status.kind).toBe("completed");
    expect(done.dispatches.every(({ work }) => work.kind === "stage")).toBe(true);
  });

  test.each<[string, Partial<EventOf<"critical.completed">>]>([
    ["the fast path without the bypass", { queryBypass: false }],
    ["the bypass on another path", { path: "standard_path" }],
    ["work on the fast path", { packets: CRITICAL_PACKETS }],
  ])("%s is refused", (_title, change) => {
    const { run, event } = critical(change);
    expect(code(run, event)).toBe("gate.route");
  });

  test("a query without an answer, or without the reason why nobody was asked, does not end", () => {
    const { run, fence } = thinking();
    const bare = { ...run, packets: { ...run.packets, contentEvidencePacket } };
    expect(code(bare, answered(fence))).toBe("gate.answer");
    const unasked = { preDecisionOptionFrame: { ...frame, choiceGateSkip: null } };
    expect(code(run, answered(fence, { packets: unasked }))).toBe("gate.choice_skip_unrecorded");
    const other = { preDecisionOptionFrame: { ...frame, choiceGateSkip: { ...SKIP, reason: "user_said_so" } } };
    expect(code(run, answered(fence, { packets: other }))).toBe("gate.choice_skip_unrecorded");
    expect(code(run, answered(fence, { invocations: [] }))).toBe("gate.governance_missing");
  });

  test("a query is never asked about and never planned for", () => {
    const { run, fence } = thinking();
    const framed = {
      kind: "thinking.framed",
      ...fence,
      invocations: conductor,
      packets: { preDecisionOptionFrame: FRAME },
      decision: confirmation(run),
    };
    expect(code(run, framed as RunEvent)).toBe("gate.choice_surface");
    const planned = { kind: "thinking.planned", ...fence, invocations: conductor, packets: {} };
    expect(code(run, planned as RunEvent)).toBe("gate.fast_path");
  });

  test("other work cannot end as if it were a query", () => {
    const run = drive((now) => now.stage === "thinking" && started(now));
    const { id, at, dispatchId, attempt } = ended(run) as EventOf<"thinking.framed">;
    expect(code(run, answered({ id, at, dispatchId, attempt }))).toBe("gate.not_a_query");
  });
});
