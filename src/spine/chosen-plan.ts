import { argumentsInForce } from "../commands/arguments-in-force.ts";
import type { Answers, Question } from "../contracts/decision.ts";
import type { ArgumentValue } from "../contracts/macro-argument.ts";
import type { OptionEffect } from "../contracts/macro.ts";
import type { RunHeader } from "../contracts/packets/thinking.ts";
import type { Treatments } from "../contracts/verdict.ts";
import { orderLanes } from "../governance/conductor.ts";
import type { Use } from "../governance/sentinel.ts";
import { isOnlyByName, type PracticalLane } from "./practical-lanes.ts";
import { laneArgument, type RunFacts } from "./run-facts.ts";

/** Option ids of the standard questions (G7). They do not depend on language or workspace. */
export interface StandardAnswers {
  readonly outcome: RunHeader["outcome"];
  readonly scope: "everything" | "essential" | "quick" | "own_selection";
  readonly style: "parallel" | "one_at_a_time" | "light_first" | "no_repeats" | "second_chance";
  readonly risk: "isolated" | "no_network" | "look_only" | "short_leash";
  readonly priority: "risk_first" | "quick_first" | "thorough";
}

/** What holds where a standard question is not asked. None of these is ever rejected. */
export const BASELINE = {
  outcome: "report_only",
  scope: "everything",
  style: "parallel",
  risk: "isolated",
  priority: "risk_first",
} as const satisfies StandardAnswers;

/** An answer with the effect that the card showed for it. */
export interface Choice {
  readonly question: string;
  readonly option: string;
  readonly effect: OptionEffect;
}

/** Each answer with the effect that the card showed, not one that was made anew. */
export function choicesOf(questions: readonly Question[], answers: Answers): Choice[] {
  return questions.flatMap((question) => {
    const option = question.options.find((candidate) => candidate.id === answers[question.id]);
    return option === undefined ? [] : [{ question: question.id, option: option.id, effect: option.effect }];
  });
}

export interface PlannedLane {
  readonly laneId: string;
  readonly practical: PracticalLane;
  readonly dependsOn: string[];
  readonly expectedMs: number;
  readonly uses: Use[];
  readonly timeLimitMs: number;
  readonly maxAttempts: number;
}

/** What is executed: every answer has its place in here. */
export interface ChosenPlan {
  readonly outcome: RunHeader["outcome"];
  readonly priority: StandardAnswers["priority"];
  /** In the order in which they are handed out. */
  readonly lanes: PlannedLane[];
  readonly concurrency: number;
  readonly args: Record<string, ArgumentValue>;
  /** What findings mean for the verdict; a later answer wins over an earlier one. */
  readonly treats: Treatments;
}

/** More workers than this on one workspace slow one another down. */
const MAX_PARALLEL_LANES = 4;
const LONGEST_LIMIT_MS = 6 * 3600_000;
/** Half of the least that a macro may say: a short leash has to be shorter, or it would be no choice. */
const SHORTEST_LIMIT_MS = 500;

/**
 * Applies answers to the practical lanes. `editedArgs` are the arguments that the person changed: they win over
 * what an option sets. May leave no lane; the caller decides what that means.
 */
export function applyChoices(
  facts: RunFacts,
  choices: readonly Choice[],
  editedArgs: Readonly<Record<string, ArgumentValue>>,
): ChosenPlan {
  const answered = { ...standardAnswers(choices), scope: scopeHeld(facts.macro, choices, editedArgs) };
  const set = choices.map((choice) => choice.effect.setArgs ?? {});
  const args = argumentsInForce(facts.args, set, editedArgs);
  const kept = selectLanes(facts, choices, answered.scope, args);
  const limited = kept.map((practical) => limitLane(practical, answered));
  const inStyle = answered.style === "light_first" ? lightFirst(limited) : limited;
  const width = answered.style === "one_at_a_time" ? 1 : MAX_PARALLEL_LANES;
  return {
    outcome: answered.outcome,
    priority: answered.priority,
    lanes: inOrder(inStyle, answered.priority),
    concurrency: Math.max(1, Math.min(width, inStyle.length)),
    args,
    treats: Object.assign({}, ...choices.map((choice) => choice.effect.treats ?? {})),
  };
}

/** Where no scope was asked for, a selection that the person made is the scope: nothing else could go by it. */
export function scopeHeld(
  macro: RunFacts["macro"],
  choices: readonly Pick<Choice, "question" | "option">[],
  editedArgs: Readonly<Record<string, ArgumentValue>>,
): StandardAnswers["scope"] {
  const isAsked = choices.some(({ question }) => question === "scope");
  const own = laneArgument(macro);
  return !isAsked && own !== undefined && own in editedArgs ? "own_selection" : standardAnswers(choices).scope;
}

/** These lanes, and all that work on them cannot do without. */
export function lanesNeededFor({ macro, lanes }: RunFacts, ids: readonly string[]): Set<string> {
  const required = macro.lanes.filter((lane) => lane.required).map((lane) => lane.id);
  return withPredecessors(new Map(lanes.map((practical) => [practical.lane.id, practical])), [...ids, ...required]);
}

function standardAnswers(choices: readonly Pick<Choice, "question" | "option">[]): StandardAnswers {
  const given = Object.fromEntries(choices.map((choice) => [choice.question, choice.option]));
  return { ...BASELINE, ...given };
}

function selectLanes(
  { macro, lanes }: RunFacts,
  choices: readonly Choice[],
  scope: StandardAnswers["scope"],
  args: Readonly<Record<string, ArgumentValue>>,
): PracticalLane[] {
  const byId = new Map(lanes.map((practical) => [practical.lane.id, practical]));
  const required = withPredecessors(
    byId,
    macro.lanes.filter((lane) => lane.required).map((lane) => lane.id),
  );
  const excluded = new Set(choices.flatMap((choice) => choice.effect.excludeLanes ?? []));
  const blocked = (id: string): boolean =>
    !required.has(id) && (excluded.has(id) || (byId.get(id)?.lane.dependsOn ?? []).some(blocked));

  const own = args[laneArgument(macro) ?? ""];
  const scoped = choices.find((choice) => choice.question === "scope")?.effect.includeLanes;
  const base =
    scope === "own_selection" && Array.isArray(own)
      ? own
      : (scoped ?? lanes.filter((practical) => !isOnlyByName(practical)).map(({ lane }) => lane.id));
  const added = choices.flatMap((choice) => (choice.question === "scope" ? [] : (choice.effect.includeLanes ?? [])));
  const wanted = [...base, ...added].filter((id) => byId.has(id) && !blocked(id));
  const kept = withPredecessors(byId, [...wanted, ...required]);
  return lanes.filter((practical) => kept.has(practical.lane.id));
}

/** The lanes, and all that must have succeeded before them. */
function withPredecessors(byId: ReadonlyMap<string, PracticalLane>, ids: readonly string[]): Set<string> {
  const all = new Set<string>();
  const add = (id: string): void => {
    const practical = byId.get(id);
    if (practical === undefined || all.has(id)) return;
    all.add(id);
    practical.lane.dependsOn.forEach(add);
  };
  ids.forEach(add);
  return all;
}

/** How long a part may take, after what was answered. */
export function limitAfter(
  timeLimitMs: number,
  answered: { readonly risk?: string | undefined; readonly priority?: string | undefined },
): number {
  const factor = (answered.risk === "short_leash" ? 0.5 : 1) * (answered.priority === "thorough" ? 2 : 1);
  return Math.min(LONGEST_LIMIT_MS, Math.max(SHORTEST_LIMIT_MS, Math.round(timeLimitMs * factor)));
}

function limitLane(practical: PracticalLane, answered: StandardAnswers): PlannedLane {
  const { lane } = practical;
  const extra = (answered.priority === "thorough" ? 1 : 0) + (answered.style === "second_chance" ? 1 : 0);
  return {
    laneId: lane.id,
    practical,
    dependsOn: [...lane.dependsOn],
    expectedMs: practical.expectedMs,
    uses: practical.uses.filter(
      (use) => use !== "network" || (answered.risk !== "no_network" && answered.risk !== "look_only"),
    ),
    timeLimitMs: limitAfter(lane.timeLimitMs, answered),
    maxAttempts: answered.style === "no_repeats" ? 1 : 1 + practical.retries + extra,
  };
}

/** Ids of the lanes that take clearly longer than the others, and of those that wait for them. */
export function heavyLanes(lanes: readonly PracticalLane[]): string[] {
  const mean = lanes.reduce((sum, practical) => sum + practical.expectedMs, 0) / Math.max(1, lanes.length);
  const heavy = new Set(lanes.filter((practical) => practical.expectedMs > mean).map(({ lane }) => lane.id));
  for (;;) {
    const next = lanes.find(({ lane }) => !heavy.has(lane.id) && lane.dependsOn.some((id) => heavy.has(id)));
    if (next === undefined) return [...heavy];
    heavy.add(next.lane.id);
  }
}

/** Heavy lanes wait for all light ones, so that the light results are there first. */
function lightFirst(lanes: readonly PlannedLane[]): PlannedLane[] {
  const heavy = new Set(heavyLanes(lanes.map((lane) => lane.practical)));
  const light = lanes.filter((lane) => !heavy.has(lane.laneId)).map((lane) => lane.laneId);
  return lanes.map((lane) =>
    heavy.has(lane.laneId) ? { ...lane, dependsOn: [...new Set([...lane.dependsOn, ...light])] } : lane,
  );
}

/** What can hurt most comes first: secrets and access, then what the repository's own checks say. */
const RISK_ORDER: Record<string, number> = { security: 0, test: 1, backend: 2, data: 2, operations: 3 };

function inOrder(lanes: readonly PlannedLane[], priority: StandardAnswers["priority"]): PlannedLane[] {
  switch (priority) {
    case "risk_first":
      return orderLanes(lanes, (lane) => RISK_ORDER[lane.practical.lane.role] ?? 4);
    case "quick_first":
      return orderLanes(lanes, (lane) => lane.expectedMs);
    case "thorough":
      return orderLanes(lanes, (lane) => lanes.indexOf(lane));
  }
}

/** A plan in a form that can be compared: two options with the same signature are one option (G7). */
export function signatureOf(plan: ChosenPlan): string {
  return JSON.stringify({
    ...plan,
    lanes: plan.lanes.map(({ laneId, dependsOn, uses, timeLimitMs, maxAttempts }) => ({
      laneId,
      dependsOn: dependsOn.toSorted(),
      uses,
      timeLimitMs,
      maxAttempts,
    })),
  });
}
