import type { DecisionCard } from "../../src/contracts/card.ts";
import { stageOf, stageIndex, STAGE_KEYS, STAGES, type StageKey } from "../../src/contracts/stage.ts";
import type { RunView } from "../../src/contracts/view.ts";

export const RUN_ID = "run_4k2m9x7q1b";
export const DECISION_ID = "dec_4k2m9x7q1b_1";

type Status = RunView["summary"]["status"];

/** A run as people see it, at a stage. */
export function viewAt(stage: StageKey, status: Status, change: Partial<RunView> = {}): RunView {
  const index = stageIndex(stage);
  return {
    summary: {
      runId: RUN_ID,
      goal: "check the health of this repository",
      macroId: "repository-health",
      status,
      stage,
      tenant: "alice",
      workspace: "/srv/repository",
      startedAt: 1000,
      updatedAt: 1000 + index,
    },
    version: index,
    requestedBy: { surface: "terminal", user: "alice" },
    askedAt: status === "waiting" ? 1000 + index : null,
    working: [],
    envelope: {
      schemaVersion: 1,
      active: status === "active" || status === "waiting",
      runId: RUN_ID,
      triggeredBy: "check the health of this repository",
      currentStage: stageOf(stage).label,
      currentStageKey: stage,
      stageIndex: index,
      stageTotal: 8,
      percent: stageOf(stage).percent,
      completed: STAGES.slice(0, index - 1).map(({ label }) => label),
      next: STAGES[index]?.label ?? null,
      blockedOn: null,
      startedAt: "2026-01-01T00:00:00.000Z",
      updatedAt: "2026-01-01T00:00:01.000Z",
      lastUserVisibleNotice: "reading the workspace",
      surfaceMode: "public",
      resolvedOutputLanguage: "en",
      languageResolution: { language: "en", source: "latest_user_input" },
      publicSurface: {
        primaryDisplay: "conversation_notice",
        nativeEnhancementAllowed: true,
        popupRequired: false,
        hiddenInternalFields: [],
      },
      publicLabels: { active: "a", completed: "c", current: "cu", next: "n", blocked: "b", none: "none" },
      stagePurpose: "reading the workspace",
      stagePurposeKey: "stage.fetch.purpose",
    },
    notice: {
      kind: "notice",
      runId: RUN_ID,
      language: "en",
      version: index,
      title: "check the health of this repository",
      lines: [{ key: "current", label: "Now", value: stageOf(stage).label }],
      percent: stageOf(stage).percent,
      startedAt: 0,
      updatedAt: 0,
      stages: STAGE_KEYS.map((key) => ({ key, label: stageOf(key).label, state: "pending", stateLabel: "pending" })),
      workers: [],
      actions: [],
    },
    decision: null,
    result: null,
    deadLetter: null,
    failure: null,
    findings: [],
    verdict: null,
    artifacts: [],
    trouble: null,
    folder: "/srv/state/runs/run_4k2m9x7q1b",
    ...change,
  };
}

/** A run that waits for a person: two questions, the second asked only after "full", and one argument. */
export function waitingView(change: Partial<DecisionCard> = {}): RunView {
  return viewAt("thinking", "waiting", { decision: { ...DECISION_CARD, ...change } });
}

function option(id: string, letter: string, recommended = false): DecisionCard["questions"][number]["options"][number] {
  return {
    id,
    letter,
    label: `Option ${id}`,
    recommended,
    recommendedBecause: recommended ? "because of the evidence" : null,
    rejectedBecause: id === "impossible" ? "there is no test command" : null,
    sets: {},
    fields: [{ label: "What changes", value: "nothing" }],
  };
}

const DECISION_CARD: DecisionCard = {
  kind: "decision",
  runId: RUN_ID,
  language: "en",
  version: 3,
  decisionId: DECISION_ID,
  title: "Before the work begins",
  about: "execution_confirmation",
  assurance: "Nothing is changed before you answer.",
  context: [{ heading: "Understanding", lines: ["a check of a repository"] }],
  questions: [
    {
      id: "scope",
      number: 1,
      title: "How much?",
      after: null,
      options: [option("full", "A", true), option("quick", "B"), option("impossible", "C")],
      drafted: null,
      chosen: null,
    },
    {
      id: "style",
      number: 2,
      title: "At once?",
      after: { question: "scope", options: ["full"] },
      options: [option("parallel", "A", true), option("sequential", "B")],
      drafted: null,
      chosen: null,
    },
  ],
  args: [
    {
      id: "days",
      label: "Days",
      description: "How far back",
      value: 90,
      definition: { type: "integer", title: { en: "Days" }, default: 90, min: 1, max: 365 },
      choices: null,
    },
  ],
  resolved: null,
  actions: [],
};
