import { Severity, type Evidence } from "../contracts/finding.ts";
import type { Run } from "../contracts/run.ts";
import { latestOutcomes } from "../contracts/verify-step.ts";
import type { Translator } from "../i18n.ts";
import { markdownLine, quoted } from "../markdown.ts";
import { plainText, plainTranslator } from "../plain-text.ts";
import { changeLines } from "./change-words.ts";
import { commandOutputs } from "./command-output.ts";
import { answerEvidence, answerHeadline, answerIn } from "./answer-words.ts";
import { evidenceLine } from "./evidence-words.ts";
import { placeOf, resultOf, sortedFindings, type FoundItem } from "./findings.ts";
import { laneName, lanesInOrder } from "./lane-words.ts";
import { waiverLines } from "./policy-words.ts";
import { checkWords, choiceLines, laneOutcome, uncheckedLines, weakCheckLines } from "./outcome-words.ts";
import { filesOf, workspaceLines } from "./result-card.ts";
import { verdictIn, verdictLines } from "./verdict-words.ts";

/** Places named in one step of the repair plan; the findings have all of them. */
const PLACES_A_STEP = 10;

/**
 * The whole report as Markdown. Sentences are put together as plain text and made Markdown line by line at the
 * end, so nothing that came from outside can become markup, wherever it stands.
 */
export function reportMarkdown(run: Run, translator: Translator): string {
  const words = plainTranslator(translator);
  const found = sortedFindings(run);
  const answer = answerIn(run);
  if (answer !== undefined) return `${answerBlocks(run, answer, found, words).join("\n\n")}\n`;
  const blocks = [
    heading(1, words.t("report.title", { goal: run.task.goal })),
    section(words.t("report.section.summary"), summaryLines(run, found, words), words),
    ...verdictBlocks(run, words),
    ...(run.packets.runHeader?.outcome === "report_with_plan" ? planBlocks(run, found, words) : []),
    heading(2, words.t("result.section.findings")),
    ...lanesInOrder(run).flatMap((laneId) => laneBlocks(run, laneId, found, words)),
    ...outputBlocks(run, words),
    ...(run.change === undefined ? [] : [section(words.t("keep.section"), changeLines(run, words, quoted), words)]),
    ...(run.waivers.length === 0
      ? []
      : [section(words.t("policy.waived.heading"), waiverLines(run, words, quoted), words)]),
    section(words.t("result.section.unchecked"), uncheckedLines(run, words), words),
    section(words.t("report.section.checks"), checkLines(run, words), words),
    section(words.t("result.section.weak"), weakCheckLines(run, words), words),
    section(words.t("result.section.chosen"), choiceLines(run, words), words),
    section(words.t("report.section.workspace"), workspaceLines(run, words, quoted), words),
    section(words.t("result.section.files"), fileLines(run, words), words),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** A query's report is its answer: every place, and what it stands on. */
function answerBlocks(
  run: Run,
  answer: NonNullable<ReturnType<typeof answerIn>>,
  found: readonly FoundItem[],
  words: Translator,
): string[] {
  const places = found.map((finding) =>
    bullet(words.t("card.labelled", { label: quoted(placeOf(finding) ?? ""), value: quoted(words.say(finding.text)) })),
  );
  return [
    heading(1, words.t("report.title", { goal: run.task.goal })),
    markdownLine(answerHeadline(answer, words)),
    ...(places.length === 0 ? [] : [places.join("\n")]),
    section(words.t("result.section.evidence"), answerEvidence(run, answer, words, quoted), words),
  ];
}

function verdictBlocks(run: Run, words: Translator): string[] {
  const verdict = verdictIn(run);
  if (verdict === undefined) return [];
  return [section(words.t("verdict.section"), [words.say(verdict.text), ...verdictLines(run, words)], words)];
}

function summaryLines(run: Run, found: readonly FoundItem[], words: Translator): string[] {
  const { intentGatePacket, verificationPacket } = run.packets;
  const open = verificationPacket?.publication.filter(({ holds }) => !holds) ?? [];
  return [
    words.t("report.summary.run", { run: quoted(run.runId), when: words.dateTime(run.startedAt) }),
    ...(intentGatePacket === undefined
      ? []
      : [words.t("report.summary.problem", { problem: intentGatePacket.coreProblem })]),
    words.t("report.summary.findings", { count: found.length }),
    ...Severity.options.flatMap((severity) => {
      const count = found.filter((finding) => finding.severity === severity).length;
      return count === 0
        ? []
        : [words.t("report.summary.severity", { severity: words.t(`severity.${severity}`), count })];
    }),
    ...(verificationPacket === undefined
      ? [words.t("report.summary.not_verified")]
      : open.length === 0
        ? [words.t("report.summary.verified")]
        : [words.t("report.summary.open", { count: open.length })]),
  ];
}

/** Steps derived from the findings, in the order of the chosen priority; what is of one kind is one step. */
function planBlocks(run: Run, found: readonly FoundItem[], words: Translator): string[] {
  const kinds = new Map<string, FoundItem[]>();
  for (const finding of found) {
    if (finding.severity === "info") continue;
    kinds.set(finding.code, [...(kinds.get(finding.code) ?? []), finding]);
  }
  const steps = [...kinds.values()].map((group, at) => {
    const [first] = group;
    if (first === undefined) return "";
    const places = group.flatMap((finding) => planPlace(finding, first, words));
    const step = words.t("report.plan.step", {
      severity: words.t(`severity.${first.severity}`),
      lane: laneName(run, first.laneId, words),
      text: words.say(first.text),
      count: group.length,
    });
    const listed = places.slice(0, PLACES_A_STEP).map((place) => `   - ${markdownLine(place)}`);
    const more = places.length - listed.length;
    const rest = more > 0 ? [`   - ${markdownLine(words.t("report.plan.more_places", { count: more }))}`] : [];
    return [`${at + 1}. ${markdownLine(step)}`, ...listed, ...rest].join("\n");
  });
  const intro = markdownLine(words.t(steps.length === 0 ? "report.plan.nothing" : "report.plan.intro"));
  return [heading(2, words.t("report.section.plan")), intro, ...(steps.length === 0 ? [] : [steps.join("\n")])];
}

/** Findings of one kind may still say different things: each is named, so that mending the first is not all. */
function planPlace(finding: FoundItem, first: FoundItem, words: Translator): string[] {
  const place = placeOf(finding);
  const text = words.say(finding.text);
  if (text === words.say(first.text)) return place === null ? [] : [quoted(place)];
  return [place === null ? text : words.t("card.labelled", { label: quoted(place), value: text })];
}

function laneBlocks(run: Run, laneId: string, found: readonly FoundItem[], words: Translator): string[] {
  const lane = run.lanes[laneId];
  const items = found.filter((finding) => finding.laneId === laneId).map((finding) => findingBlock(finding, words));
  const facts = Object.entries(resultOf(lane)?.facts ?? {}).map(([name, value]) =>
    bullet(words.t("report.fact", { name: quoted(name), value: quoted(String(value)) })),
  );
  return [
    heading(3, laneName(run, laneId, words)),
    markdownLine(laneOutcome(run, laneId, words)),
    ...(items.length === 0 ? [] : [items.join("\n")]),
    ...(facts.length === 0 ? [] : [`${markdownLine(words.t("report.facts"))}\n\n${facts.join("\n")}`]),
  ];
}

/** What declared commands printed, as indented code: no line can leave a block in which every line is indented. */
function outputBlocks(run: Run, words: Translator): string[] {
  const outputs = commandOutputs(run);
  if (outputs.length === 0) return [];
  const blocks = outputs.flatMap(({ laneId, argv, exitCode, lines }) => [
    heading(3, laneName(run, laneId, words)),
    markdownLine(evidenceLine({ kind: "command", argv: [...argv], exitCode }, words, quoted)),
    lines.length === 0
      ? markdownLine(words.t("runbook.output.none"))
      : lines.map((line) => `    ${plainText(`│${line}`).slice(1)}`).join("\n"),
  ]);
  return [heading(2, words.t("runbook.section.output")), ...blocks];
}

function findingBlock(finding: FoundItem, words: Translator): string {
  const place = placeOf(finding);
  const severity = words.t(`severity.${finding.severity}`);
  const text = words.say(finding.text);
  const first =
    place === null
      ? words.t("report.finding", { severity, text })
      : words.t("report.finding_at", { severity, text, place: quoted(place) });
  return [bullet(first), ...finding.evidence.flatMap((item) => evidenceBullets(item, words))].join("\n");
}

function evidenceBullets(item: Evidence, words: Translator): string[] {
  const said = `  ${bullet(evidenceLine(item, words, quoted))}`;
  const excerpt = item.kind === "command" || item.kind === "file" ? (item.excerpt ?? "") : "";
  return excerpt.trim() === "" ? [said] : [said, `    ${bullet(quoted(excerpt))}`];
}

function checkLines(run: Run, words: Translator): string[] {
  return latestOutcomes(run).map((outcome) =>
    words.t(outcome.passed ? "report.check.passed" : "report.check.failed", {
      lane: laneName(run, outcome.laneId, words),
      check: checkWords(run, outcome, words),
      detail: outcome.detail,
    }),
  );
}

function fileLines(run: Run, words: Translator): string[] {
  return filesOf(run).map(({ path, sha256, bytes }) =>
    words.t("result.evidence.artifact", { path: quoted(path), size: words.number(bytes), hash: quoted(sha256) }),
  );
}

function section(title: string, lines: readonly string[], words: Translator): string {
  const shown = lines.length === 0 ? [words.t("report.nothing")] : lines;
  return `${heading(2, title)}\n\n${shown.map(bullet).join("\n")}`;
}

function heading(level: 1 | 2 | 3, title: string): string {
  return `${"#".repeat(level)} ${markdownLine(title)}`;
}

function bullet(sentence: string): string {
  return `- ${markdownLine(sentence)}`;
}
