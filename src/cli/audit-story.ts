import { z } from "zod";
import { placeOf } from "../cards/policy-words.ts";
import type { AuditEntry } from "../contracts/audit.ts";
import { MacroOnRedrive } from "../contracts/macro.ts";
import { Work } from "../contracts/dispatch.ts";
import { PolicyVerdict } from "../contracts/policy.ts";
import { QueueTarget } from "../contracts/queue.ts";
import { Verdict } from "../contracts/verdict.ts";
import { isMessageKey, type Translator } from "../i18n.ts";

const Values = z.record(z.string(), z.json());
const Given = z.object({ answers: Values, args: Values });

/** What entries of all kinds may hold (metaagent/audit.ts, and commands of operators). */
const Detail = z.object({
  goal: z.string().optional(),
  workspace: z.string().optional(),
  macro: z.string().optional(),
  priority: z.number().optional(),
  answers: z.json().optional(),
  args: Values.optional(),
  macroOnRedrive: MacroOnRedrive.optional(),
  tenant: z.string().optional(),
  agent: z.string().optional(),
  attempt: z.number().optional(),
  work: Work.optional(),
  judgedBy: z.object({ rules: z.number(), hash: z.string() }).optional(),
  policy: z.array(PolicyVerdict).optional(),
  verdict: Verdict.shape.kind.optional(),
  about: z.string().optional(),
  cardVersion: z.number().optional(),
  proposed: Given.optional(),
  approved: Given.optional(),
  plan: z
    .array(
      z.looseObject({
        laneId: z.string(),
        ownerAgent: z.string(),
        command: z.array(z.string()).optional(),
        dependsOn: z.array(z.string()),
      }),
    )
    .optional(),
  exitCode: z.number().nullish(),
  durationMs: z.number().optional(),
  findings: z.number().optional(),
  artifacts: z.array(z.json()).optional(),
  outcome: z.json().optional(),
  commit: z.string().optional(),
  branch: z.string().optional(),
  code: z.string().optional(),
  retryAt: z.number().nullish(),
  repeatable: z.boolean().optional(),
  reason: z.string().optional(),
  command: z.string().optional(),
  path: z.string().optional(),
  language: z.string().optional(),
  target: QueueTarget.optional(),
  weight: z.number().nullish(),
});
type Detail = z.infer<typeof Detail>;

/** Tells the entries of one trail, in their order: what ended later is named as it was named when it began. */
export function createStory(words: Translator): (entry: AuditEntry) => string[] {
  const names = new Map<string, string>();
  return (entry) => {
    const parsed = Detail.safeParse(entry.detail);
    if (!parsed.success) return asKept(entry.detail, words);
    const { data: detail } = parsed;
    const { work } = detail;
    const untold = Object.entries(entry.detail).filter(([field]) => !Object.hasOwn(Detail.shape, field));
    if (entry.subject !== undefined && work !== undefined)
      names.set(entry.subject, work.kind === "stage" ? words.t("audit.name.stage") : work.laneId);
    const name = names.get(entry.subject ?? "") ?? entry.subject ?? "";
    return [
      ...asked(detail, words),
      // With an act on the queue it is only the language of the answer.
      ...(entry.what === "language.changed" && detail.language !== undefined ? [detail.language] : []),
      ...handedOut(detail, words),
      ...decided(detail, words),
      ...planned(detail, words),
      ...ended(detail, name, words),
      ...judged(detail, words),
      ...asKept(Object.fromEntries(untold), words),
    ];
  };
}

/** Nothing of an entry is left out, also where there are no words for it. */
function asKept(detail: AuditEntry["detail"], words: Translator): string[] {
  return Object.keys(detail).length === 0 ? [] : [words.say({ kind: "raw", raw: JSON.stringify(detail) })];
}

function asked(detail: Detail, words: Translator): string[] {
  const { goal, workspace, args, code, command, macroOnRedrive, reason, target, tenant = "", weight } = detail;
  return [
    ...(target === undefined ? [] : [words.t(`audit.detail.target.${target.kind}`, { name: target.name })]),
    ...(weight === undefined
      ? []
      : [words.t("audit.detail.weight", { name: tenant, weight: weight === null ? "none" : String(weight) })]),
    ...(goal === undefined ? [] : [words.t("audit.detail.task", { goal, workspace: workspace ?? "" })]),
    ...(command === undefined ? [] : [words.t("audit.detail.refused", { command: wanted(command, words) })]),
    ...(command === undefined || code === undefined ? [] : [words.t("dead_letter.code", { code })]),
    ...Object.entries(args ?? {}).map(([name, value]) => words.t("audit.detail.value", { name, value: shown(value) })),
    ...(reason === undefined ? [] : [words.t("audit.detail.reason", { reason })]),
    ...(macroOnRedrive === undefined ? [] : [words.t(`redrive.macro.${macroOnRedrive}`)]),
  ];
}

function wanted(command: string, words: Translator): string {
  const key = `auth.action.${command}`;
  return isMessageKey(key) ? words.t(key) : command;
}

function handedOut({ agent = "", attempt = 1, work, judgedBy }: Detail, words: Translator): string[] {
  if (work === undefined) return [];
  const line =
    work.kind === "stage"
      ? words.t("audit.detail.work.stage", { agent })
      : work.kind === "lane"
        ? words.t("audit.detail.work.lane", { name: work.laneId, agent, attempt })
        : words.t("audit.detail.work.check", { check: work.stepId, name: work.laneId, agent });
  const rules =
    judgedBy === undefined
      ? []
      : [words.t("audit.detail.rules", { count: judgedBy.rules, hash: judgedBy.hash.slice(0, 12) })];
  return [line, ...rules];
}

/** Which card, what was chosen on it, and what had been recommended where that is another thing. */
function decided({ cardVersion, proposed, approved }: Detail, words: Translator): string[] {
  if (approved === undefined) return [];
  const answers = Object.entries(approved.answers).map(([question, answer]) => {
    const recommended = proposed?.answers[question];
    const params = { question, answer: shown(answer) };
    return recommended === undefined || recommended === answer
      ? words.t("audit.detail.answer", params)
      : words.t("audit.detail.answer.other", { ...params, recommended: shown(recommended) });
  });
  const values = Object.entries(approved.args).flatMap(([name, value]) => {
    const before = proposed?.args[name];
    if (JSON.stringify(before) === JSON.stringify(value)) return [];
    return [words.t("audit.detail.value.other", { name, value: shown(value), proposed: shown(before ?? null) })];
  });
  const card = cardVersion === undefined ? [] : [words.t("audit.detail.card", { version: cardVersion })];
  return [...card, ...answers, ...values];
}

function planned({ plan = [] }: Detail, words: Translator): string[] {
  return plan.flatMap(({ laneId: name, ownerAgent: agent, command, dependsOn }) => [
    words.t("audit.detail.plan", { name, agent, after: dependsOn.length === 0 ? "none" : words.list(dependsOn) }),
    ...(command === undefined ? [] : [words.t("audit.detail.plan.command", { name, command: command.join(" ") })]),
  ]);
}

function ended(detail: Detail, name: string, words: Translator): string[] {
  const { durationMs, exitCode, findings = 0, artifacts = [], commit, branch, code, command, retryAt } = detail;
  const lines: string[] = [];
  if (durationMs !== undefined) {
    const params = {
      name,
      code: String(exitCode ?? "–"),
      time: words.duration(durationMs),
      findings,
      files: artifacts.length,
    };
    lines.push(words.t("audit.detail.ended", params));
  }
  if (retryAt !== undefined && code !== undefined) {
    const again = retryAt === null ? "no" : words.dateTime(retryAt);
    lines.push(words.t("audit.detail.failed", { name, code, again }));
  } else if (code !== undefined && command === undefined) lines.push(words.t("audit.detail.code", { code }));
  if (branch !== undefined) lines.push(words.t("audit.detail.branch", { branch, commit: commit ?? "" }));
  else if (commit !== undefined) lines.push(words.t("audit.detail.commit", { commit }));
  return lines;
}

function judged({ policy = [], verdict }: Detail, words: Translator): string[] {
  const rules = policy.map(({ rule, outcome, subject }) =>
    words.t("audit.detail.rule", {
      place: placeOf(rule),
      rule: rule.text,
      outcome: words.t(`policy.verdict.${outcome}`),
      subject,
    }),
  );
  return verdict === undefined ? rules : [...rules, words.t("audit.detail.verdict", { verdict })];
}

function shown(value: z.core.util.JSONType): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
