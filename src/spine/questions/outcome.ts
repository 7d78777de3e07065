import { raw, type Text } from "../../contracts/text.ts";
import { keyed } from "../../i18n.ts";
import { reportForbidden } from "../policy-check.ts";
import type { RunFacts } from "../run-facts.ts";
import { optionTexts, type QuestionDraft } from "./draft.ts";

/** What the person gets at the end. Only `report_in_workspace` writes into the workspace: one new file. */
export function outcomeQuestion(facts: RunFacts): QuestionDraft {
  const { evidence, lanes, readOnly } = facts;
  const count = lanes.length;
  const params = { count, files: evidence.trackedFiles, uncommitted: evidence.uncommittedFiles };
  const preferences = [
    readOnly && { option: "report_only", because: keyed("reason.outcome.read_only") },
    evidence.uncommittedFiles > 0 && { option: "report_only", because: keyed("reason.outcome.uncommitted", params) },
    count >= 3 && { option: "report_with_plan", because: keyed("reason.outcome.many", params) },
    { option: "report_only", because: keyed("reason.outcome.small", params) },
  ];
  return {
    id: "outcome",
    title: keyed("question.outcome"),
    options: [
      { id: "report_only", ...optionTexts("option.outcome.report_only", params), effect: {} },
      { id: "report_with_plan", ...optionTexts("option.outcome.report_with_plan", params), effect: {} },
      {
        id: "report_in_workspace",
        ...optionTexts("option.outcome.report_in_workspace", params),
        effect: {},
        ...(readOnly ? { rejectedBecause: keyed("reason.read_only_goal") } : forbiddenByRule(facts)),
      },
    ],
    preferences: preferences.filter((entry) => entry !== false),
  };
}

/** The report would be a new file in the workspace, so rules about paths hold for it (M6). Its name ends with the run's id. */
function forbiddenByRule({ macro, policy }: RunFacts): { rejectedBecause?: Text } {
  const name = `${macro.id}-run_00000000.md`;
  const rule = reportForbidden(policy.rules, { macroId: macro.id, tenant: "", name })?.rule;
  if (rule === undefined) return {};
  const params = { place: raw(`${rule.file}:${rule.line}`), rule: raw(rule.text) };
  return { rejectedBecause: keyed("policy.report_forbidden", params) };
}
