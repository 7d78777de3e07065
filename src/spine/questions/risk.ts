import { raw, type Text } from "../../contracts/text.ts";
import { keyed } from "../../i18n.ts";
import type { RunFacts } from "../run-facts.ts";
import { duration, titles } from "../wording.ts";
import { optionTexts, type QuestionDraft } from "./draft.ts";

/** Below a second in tenths: rounded up, half a limit would read as the whole. */
function halved(limitMs: number): Text {
  const tenths = Math.round(limitMs / 200);
  return tenths < 10 ? keyed("context.duration.seconds", { count: tenths / 10 }) : duration(limitMs / 2);
}

/** What workers may touch beyond reading files, and how soon they are stopped. */
export function riskQuestion(facts: RunFacts): QuestionDraft {
  const { lanes, evidence, classification } = facts;
  const network = lanes.filter(({ uses }) => uses.includes("network"));
  const code = lanes.filter(({ uses }) => uses.includes("repository_code"));
  const command = code.length === 0 ? null : (evidence.testCommand ?? evidence.buildCommand ?? null);
  const limits = lanes.map(({ lane }) => lane.timeLimitMs);
  const params = {
    count: lanes.length,
    files: evidence.trackedFiles,
    networkCount: network.length,
    network: titles(network),
    codeCount: code.length,
    code: titles(code),
    named: command === null ? "no" : "yes",
    command: raw(command?.argv.join(" ") ?? ""),
    uncommitted: evidence.uncommittedFiles,
    limit: duration(Math.max(...limits)),
    halfLimit: halved(Math.max(...limits)),
  };
  const indispensable = code.filter(({ lane }) => lane.required);
  const preferences = [
    classification.risk === "high" &&
      network.length > 0 && { option: "no_network", because: keyed("reason.risk.high", params) },
    code.length > 0 && {
      option: "isolated",
      because: keyed(command === null ? "reason.risk.code_unnamed" : "reason.risk.code", params),
    },
    network.length > 0 && { option: "isolated", because: keyed("reason.risk.network", params) },
    { option: "isolated", because: keyed("reason.risk.none", params) },
  ];
  return {
    id: "risk",
    title: keyed("question.risk"),
    options: [
      { id: "isolated", ...optionTexts("option.risk.isolated", params), effect: {} },
      { id: "no_network", ...optionTexts("option.risk.no_network", params), effect: {} },
      {
        id: "look_only",
        ...optionTexts("option.risk.look_only", params),
        effect: code.length === 0 ? {} : { excludeLanes: code.map(({ lane }) => lane.id) },
        rejectedBecause:
          indispensable.length > 0 ? keyed("reason.risk.indispensable", { names: titles(indispensable) }) : undefined,
      },
      { id: "short_leash", ...optionTexts("option.risk.short_leash", params), effect: {} },
    ],
    preferences: preferences.filter((entry) => entry !== false),
  };
}
