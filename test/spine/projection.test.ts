import { GOVERNANCE_AGENTS } from "../../src/contracts/agent.ts";
import { describe, expect, test } from "vitest";
import { cardOf } from "../../src/cards/cards-of.ts";
import { renderPlain } from "../../src/cards/fallback.ts";
import { RunStatusEnvelope } from "../../src/contracts/envelope.ts";
import { positionOf } from "../../src/contracts/position.ts";
import { SpineState } from "../../src/contracts/spine-state.ts";
import { isMessageKey, translatorFor } from "../../src/i18n.ts";
import { envelopeOf, planningFilesOf, spineStateOf } from "../../src/spine/projection.ts";
import { RUNS } from "../fixtures/runs.ts";

const en = translatorFor("en");
const runs = Object.entries(RUNS);

describe("the public status", () => {
  test.each(runs)("of a run that is %s keeps the contract, and names only keys that exist", (_, run) => {
    const envelope = envelopeOf(run, en);
    expect(RunStatusEnvelope.parse(envelope)).toEqual(envelope);
    const { current, blockedOn, purposeKey } = positionOf(run);
    const keys = [purposeKey, ...[current, blockedOn].flatMap((text) => (text?.kind === "key" ? [text.key] : []))];
    expect(keys.filter((key) => !isMessageKey(key))).toEqual([]);
  });

  test.each(runs)("of a run that is %s says what the notice card says", (_, run) => {
    const card = cardOf(run, "notice", en);
    if (card === undefined) throw new Error("no notice");
    const shown = renderPlain(card).split("\n").slice(1, 6).join("\n");
    expect(envelopeOf(run, en).lastUserVisibleNotice).toBe(shown);
  });

  test("a waiting run is active and blocked on its question", () => {
    expect(envelopeOf(RUNS.waiting, en)).toMatchObject({
      active: true,
      currentStage: "Thinking",
      currentStageKey: "thinking",
      stageIndex: 3,
      stageTotal: 8,
      percent: 38,
      completed: ["Critical", "Fetch"],
      next: "Execution",
      blockedOn: "a question that waits for your answer",
    });
  });

  test("skipped stages are not completed, and the path's last stage has no next", () => {
    expect(envelopeOf(RUNS.standard, en)).toMatchObject({
      completed: ["Critical", "Fetch", "Thinking", "Execution", "Review"],
      next: null,
      percent: 88,
    });
  });

  test.each(["deadLetter", "discarded", "canceled", "refused"] as const)(
    "a run that is %s is inactive and says why",
    (name) => {
      const envelope = envelopeOf(RUNS[name], en);
      expect(envelope).toMatchObject({ active: false, next: null, currentStageKey: RUNS[name].stage });
      expect(envelope.blockedOn).not.toBeNull();
    },
  );

  test("a completed run is inactive and blocked by nothing", () => {
    expect(envelopeOf(RUNS.completed, en)).toMatchObject({ active: false, next: null, blockedOn: null, percent: 100 });
  });

  test("words follow the language, stage labels do not", () => {
    const envelope = envelopeOf(RUNS.waiting, translatorFor("zh-CN"));
    expect(envelope).toMatchObject({ currentStage: "Thinking", resolvedOutputLanguage: "zh-CN" });
    expect(envelope.publicLabels.blocked).toBe("受阻于");
  });
});

describe("the spine state", () => {
  test.each(runs)("of a run that is %s keeps the contract", (_, run) => {
    const state = spineStateOf(run);
    expect(SpineState.parse(state)).toEqual(state);
    expect(JSON.parse(JSON.stringify(state))).toMatchObject({ version: 2, runId: run.runId });
  });

  test("names as dispatched only what really started", () => {
    const { dispatchedAgents, dispatchChain } = spineStateOf(RUNS.executing);
    expect(dispatchChain).toEqual({
      critical: ["meta-warden"],
      thinking: ["meta-conductor"],
      execution: ["meta-conductor", "inspector"],
    });
    expect(dispatchedAgents.filter(({ agent }) => agent === "inspector")).toMatchObject([
      { stage: "execution", agentInvocationState: "returned", laneId: "history" },
      { stage: "execution", agentInvocationState: "dispatched", laneId: "tests" },
    ]);
  });

  test("says how far each agent has come, and that who was not needed is idle", () => {
    const { agentInvocationState } = spineStateOf(RUNS.executing);
    expect(Object.keys(agentInvocationState)).toEqual(expect.arrayContaining([...GOVERNANCE_AGENTS]));
    expect(agentInvocationState).toMatchObject({ "meta-conductor": "returned", "meta-chrysalis": "idle" });
    const [worker] = RUNS.executing.dispatches.filter(
      ({ status, work }) => status === "started" && work.kind === "lane",
    );
    expect(agentInvocationState[worker?.agent ?? ""]).toBe("dispatched");
  });

  test("carries the packets by name, and skip reasons", () => {
    expect(spineStateOf(RUNS.completed)).toMatchObject({ runHeader: { macroId: "repository-health" } });
    expect(spineStateOf(RUNS.fetching).taskClassification).toBeNull();
    expect(spineStateOf(RUNS.standard).stages.meta_review).toEqual({
      status: "pending",
      skipReason: "not on standard_path",
    });
  });
});

describe("the planning files", () => {
  test("exist from Thinking's plan on, and never for a pure query", () => {
    expect(planningFilesOf(RUNS.waiting, en)).toEqual({});
    expect(Object.keys(planningFilesOf(RUNS.executing, en))).toEqual(["task_plan.md", "findings.md", "progress.md"]);
    expect(planningFilesOf({ ...RUNS.executing, queryBypass: true }, en)).toEqual({});
  });

  test("move with the run", () => {
    const during = planningFilesOf(RUNS.executing, en);
    const after = planningFilesOf(RUNS.completed, en);
    expect(during["task_plan.md"]).toContain("- [ ] Execution: the run is here");
    expect(after["task_plan.md"]).toContain("- [x] Evolution");
    expect(after["findings.md"]).toContain("`id_rsa:1`");
    expect(after["progress.md"]).toContain("2 of 2 checks passed");
  });

  test("a hostile goal stays text", () => {
    const goal = "x\n# y <script>";
    const files = planningFilesOf({ ...RUNS.executing, task: { ...RUNS.executing.task, goal } }, en);
    expect(files["task_plan.md"]).toContain(String.raw`- x \# y \<script\>`);
  });
});
