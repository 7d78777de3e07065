import { HIDDEN_INTERNAL_FIELDS, type RunStatusEnvelope } from "../contracts/envelope.ts";
import { positionOf } from "../contracts/position.ts";
import type { Run } from "../contracts/run.ts";
import type { SpineState } from "../contracts/spine-state.ts";
import { STAGE_KEYS, STAGES, stageIndex, stageOf, type StageKey } from "../contracts/stage.ts";
import { latestOutcomes } from "../contracts/verify-step.ts";
import type { Text } from "../contracts/text.ts";
import type { MessageKey, Translator } from "../i18n.ts";
import { markdownLine, quoted } from "../markdown.ts";
import { plainTranslator } from "../plain-text.ts";
import { agentInvocationStates } from "./invocation-states.ts";

/**
 * Public files of a run. They are projections: rebuilt from the run whenever it changes, and never read back.
 */

/** The public answer to "where is it now?" (G21). */
export function envelopeOf(run: Run, translator: Translator): RunStatusEnvelope {
  const words = plainTranslator(translator);
  const position = positionOf(run);
  const stage = stageOf(position.stage);
  const completed = position.completed.map((key) => stageOf(key).label);
  const next = position.next === null ? null : stageOf(position.next).label;
  const blockedOn = position.blockedOn === null ? null : words.say(position.blockedOn);
  const publicLabels = {
    active: words.t("notice.active"),
    completed: words.t("notice.completed"),
    current: words.t("notice.current"),
    next: words.t("notice.next"),
    blocked: words.t("notice.blocked"),
    none: words.t("notice.none"),
  };
  const where = { stage: stage.label, index: stageIndex(stage.key), total: STAGES.length, percent: stage.percent };
  const notice = [
    [publicLabels.active, words.t(position.active ? "notice.where" : "notice.where_ended", where)],
    [publicLabels.completed, completed.length === 0 ? publicLabels.none : words.list(completed)],
    [publicLabels.current, words.say(position.current)],
    [publicLabels.next, next ?? publicLabels.none],
    [publicLabels.blocked, blockedOn ?? publicLabels.none],
  ].map(([label = "", value = ""]) => words.t("card.labelled", { label, value }));
  return {
    schemaVersion: 1,
    active: position.active,
    runId: run.runId,
    triggeredBy: `${run.task.requestedBy.surface}:${run.task.requestedBy.user}`,
    currentStage: stage.label,
    currentStageKey: stage.key,
    stageIndex: stageIndex(stage.key),
    stageTotal: STAGES.length,
    percent: stage.percent,
    completed,
    next,
    blockedOn,
    startedAt: iso(run.startedAt),
    updatedAt: iso(run.updatedAt),
    lastUserVisibleNotice: notice.join("\n"),
    surfaceMode: "public",
    resolvedOutputLanguage: words.language,
    languageResolution: run.language,
    publicSurface: {
      primaryDisplay: "conversation_notice",
      nativeEnhancementAllowed: true,
      popupRequired: false,
      hiddenInternalFields: [...HIDDEN_INTERNAL_FIELDS],
    },
    publicLabels,
    stagePurpose: words.t(position.purposeKey),
    stagePurposeKey: position.purposeKey,
  };
}

/** The spine's own state, version 2 (G31), with the run's packets by name. */
export function spineStateOf(run: Run): SpineState {
  const dispatched = dispatchedAgents(run);
  const dispatchChain: SpineState["dispatchChain"] = {};
  for (const { agent, stage } of dispatched) {
    const chain = dispatchChain[stage] ?? [];
    if (!chain.includes(agent)) dispatchChain[stage] = [...chain, agent];
  }
  return {
    ...run.packets,
    active: positionOf(run).active,
    version: 2,
    runId: run.runId,
    triggeredAt: iso(run.startedAt),
    currentStage: run.stage,
    stages: mapStages((key) => stageState(run, key)),
    taskClassification: run.packets.taskClassification ?? null,
    triggerReason: "user_invocation",
    dispatchedAgents: dispatched,
    dispatchChain,
    agentInvocationState: agentInvocationStates(run),
    queryBypass: run.queryBypass,
    choiceSurfaceState: run.choiceSurfaceState,
  };
}

/** Governance agents that really ran, and workers whose start was recorded; nothing that was only planned (G2). */
function dispatchedAgents(run: Run): SpineState["dispatchedAgents"] {
  const governance = run.invocations.map(({ agent, stage, state, duty, nature }) => ({
    agent,
    stage,
    agentInvocationState: state,
    duty,
    nature,
  }));
  const workers = run.dispatches.flatMap((dispatch) => {
    if (dispatch.work.kind === "stage" || !("startedAt" in dispatch)) return [];
    const { agent, work, dispatchId } = dispatch;
    const stage: StageKey = work.kind === "lane" ? "execution" : checkingStage(run, dispatch.startedAt);
    const returned = dispatch.status === "succeeded" || dispatch.status === "failed";
    const agentInvocationState = returned ? ("returned" as const) : ("dispatched" as const);
    return [{ agent, stage, agentInvocationState, laneId: work.laneId, dispatchId }];
  });
  return [...governance, ...workers];
}

/** Review and Verification both dispatch checks; when it started says for which. */
function checkingStage(run: Run, startedAt: number): StageKey {
  const { verification } = run.stages;
  return verification.status !== "pending" && startedAt >= verification.startedAt ? "verification" : "review";
}

function stageState(run: Run, key: StageKey): SpineState["stages"][StageKey] {
  const state = run.stages[key];
  switch (state.status) {
    case "pending":
      return state.skipReason === undefined
        ? { status: "pending" }
        : { status: "pending", skipReason: state.skipReason };
    case "in_progress":
      return { status: "in_progress" };
    case "completed":
      return { status: "completed", completedAt: iso(state.completedAt) };
  }
}

/**
 * The planning files (G12), by name: written by the conductor alone, from Thinking's plan on, and rebuilt after
 * every later stage. None for a pure query. They lie in the run's folder, so parallel runs do not collide.
 */
export function planningFilesOf(run: Run, translator: Translator): Record<string, string> {
  if (run.queryBypass || run.packets.runHeader === undefined) return {};
  const words = plainTranslator(translator);
  const name = (laneId: string): string => {
    const title = run.packets.workerTaskPackets?.find((packet) => packet.laneId === laneId)?.title;
    return title === undefined ? laneId : words.say(title);
  };
  return {
    "task_plan.md": taskPlan(run, words, name),
    "findings.md": findingsFile(run, words, name),
    "progress.md": progressFile(run, words, name),
  };
}

function taskPlan(run: Run, words: Translator, name: (laneId: string) => string): string {
  const phases = STAGES.map(({ key, label }) => {
    const { status } = run.stages[key];
    const box = status === "completed" ? "[x]" : "[ ]";
    return `- ${box} ${label}: ${markdownLine(words.t(key === run.stage && status !== "completed" ? "report.planning.here" : `stage.purpose.${key}`))}`;
  });
  const lanes = (run.packets.workerTaskPackets ?? []).map((packet) =>
    packet.dependsOn.length === 0
      ? name(packet.laneId)
      : words.t("report.planning.lane_after", {
          lane: name(packet.laneId),
          after: words.list(packet.dependsOn.map(name)),
        }),
  );
  const paths = (run.packets.preDecisionOptionFrame?.candidatePaths ?? []).map(({ title, rejectedBecause }) =>
    rejectedBecause === undefined
      ? words.say(title)
      : words.t("report.planning.path_rejected", { path: title, reason: rejectedBecause }),
  );
  return page(words.t("report.planning.plan"), [
    [words.t("report.planning.goal"), bullets([run.task.goal, run.packets.intentGatePacket?.coreProblem ?? ""])],
    [words.t("report.planning.phases"), phases],
    [words.t("report.planning.lanes"), bullets(lanes)],
    [words.t("report.planning.paths"), bullets(paths)],
  ]);
}

function findingsFile(run: Run, words: Translator, name: (laneId: string) => string): string {
  const sources = evidenceTexts(run).map((line) => words.say(line));
  const found = (run.packets.reviewPacket?.findings ?? []).map(({ severity, laneId, file, line, text }) => {
    const params = {
      severity: words.t(`severity.${severity}`),
      text: words.t("card.labelled", { label: name(laneId), value: text }),
    };
    if (file === undefined) return words.t("report.finding", params);
    return words.t("report.finding_at", { ...params, place: quoted(line === undefined ? file : `${file}:${line}`) });
  });
  const issues = run.workFindings.map(({ laneId, text, status }) =>
    words.t(`report.planning.issue.${status.kind}`, { lane: name(laneId), text }),
  );
  const writebacks = (run.packets.evolutionWritebackPacket?.targets ?? []).map(({ target, change }) =>
    words.t("card.labelled", { label: quoted(target), value: change }),
  );
  return page(words.t("report.planning.findings"), [
    [words.t("report.planning.evidence"), bullets(sources)],
    [words.t("result.section.findings"), bullets(found)],
    [words.t("report.planning.issues"), bullets(issues)],
    [words.t("report.planning.writebacks"), bullets(writebacks)],
  ]);
}

/** What the plan stands on, in the words in which people read it on the card. */
function evidenceTexts(run: Run): Text[] {
  const confirmation = run.decisions.find((decision) => decision.kind === "execution_confirmation");
  const heading: MessageKey = "context.evidence.heading";
  return (confirmation?.context ?? []).flatMap((part) =>
    part.heading.kind === "key" && part.heading.key === heading ? part.lines : [],
  );
}

function progressFile(run: Run, words: Translator, name: (laneId: string) => string): string {
  const log = STAGE_KEYS.flatMap((key) => {
    const state = run.stages[key];
    const stage = stageOf(key).label;
    if (state.status === "pending") {
      return state.skipReason === undefined ? [] : [words.t("report.planning.skipped", { stage })];
    }
    const started = words.t("report.planning.started", { stage, when: words.dateTime(state.startedAt) });
    if (state.status === "in_progress") return [started];
    return [started, words.t("report.planning.ended", { stage, when: words.dateTime(state.completedAt) })];
  });
  const lanes = Object.values(run.lanes).map(({ laneId, status }) =>
    words.t("card.with_state", { name: name(laneId), state: words.t(`report.planning.lane.${status}`) }),
  );
  const outcomes = latestOutcomes(run);
  const passed = outcomes.filter((outcome) => outcome.passed).length;
  const checks = outcomes.length === 0 ? [] : [words.t("result.checks", { passed, total: outcomes.length })];
  return page(words.t("report.planning.progress"), [
    [words.t("report.planning.log"), bullets(log)],
    [words.t("report.planning.workers"), bullets([...lanes, ...checks])],
  ]);
}

function page(title: string, sections: readonly (readonly [string, readonly string[]])[]): string {
  const blocks = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([heading, lines]) => `## ${markdownLine(heading)}\n\n${lines.join("\n")}`);
  return `${[`# ${markdownLine(title)}`, ...blocks].join("\n\n")}\n`;
}

function bullets(sentences: readonly string[]): string[] {
  return sentences.filter((sentence) => sentence !== "").map((sentence) => `- ${markdownLine(sentence)}`);
}

function mapStages<T>(value: (key: StageKey) => T): Record<StageKey, T> {
  return {
    critical: value("critical"),
    fetch: value("fetch"),
    thinking: value("thinking"),
    execution: value("execution"),
    review: value("review"),
    meta_review: value("meta_review"),
    verification: value("verification"),
    evolution: value("evolution"),
  };
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
