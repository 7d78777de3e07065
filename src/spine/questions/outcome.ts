import { keyed } from "../../i18n.ts";
import type { RunFacts } from "../run-facts.ts";
import { optionTexts, type QuestionDraft } from "./draft.ts";

/** What the person gets at the end. Only `report_in_workspace` writes into the workspace: one new file. */
export function outcomeQuestion({ evidence, lanes, readOnly }: RunFacts): QuestionDraft {
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
        ...(readOnly ? { rejectedBecause: keyed("reason.read_only_goal") } : {}),
      },
    ],
    preferences: preferences.filter((entry) => entry !== false),
  };
}
