import { keyed } from "../../i18n.ts";
import type { RunFacts } from "../run-facts.ts";
import { duration, quickest, slowest, titles } from "../wording.ts";
import { optionTexts, type QuestionDraft } from "./draft.ts";

const MANY_FILES = 2000;
const FEW_FILES = 100;

/** What comes first: order of the work and of the findings, and how much time it gets. */
export function priorityQuestion({ lanes, evidence }: RunFacts): QuestionDraft {
  const security = lanes.filter(({ lane }) => lane.role === "security");
  const [longest] = slowest(lanes);
  const params = {
    count: lanes.length,
    files: evidence.trackedFiles,
    commits: evidence.history.commits,
    security: titles(security),
    quickest: titles(quickest(lanes)),
    quickestTime: duration(quickest(lanes)[0]?.expectedMs ?? 0),
    slowest: titles(slowest(lanes)),
    limit: duration(longest?.lane.timeLimitMs ?? 0),
    doubleLimit: duration(2 * (longest?.lane.timeLimitMs ?? 0)),
  };
  const preferences = [
    security.length > 0 && { option: "risk_first", because: keyed("reason.priority.security", params) },
    evidence.trackedFiles > MANY_FILES && { option: "quick_first", because: keyed("reason.priority.large", params) },
    evidence.trackedFiles < FEW_FILES && { option: "thorough", because: keyed("reason.priority.small", params) },
    { option: "risk_first", because: keyed("reason.priority.general", params) },
  ];
  return {
    id: "priority",
    title: keyed("question.priority"),
    options: [
      { id: "risk_first", ...optionTexts("option.priority.risk_first", params), effect: {} },
      { id: "quick_first", ...optionTexts("option.priority.quick_first", params), effect: {} },
      { id: "thorough", ...optionTexts("option.priority.thorough", params), effect: {} },
    ],
    preferences: preferences.filter((entry) => entry !== false),
  };
}
