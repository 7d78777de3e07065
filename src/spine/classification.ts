import type { Macro, TaskType } from "../contracts/macro.ts";
import type { Run } from "../contracts/run.ts";
import {
  changeVerb,
  holdsPhrase,
  isQuestion,
  normalizePhrase,
  phrasesIn,
  RUN_QUERY_PHRASES,
  TYPE_PHRASES,
} from "./goal-words.ts";
import { queryIn } from "./query.ts";

/** The clarification's one question, and its way out. */
export const PROCEDURE_QUESTION = "procedure";
export const STOP_OPTION = "stop";

/** What a goal turned out to be. Everything but `macro` and `unclear` ends in an honest refusal. */
export type Intent =
  | { readonly kind: "macro"; readonly macro: Macro; readonly reasons: string[] }
  /** Several things can be meant, or none that is known: one blocking question (G18). */
  | {
      readonly kind: "unclear";
      readonly why: "nothing_named" | "several_named" | "asks_for_change";
      readonly candidates: Macro[];
      readonly reasons: string[];
    }
  | { readonly kind: "other_type"; readonly type: Exclude<TaskType, "C">; readonly reasons: string[] }
  | { readonly kind: "run_query"; readonly reasons: string[] }
  | { readonly kind: "question"; readonly reasons: string[] }
  | { readonly kind: "unknown_macro"; readonly wanted: string; readonly reasons: string[] }
  /** The person said that none of the procedures was meant. */
  | { readonly kind: "stopped"; readonly reasons: string[] };

/** Decides what is meant (G11, G18): the person's own word first, then the goal's words, never a guess. */
export function readIntent(run: Pick<Run, "task" | "clarifications">, macros: readonly Macro[]): Intent {
  const { task } = run;
  const settled = run.clarifications.findLast((entry) => entry.question === PROCEDURE_QUESTION)?.option;
  if (settled === STOP_OPTION) return { kind: "stopped", reasons: ["the person chose to stop"] };
  const wanted = settled ?? task.macro;
  if (wanted !== undefined) {
    const macro = macros.find((candidate) => candidate.id === wanted);
    const reasons = [`${settled === undefined ? "the request names" : "the person chose"} the procedure ${wanted}`];
    return macro === undefined ? { kind: "unknown_macro", wanted, reasons } : typed(macro, reasons);
  }
  return readGoal(task.goal, macros);
}

interface Named {
  readonly macro: Macro;
  readonly phrase: string;
}

function readGoal(goal: string, macros: readonly Macro[]): Intent {
  // First, since the text that is looked up can hold any words.
  const lookup = queryIn(goal, macros);
  if (lookup !== undefined)
    return { kind: "macro", macro: lookup, reasons: ["the whole goal asks where a text stands"] };
  const query = phrasesIn(goal, RUN_QUERY_PHRASES)[0];
  if (query !== undefined) return { kind: "run_query", reasons: [`the goal says "${query}"`] };
  const named = macros.flatMap((macro): Named[] => {
    const phrase = phrasesIn(goal, macro.triggers.phrases).toSorted((a, b) => b.length - a.length)[0];
    return phrase === undefined ? [] : [{ macro, phrase }];
  });
  const other = otherType(goal);
  const first = named.toSorted((a, b) => b.phrase.length - a.phrase.length)[0];
  if (first === undefined) return unnamed(goal, macros, other);

  const rivals = named.filter((entry) => entry !== first && !holdsPhrase(first.phrase, entry.phrase));
  const reasons = [`the goal says "${first.phrase}"`];
  if (rivals.length > 0 || (other !== undefined && !holdsPhrase(first.phrase, other.phrase))) {
    const heard = [...rivals.map((entry) => entry.phrase), ...(other === undefined ? [] : [other.phrase])];
    const candidates = [first, ...rivals].map((entry) => entry.macro);
    return {
      kind: "unclear",
      why: "several_named",
      candidates,
      reasons: [...reasons, `and also "${heard.join('", "')}"`],
    };
  }
  const verb = changeVerb(goal);
  // Lanes write in disposable copies only, so no procedure delivers a change unless its own words say so.
  if (verb !== undefined && !holdsPhrase(first.phrase, verb)) {
    const why = `the goal asks to "${verb}", and ${first.macro.id} changes nothing`;
    return { kind: "unclear", why: "asks_for_change", candidates: [first.macro], reasons: [...reasons, why] };
  }
  return typed(first.macro, reasons);
}

/** A goal that names no procedure is never forced into one. */
function unnamed(goal: string, macros: readonly Macro[], other: OtherType | undefined): Intent {
  if (other !== undefined)
    return { kind: "other_type", type: other.type, reasons: [`the goal says "${other.phrase}"`] };
  if (isQuestion(goal)) return { kind: "question", reasons: ["the goal is a question"] };
  const reasons = ["no procedure's words are in the goal"];
  return { kind: "unclear", why: "nothing_named", candidates: [...macros], reasons };
}

function typed(macro: Macro, reasons: string[]): Intent {
  const { type } = macro;
  return type === "C" ? { kind: "macro", macro, reasons } : { kind: "other_type", type, reasons };
}

interface OtherType {
  readonly type: Exclude<TaskType, "C">;
  readonly phrase: string;
}

function otherType(goal: string): OtherType | undefined {
  for (const type of ["A", "B", "D", "E"] as const) {
    const phrase = phrasesIn(goal, TYPE_PHRASES[type])[0];
    if (phrase !== undefined) return { type, phrase };
  }
  return undefined;
}

/** The goal in one line, for sentences. */
export function goalLine(goal: string): string {
  return goal.normalize("NFKC").replace(/\s+/gu, " ").trim();
}

/** How many telling words a goal shares with a procedure; to say which one is likely meant. */
export function likeness(goal: string, macro: Macro): number {
  const words = new Set(
    normalizePhrase(goal)
      .split(" ")
      .filter((word) => word.length > 3),
  );
  const known = new Set(
    [macro.title.en, macro.description.en, ...macro.triggers.phrases].flatMap((text) =>
      normalizePhrase(text).split(" "),
    ),
  );
  return [...words].filter((word) => known.has(word)).length;
}
