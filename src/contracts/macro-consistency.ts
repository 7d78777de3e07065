import type { Macro, MacroLane, MacroQuestion, OptionEffect } from "./macro.ts";
import type { Treatments } from "./verdict.ts";
import { DECLARED_COMMAND } from "./verify-step.ts";

/** A place of a macro that does not go together with the rest of it. */
interface Inconsistency {
  readonly path: (string | number)[];
  readonly message: string;
}

/** How many of its own questions a macro may ask at once: with outcome and risk they fill a card of six (G7). */
export const OWN_QUESTIONS_AT_ONCE = 4;

/** Ids of the questions that every confirmation asks (G7). */
const STANDARD_QUESTIONS = ["outcome", "scope", "style", "risk", "priority"] as const;

/** What no field of a macro can say by itself: whether its parts fit one another. */
export function inconsistencies(macro: Macro): Inconsistency[] {
  return [...laneProblems(macro), ...queryProblems(macro), ...questionProblems(macro), ...verdictProblems(macro)];
}

function laneProblems({ lanes, query }: Macro): Inconsistency[] {
  const ids = idsOf(lanes);
  const cyclic = firstCyclicLane(lanes);
  return [
    ...(ids.size === lanes.length ? [] : [problem(["lanes"], "two lanes have the same id")]),
    ...(query === undefined && lanes.length === 0 ? [problem(["lanes"], "expected at least one lane")] : []),
    ...lanes.flatMap(({ dependsOn }, at) =>
      dependsOn.flatMap((id, n) =>
        ids.has(id)
          ? []
          : [problem(["lanes", at, "dependsOn", n], `no lane is called "${id}" (lanes: ${[...ids].join(", ")})`)],
      ),
    ),
    ...(cyclic === undefined
      ? []
      : [problem(["lanes", cyclic, "dependsOn"], "this lane waits for itself, directly or through others")]),
    ...lanes.flatMap((lane, at) => [...needProblems(lane, at), ...keepProblems(lanes, lane, at)]),
  ];
}

function needProblems({ command, need }: MacroLane, at: number): Inconsistency[] {
  if (command === undefined && need === DECLARED_COMMAND)
    return [problem(["lanes", at], "expected a need (the capability that the lane looks for) or a command")];
  if (command !== undefined && need !== DECLARED_COMMAND)
    return [problem(["lanes", at, "need"], "a lane with a command looks for no other capability; leave the need out")];
  return [];
}

function keepProblems(lanes: readonly MacroLane[], { keeps, writes }: MacroLane, at: number): Inconsistency[] {
  if (keeps === undefined) return [];
  const path = ["lanes", at, "keeps"];
  const isFirst = lanes.findIndex((other) => other.keeps !== undefined) === at;
  return [
    ...(writes.length > 0
      ? []
      : [problem(path, "a lane that keeps its changes says in `writes` which files they may be")]),
    ...(isFirst ? [] : [problem(path, "only one lane of a macro may keep its changes: a run makes one branch")]),
  ];
}

function queryProblems({ query, lanes, questions, path, risk, args }: Macro): Inconsistency[] {
  if (query === undefined) return [];
  return [
    ...(lanes.length + questions.length === 0
      ? []
      : [problem(["query"], "a query is answered by reading: it has no lanes and asks nothing")]),
    ...(path === "fast_path" && risk === "low"
      ? []
      : [problem(["query"], "a query walks the fast_path, and its risk is low")]),
    ...(args["text"]?.type === "string"
      ? []
      : [problem(["args"], 'a query for a text has an argument "text" of type string')]),
  ];
}

function questionProblems(macro: Macro): Inconsistency[] {
  const together = mostAskedAtOnce(macro.questions);
  const tooMany = `at most ${OWN_QUESTIONS_AT_ONCE} questions may be asked at once, ${together.length} can be (${together.join(", ")}); let their conditions exclude one another`;
  return [
    ...(together.length > OWN_QUESTIONS_AT_ONCE ? [problem(["questions"], tooMany)] : []),
    ...macro.questions.flatMap(({ id, options }, at) => [
      ...(STANDARD_QUESTIONS.some((standard) => standard === id)
        ? [
            problem(
              ["questions", at, "id"],
              `"${id}" is asked anyway; ids of your own: not ${STANDARD_QUESTIONS.join(", ")}`,
            ),
          ]
        : []),
      ...options.flatMap(({ effect }, n) => effectProblems(macro, effect, ["questions", at, "options", n, "effect"])),
      ...(new Set(options.map(({ effect }) => JSON.stringify(effect))).size === options.length
        ? []
        : [problem(["questions", at, "options"], "two options change the same, so they are one option")]),
    ]),
  ];
}

function effectProblems({ lanes, args }: Macro, effect: OptionEffect, path: Inconsistency["path"]): Inconsistency[] {
  const { includeLanes = [], excludeLanes = [], setArgs = {} } = effect;
  const ids = idsOf(lanes);
  return [
    ...[...includeLanes, ...excludeLanes]
      .filter((id) => !ids.has(id))
      .map((id) => problem(path, `no lane is called "${id}"`)),
    ...Object.keys(setArgs)
      .filter((id) => !Object.hasOwn(args, id))
      .map((id) => problem([...path, "setArgs"], `no argument is called "${id}"`)),
  ];
}

/** What its verdict, and each option, says of findings. */
function verdictProblems(macro: Macro): Inconsistency[] {
  return [
    ...treatProblems(macro, macro.verdict?.treats, ["verdict", "treats"]),
    ...macro.questions.flatMap(({ options }, at) =>
      options.flatMap(({ effect }, n) =>
        treatProblems(macro, effect.treats, ["questions", at, "options", n, "effect", "treats"]),
      ),
    ),
  ];
}

function treatProblems(
  { verdict, lanes }: Macro,
  treats: Treatments | undefined,
  path: Inconsistency["path"],
): Inconsistency[] {
  const ids = idsOf(lanes);
  const names = Object.keys(treats ?? {});
  return [
    ...(verdict === undefined && names.length > 0
      ? [problem(path, "treats something for a verdict, and the macro has none")]
      : []),
    ...names
      .filter((name) => !name.includes(".") && !ids.has(name))
      .map((name) => problem([...path, name], `no lane is called "${name}"`)),
  ];
}

function problem(path: Inconsistency["path"], message: string): Inconsistency {
  return { path, message };
}

function idsOf(lanes: readonly MacroLane[]): ReadonlySet<string> {
  return new Set(lanes.map(({ id }) => id));
}

/** Ids of the most questions whose conditions can hold on one workspace: none of them wants what another refuses. */
function mostAskedAtOnce(questions: readonly MacroQuestion[]): string[] {
  const compatible = ({ when: a }: MacroQuestion, { when: b }: MacroQuestion): boolean => {
    const other = new Map<string, unknown>(Object.entries(b));
    return Object.entries(a).every(([name, wanted]) => {
      const theirs = other.get(name);
      return typeof wanted !== "boolean" || typeof theirs !== "boolean" || theirs === wanted;
    });
  };
  const largest = (chosen: readonly MacroQuestion[], rest: readonly MacroQuestion[]): readonly MacroQuestion[] =>
    rest.reduce((best, question, at) => {
      const found = largest(
        [...chosen, question],
        rest.slice(at + 1).filter((other) => compatible(question, other)),
      );
      return found.length > best.length ? found : best;
    }, chosen);
  return largest([], questions).map(({ id }) => id);
}

function firstCyclicLane(lanes: readonly MacroLane[]): number | undefined {
  const done = new Set<string>();
  const open = [...lanes];
  for (;;) {
    const ready = open.filter((lane) =>
      lane.dependsOn.every((id) => done.has(id) || !open.some((other) => other.id === id)),
    );
    if (ready.length === 0) break;
    for (const lane of ready) {
      done.add(lane.id);
      open.splice(open.indexOf(lane), 1);
    }
  }
  const left = open[0];
  return left === undefined ? undefined : lanes.indexOf(left);
}
