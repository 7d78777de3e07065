import type { ResultCard } from "../contracts/card.ts";
import type { Run } from "../contracts/run.ts";
import { latestOutcomes } from "../contracts/verify-step.ts";
import type { Artifact } from "../contracts/worker.ts";
import type { Translator } from "../i18n.ts";
import { plainText, plainTranslator } from "../plain-text.ts";
import { cardTask, titleIn } from "./card-task.ts";
import { answerEvidence, answerHeadline, answerIn } from "./answer-words.ts";
import { actorName } from "./decision-card.ts";
import { changeLines } from "./change-words.ts";
import { commandOutputs } from "./command-output.ts";
import { commandLine, evidenceLine } from "./evidence-words.ts";
import { placeOf, resultOf, sortedFindings, type FoundItem } from "./findings.ts";
import { laneName, lanesInOrder } from "./lane-words.ts";
import { reportNameInWorkspace } from "./report-name.ts";
import { choiceLines, laneOutcome, uncheckedLines, weakCheckSummary } from "./outcome-words.ts";
import { waiverLines } from "./policy-words.ts";
import { verdictIn, verdictLines } from "./verdict-words.ts";

/** Findings and commands listed on the card itself; the report has all of them. */
const LISTED_FINDINGS = 10;
const LISTED_COMMANDS = 8;
const LISTED_OUTPUT = 20;

/** How a run ended: what was done and found, on which evidence, what could not be checked, where the report is. */
export function resultCard(run: Run, translator: Translator): ResultCard {
  const words = plainTranslator(translator);
  const found = sortedFindings(run);
  const sections: ResultCard["sections"] = [
    { heading: words.t("verdict.section"), lines: verdictLines(run, words) },
    { heading: words.t("result.section.done"), lines: lanesInOrder(run).map((id) => laneOutcome(run, id, words)) },
    { heading: words.t("keep.section"), lines: changeLines(run, words) },
    { heading: words.t("policy.waived.heading"), lines: waiverLines(run, words) },
    { heading: words.t("runbook.section.output"), lines: outputLines(run, words) },
    { heading: words.t("result.section.evidence"), lines: evidenceLines(run, found, words) },
    { heading: words.t("result.section.unchecked"), lines: uncheckedLines(run, words) },
    { heading: words.t("result.section.weak"), lines: weakCheckSummary(run, words) },
    { heading: words.t("result.section.chosen"), lines: choiceLines(run, words) },
  ];
  return {
    kind: "result",
    runId: run.runId,
    language: words.language,
    version: run.version,
    task: cardTask(run),
    title: titleIn(run, words.t(`result.title.${titleWord(run)}`, { goal: run.task.goal }), words),
    outcome: outcomeOf(run, words),
    headline: headline(run, found.length, words),
    sections: sections.filter(({ lines }) => lines.length > 0),
    findings: found.slice(0, LISTED_FINDINGS).map((finding) => ({
      severity: finding.severity,
      severityLabel: words.t(`severity.${finding.severity}`),
      place: placeOf(finding),
      text: words.say(finding.text),
    })),
    furtherFindings: Math.max(0, found.length - LISTED_FINDINGS),
    files: filesOf(run).map(({ path, sha256, bytes }) => ({
      path,
      label: words.t(isReport(path) ? "result.file.report" : "result.file.artifact"),
      sha256,
      bytes,
    })),
  };
}

/** The end of what declared commands printed; the file has all of it. The bar keeps blanks, and sets it apart. */
function outputLines(run: Run, words: Translator): string[] {
  return commandOutputs(run).flatMap(({ argv, exitCode, lines }) => [
    evidenceLine({ kind: "command", argv: [...argv], exitCode }, words),
    ...(lines.length === 0 ? [words.t("runbook.output.none")] : []),
    ...(lines.length > LISTED_OUTPUT ? [words.t("runbook.output.cut", { count: LISTED_OUTPUT })] : []),
    ...lines.slice(-LISTED_OUTPUT).map((line) => plainText(`│ ${line}`)),
  ]);
}

/** «Completed» is said of a completed run only. */
function titleWord(run: Run): "completed" | "refused" | "ended" {
  const { kind } = run.status;
  return kind === "completed" || kind === "refused" ? kind : "ended";
}

function outcomeOf(run: Run, words: Translator): ResultCard["outcome"] {
  const { kind } = run.status;
  if (kind === "completed") return uncheckedLines(run, words).length === 0 ? "completed" : "partial";
  return kind === "active" || kind === "waiting" ? undefined : kind;
}

function headline(run: Run, findings: number, words: Translator): string {
  const { status } = run;
  const answer = answerIn(run);
  switch (status.kind) {
    case "completed":
      if (answer !== undefined) return answerHeadline(answer, words);
      return completedHeadline(run, findings, words);
    case "canceled":
      return words.t("result.headline.canceled", { who: actorName(status.canceledBy) });
    case "discarded":
      return words.t("result.headline.discarded", { who: actorName(status.discardedBy), reason: status.reason });
    case "refused":
      return words.t("result.headline.refused", { reason: status.reason });
    case "dead_letter":
      return words.t("result.headline.dead_letter", { reason: status.failure.text });
    case "active":
    case "waiting":
      return words.t("result.headline.unfinished");
  }
}

function completedHeadline(run: Run, findings: number, words: Translator): string {
  const completed = words.t("result.headline.completed", { findings, unchecked: uncheckedLines(run, words).length });
  const verdict = verdictIn(run);
  return verdict === undefined ? completed : words.t("verdict.headline", { verdict: verdict.text, completed });
}

function evidenceLines(run: Run, found: readonly FoundItem[], words: Translator): string[] {
  const answer = answerIn(run);
  if (answer !== undefined) return answerEvidence(run, answer, words);
  const workers = lanesInOrder(run).flatMap((laneId) => {
    const result = resultOf(run.lanes[laneId]);
    if (result === undefined) return [];
    const lane = laneName(run, laneId, words);
    return [
      result.exitCode === null
        ? words.t("result.evidence.worker_without_exit", { lane })
        : words.t("result.evidence.worker", { lane, code: String(result.exitCode) }),
    ];
  });
  const commands = new Map(
    found
      .flatMap(({ evidence }) => evidence)
      .flatMap((item) => (item.kind === "command" ? [[commandLine(item.argv), item] as const] : [])),
  );
  const listed = [...commands.values()].slice(0, LISTED_COMMANDS).map((item) => evidenceLine(item, words));
  const more = commands.size - listed.length;
  const outcomes = latestOutcomes(run);
  const passed = outcomes.filter((outcome) => outcome.passed).length;
  return [
    ...workers,
    ...listed,
    ...(more > 0 ? [words.t("result.evidence.more_commands", { count: more })] : []),
    ...(outcomes.length > 0 ? [words.t("result.checks", { passed, total: outcomes.length })] : []),
    ...workspaceLines(run, words),
  ];
}

/** The revision that was looked at, what it did not hold, and whether the workspace is as it was. */
export function workspaceLines(run: Run, words: Translator, mark = (value: string) => value): string[] {
  const lines: string[] = [];
  const workspace = run.packets.contentEvidencePacket?.workspace;
  if (workspace?.revision !== null && workspace?.revision !== undefined) {
    lines.push(words.t("result.workspace.revision", { revision: mark(workspace.revision) }));
  }
  if (workspace !== undefined && workspace.uncommittedFiles > 0) {
    lines.push(words.t("result.workspace.uncommitted", { count: workspace.uncommittedFiles }));
  }
  const compared = run.packets.verificationPacket?.workspaceUnchanged;
  const isSame = compared?.checked === true && compared.unchanged;
  if (compared?.checked === true && !isSame) lines.push(words.t("result.workspace.changed"));
  if (isReportKept(run)) {
    const file = mark(reportNameInWorkspace(run));
    lines.push(words.t(isSame ? "result.workspace.only_report" : "result.workspace.report", { file }));
  } else if (isSame) {
    lines.push(words.t("result.workspace.unchanged"));
  }
  return lines;
}

/** Written last of all: the report is made right before, and a run that ended otherwise wrote none. */
function isReportKept({ packets, status }: Run): boolean {
  const isWritten = status.kind === "completed" || status.kind === "active";
  return isWritten && packets.runHeader?.outcome === "report_in_workspace";
}

/** Files that the run left: its own first, the report before all, then those of the workers. */
export function filesOf(run: Run): Artifact[] {
  const workers = lanesInOrder(run).flatMap((laneId) => resultOf(run.lanes[laneId])?.artifacts ?? []);
  const own = run.artifacts.toSorted((a, b) => Number(isReport(b.path)) - Number(isReport(a.path)));
  const gone = run.change?.status === "thrown_away" ? run.change.change.patch : undefined;
  const present = [...own, ...workers].filter(({ path }) => path !== gone);
  return [...new Map(present.map((artifact) => [artifact.path, artifact])).values()];
}

function isReport(path: string): boolean {
  return /(?:^|\/)report\.md$/.test(path);
}
