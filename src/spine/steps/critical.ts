import { basename } from "node:path/posix";
import type { GovernanceAgent } from "../../contracts/agent.ts";
import type { Macro } from "../../contracts/macro.ts";
import type { IntentGatePacket, PreflightPacket, TaskClassification } from "../../contracts/packets/critical.ts";
import type { Text } from "../../contracts/text.ts";
import { keyed, translatorFor } from "../../i18n.ts";
import { choosePath } from "../../governance/conductor.ts";
import { consult, openSession, type ConsultSession } from "../../governance/consult.ts";
import { memoryLines } from "../../governance/librarian.ts";
import { riskOf, scopeOf, secretArguments } from "../../governance/sentinel.ts";
import { AGENT_CARD_LAYER } from "../../governance/scout.ts";
import { judgeClassification } from "../../governance/warden.ts";
import { validateArguments } from "../arguments.ts";
import { clarificationFor } from "../clarification.ts";
import { goalLine, readIntent, type Intent } from "../classification.ts";
import { goAheadWords } from "../go-ahead.ts";
import {
  changeVerb,
  holdsPhrase,
  META_ARCHITECTURE_PHRASES,
  phrasesIn,
  READ_ONLY_PHRASES,
  RISK_PHRASES,
} from "../goal-words.ts";
import { isQuery, soughtText } from "../query.ts";
import { localized, refusalOf } from "../refusals.ts";
import { researchNeed, unmetResearch } from "../research.ts";
import type { StepInput, StepResult } from "../step.ts";

/**
 * Critical: what is wanted, is it clear, and can it be done here (G9, G11, G13, G14, G18, G35, G36, G38)?
 * Ends in a classified task, in one blocking question, or in an honest refusal.
 */
export function criticalStep(input: StepInput): StepResult<"critical.completed"> {
  const { run, catalog } = input;
  const session = openSession("critical", input.at);
  const intent = readIntent(run, catalog.macros);
  const macro = intent.kind === "macro" ? intent.macro : undefined;
  const classification = classify(input, intent, session);
  consult(
    session,
    "meta-warden",
    "judge the classification",
    () => judgeClassification(classification),
    (verdict) => !verdict.passed,
  );
  const refusal =
    refusalOf(intent, catalog.macros) ?? (macro === undefined ? undefined : refusalFor(input, macro, session));
  const clarification = intent.kind === "unclear" ? clarificationFor(run, intent, catalog.macros, input.at) : undefined;
  const blocked =
    clarification !== undefined ? "which procedure is meant is not clear" : refusal === undefined ? null : "refused";
  return {
    kind: "critical.completed",
    invocations: session.invocations,
    packets: {
      taskClassification: classification,
      intentGatePacket: intentOf(input, intent, classification),
      preflightPacket: preflight(input, macro, classification, session, blocked),
    },
    path: classification.path,
    queryBypass: isQuery(macro),
    ...(clarification === undefined ? {} : { clarification }),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

function classify(input: StepInput, intent: Intent, session: ConsultSession): TaskClassification {
  const { goal } = input.run.task;
  const named = intent.kind === "macro" ? phrasesIn(goal, intent.macro.triggers.phrases) : [];
  // The procedure's own name is no warning: its risk is what the macro says.
  const warnings = phrasesIn(goal, RISK_PHRASES).filter((word) => !named.some((phrase) => holdsPhrase(phrase, word)));
  const architecture = phrasesIn(goal, META_ARCHITECTURE_PHRASES).length > 0 ? "meta" : "project";
  const readOnlyRequested = phrasesIn(goal, READ_ONLY_PHRASES).length > 0;
  const shared = { architecture, readOnlyRequested } as const;
  if (intent.kind !== "macro") {
    const type = intent.kind === "other_type" ? intent.type : "C";
    const query = intent.kind === "run_query" || intent.kind === "question";
    const risk = warnings.length > 0 ? "high" : "low";
    const triggerReasons = intent.reasons;
    return {
      ...shared,
      type,
      taskClass: query ? "query" : "standard",
      path: "regulated_path",
      risk,
      macroId: null,
      triggerReasons,
    };
  }
  const { macro } = intent;
  const choice = consult(session, "meta-conductor", "choose the path", () => choosePath(macro, warnings));
  const risk = isQuery(macro)
    ? macro.risk
    : safetyMatters(macro, warnings, readOnlyRequested)
      ? consult(session, "meta-sentinel", "judge the risk", () => riskOf(macro.risk, macro.lanes, warnings.length > 0))
      : macro.risk;
  return {
    ...shared,
    type: macro.type,
    taskClass: isQuery(macro)
      ? "query"
      : choice.path === "regulated_path" || macro.lanes.length > 3
        ? "complex"
        : "standard",
    path: choice.path,
    risk,
    macroId: macro.id,
    triggerReasons: [...intent.reasons, ...choice.escalatedBecause.map((why) => `higher path: ${why}`)],
  };
}

function safetyMatters(macro: Macro, warnings: readonly string[], readOnly: boolean): boolean {
  return readOnly || warnings.length > 0 || macro.lanes.some((lane) => lane.uses.length + lane.writes.length > 0);
}

/** Reasons to refuse a procedure that is clearly meant: outside facts, arguments, secrets. */
function refusalFor(input: StepInput, macro: Macro, session: ConsultSession): Text | undefined {
  const { task } = input.run;
  const sought = isQuery(macro) ? soughtText(task) : undefined;
  if (isQuery(macro) && sought === undefined) return keyed("query.refused.no_text");
  const given = {
    ...task.args,
    ...task.presetArgs,
    ...input.run.redriveArgs,
    ...(sought === undefined ? {} : { text: sought }),
  };
  const secrets =
    Object.keys(given).length === 0
      ? []
      : consult(session, "meta-sentinel", "look for secrets in the arguments", () => secretArguments(given));
  if (secrets.length > 0) return keyed("refusal.secret_argument", { names: secrets.join(", "), count: secrets.length });
  const verdict = validateArguments(macro, given);
  if (!verdict.ok) return keyed("refusal.arguments", { problems: verdict.problems, count: verdict.problems.length });
  const unmet = unmetResearch(researchNeed(task.goal, macro));
  if (unmet.length > 0) return keyed("refusal.research", { phrases: unmet.join(", ") });
  return undefined;
}

function intentOf(input: StepInput, intent: Intent, classification: TaskClassification): IntentGatePacket {
  const { task, language } = input.run;
  const goal = goalLine(task.goal);
  const words = translatorFor(language.language);
  const folder = basename(task.workspace);
  const assumptions = assumptionsOf(input, intent, classification);
  const macro = intent.kind === "macro" ? intent.macro : undefined;
  return {
    coreProblem:
      macro === undefined
        ? words.t("core_problem.open", { folder, goal })
        : words.t("core_problem", { title: localized(macro.title), folder, goal }),
    wanted: goal,
    deliverable: macro?.description.en ?? "none yet",
    defaultAssumptions: assumptions,
    clarity: intent.kind === "unclear" ? "blocked" : assumptions.length > 0 ? "assumed" : "clear",
    blockingQuestion: intent.kind === "unclear" ? "Which procedure is meant?" : null,
  };
}

function assumptionsOf(input: StepInput, intent: Intent, classification: TaskClassification): string[] {
  const { goal } = input.run.task;
  if (intent.kind === "macro" && isQuery(intent.macro)) return [];
  const goAhead = goAheadWords(goal);
  const verb = intent.kind === "macro" ? changeVerb(goal) : undefined;
  return [
    classification.readOnlyRequested && "the goal forbids changes, so nothing is written into the workspace",
    goAhead !== undefined && `the goal waives the confirmation ("${goAhead}")`,
    verb !== undefined && `the goal asks to "${verb}"; the procedure was named explicitly, so it is followed as it is`,
  ].filter((line) => line !== false);
}

function preflight(
  input: StepInput,
  macro: Macro | undefined,
  classification: TaskClassification,
  session: ConsultSession,
  blockedReason: string | null,
): PreflightPacket {
  const { task } = input.run;
  const lanes = macro?.lanes ?? [];
  const scope = consult(session, "meta-sentinel", "set read and write scope", () =>
    scopeOf(task.workspace, lanes, false),
  );
  if (macro !== undefined && hasMemory(input, macro)) {
    consult(session, "meta-librarian", "recall earlier runs", () =>
      memoryLines(macro.id, macro.lanes, input.costs, input.scars),
    );
  }
  const attended = task.answers === "ask" && goAheadWords(task.goal) === undefined;
  return {
    type: classification.type,
    mode: attended ? "attended" : "unattended",
    ...scope,
    capabilityLookupPath: [
      ...input.catalog.capabilityLayers.map(({ layer }) => layer),
      "capability indexes of the workspace",
      AGENT_CARD_LAYER,
    ],
    plannedAgents: blockedReason === null ? [...(isQuery(macro) ? PLANNED_FOR_QUERY : PLANNED)] : [],
    blockedReason,
  };
}

/** Who coordinates what follows; who executes is only known after Fetch. */
const PLANNED: readonly GovernanceAgent[] = [
  "meta-conductor",
  "meta-scout",
  "meta-artisan",
  "meta-librarian",
  "meta-genesis",
  "meta-sentinel",
  "meta-prism",
  "meta-warden",
];

const PLANNED_FOR_QUERY: readonly GovernanceAgent[] = [
  "meta-conductor",
  "meta-scout",
  "meta-artisan",
  "meta-sentinel",
  "meta-prism",
  "meta-warden",
  "meta-chrysalis",
];

function hasMemory(input: StepInput, macro: Macro): boolean {
  return macro.lanes.some((lane) => `${macro.id}/${lane.id}` in input.costs) || input.scars.length > 0;
}
