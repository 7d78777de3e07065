import { changedValuesOf } from "../../../src/cards/changed-values.ts";
import { doneBy, trailState, whatHappened } from "../../../src/commands/audit-words.ts";
import { z } from "zod";
import type { AuditEntry, AuditVerdict } from "../../../src/contracts/audit.ts";
import { Answers, type Decision } from "../../../src/contracts/decision.ts";
import type { Run } from "../../../src/contracts/run.ts";
import { stageOf } from "../../../src/contracts/stage.ts";
import { isMessageKey, type Translator } from "../../../src/i18n.ts";
import { shorten, plainText } from "../../../src/plain-text.ts";
import type { Scene } from "../form.ts";
import type { PageParts } from "../layout.ts";
import { view, type Markup } from "../markup.ts";
import { clock, codeWords } from "./parts.ts";

export interface AuditContent {
  readonly run: Run;
  /** Lanes as people read them. */
  readonly names: ReadonlyMap<string, string>;
  readonly audit: AuditVerdict;
  /** The entries also as they were written, by their own names. */
  readonly trace: boolean;
}

/** What of an entry's details is worth a word in the story; the rest stands in the trace. */
const Told = z.object({
  agent: z.string().optional().catch(undefined),
  attempt: z.number().optional().catch(undefined),
  judgedBy: z.object({ rules: z.number() }).optional().catch(undefined),
  exitCode: z.number().nullable().optional().catch(undefined),
  durationMs: z.number().optional().catch(undefined),
  findings: z.number().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  command: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  branch: z.string().optional().catch(undefined),
  approved: z
    .object({ answers: Answers, args: z.object({ reason: z.string().optional() }) })
    .optional()
    .catch(undefined),
});

/** Who did what in a run and when, as a story from its start, and whether the trail is whole. */
export function auditPage({ run, names, audit, trace }: AuditContent, scene: Scene): PageParts {
  const { words } = scene.viewer;
  const { runId, task } = run;
  const here = `/runs/${runId}`;
  const title = words.t("web.audit.title");
  const isWhole = audit.fault === undefined && audit.entries.length > 0;
  const entries = audit.entries.map((entry) => entryBlock(entry, { run, names, trace }, words));
  return {
    title: `${title}: ${shorten(plainText(task.goal), 80)}`,
    topics: [`run:${runId}`],
    body: view`<p class="crumb"><a href="${here}">${words.t("web.card.run_page")}</a></p>
    <h1>${title}</h1>
    <p>${task.goal}</p>
    <p id="chain" data-live class="${isWhole ? "assurance" : "note refused"}">${isWhole && audit.mendable === 0 ? words.t("web.audit.whole", { count: audit.entries.length }) : trailState(runId, audit, words)}</p>
    <p class="links">${trace ? view`<a href="${here}/audit">${words.t("web.audit.trace_off")}</a>` : view`<a href="${here}/audit?trace=1">${words.t("web.audit.trace_on")}</a>`}</p>
    <ol class="story" id="story" data-live>${entries}</ol>`,
  };
}

function entryBlock(entry: AuditEntry, about: Omit<AuditContent, "audit">, words: Translator): Markup {
  const what = whatHappened(entry, words);
  const who = doneBy(entry);
  const facts = factsOf(entry, about, words);
  const choices = choicesOf(entry, about.run, words);
  return view`<li data-key="${String(entry.number)}"><p class="muted">${entry.number}. ${clock(entry.at, words)} <span class="after">+ ${words.duration(entry.at - about.run.startedAt)}</span></p>
    <div><p>${who === undefined ? what : words.t("web.audit.by", { what, who })}${facts.length === 0 ? "" : view` <span class="muted">${facts.join(" · ")}</span>`}${codeMark(entry)}</p>
    ${choices.length === 0 ? "" : view`<ul>${choices.map((line) => view`<li>${line}</li>`)}</ul>`}
    ${about.trace ? view`<pre class="excerpt" tabindex="0" aria-label="${words.t("web.audit.entry", { number: entry.number })}">${JSON.stringify(entry, null, 2)}</pre>` : ""}</div></li>`;
}

/** For those who search for it; what it means is said before it. */
function codeMark({ detail }: AuditEntry): Markup | string {
  const { code } = Told.parse(detail);
  return code === undefined ? "" : view` <code class="muted">${code}</code>`;
}

function factsOf(entry: AuditEntry, { run, names }: Omit<AuditContent, "audit">, words: Translator): string[] {
  const told = Told.parse(entry.detail);
  const { agent, attempt, judgedBy, exitCode, durationMs, findings, code, command, branch } = told;
  const reason = told.reason ?? told.approved?.args.reason;
  const work = workName(run, names, entry, words);
  const asked = `auth.action.${command ?? ""}`;
  return [
    ...(work === undefined ? [] : [work]),
    ...(agent === undefined ? [] : [words.t("web.timeline.detail", { agent, attempt: attempt ?? 1 })]),
    ...(judgedBy === undefined || judgedBy.rules === 0 ? [] : [words.t("web.audit.rules", { count: judgedBy.rules })]),
    ...(durationMs === undefined || findings === undefined
      ? []
      : [words.t("notice.worker.succeeded", { duration: words.duration(durationMs), findings })]),
    ...(exitCode === undefined || exitCode === null ? [] : [words.t("web.audit.exit", { code: String(exitCode) })]),
    ...(command === undefined ? [] : [isMessageKey(asked) ? words.t(asked) : command]),
    ...(code === undefined ? [] : [codeWords(code, words) ?? words.t("dead_letter.code", { code })]),
    ...(branch === undefined ? [] : [words.t("web.audit.branch", { branch })]),
    ...(reason === undefined ? [] : [words.t("web.audit.reason", { reason })]),
  ];
}

/** The part of the work that an entry is about, where it is about one. */
function workName(
  { dispatches }: Run,
  names: ReadonlyMap<string, string>,
  { what, subject }: AuditEntry,
  words: Translator,
): string | undefined {
  const work = dispatches.find(({ dispatchId }) => dispatchId === subject)?.work;
  if (work === undefined) return undefined;
  if (work.kind === "stage") {
    // What a stage brings about is told under its own name.
    if (!what.startsWith("dispatch.")) return undefined;
    const { step } = work;
    return stageOf(step === "thinking_frame" || step === "thinking_plan" ? "thinking" : step).label;
  }
  const lane = names.get(work.laneId) ?? work.laneId;
  return work.kind === "check" ? words.t("web.timeline.check", { lane }) : lane;
}

/** What was chosen, question by question, in the words of the card. */
function choicesOf({ detail, subject }: AuditEntry, run: Run, words: Translator): string[] {
  const { approved } = Told.parse(detail);
  const decision = run.decisions.find(({ decisionId }) => decisionId === subject);
  if (approved === undefined || decision === undefined) return [];
  const chosen = decision.questions.flatMap((question) => {
    const option = chosenIn(question, approved.answers[question.id]);
    return option === undefined ? [] : [{ label: words.say(question.title), value: words.say(option.label) }];
  });
  return [...chosen, ...changedValuesOf(run, decision, words)].map((each) => words.t("card.labelled", each));
}

function chosenIn({ options }: Decision["questions"][number], id: string | undefined) {
  return options.find((option) => option.id === id);
}
