import { QueueTarget, WEIGHT_LIMIT, type QueueAct } from "../contracts/queue.ts";

/** Why words after `queue` are no act of an operator. */
export type QueueProblem = "unknown" | "target" | "weight" | "too_much";

export type QueueWords = { readonly act: QueueAct } | { readonly problem: QueueProblem };

/** What operators may say after `queue`. */
export const QUEUE_VERBS = ["pause", "resume", "raise", "lower", "weight", "drain", "undrain"] as const;

/**
 * Reads what an operator wants done to the queue: `pause --tenant web:ada`, `raise --macro release-check`,
 * `weight --tenant team 3`, `weight --tenant team default`, `drain`. The dashes may be left out.
 */
export function queueActIn([verb = "", ...rest]: readonly string[]): QueueWords {
  const known = QUEUE_VERBS.find((name) => name === verb.toLowerCase());
  switch (known) {
    case undefined:
      return { problem: "unknown" };
    case "drain":
    case "undrain":
      return rest.length === 0 ? { act: { kind: `queue.${known}` } } : { problem: "too_much" };
    case "weight":
      return weightAct(rest);
    case "pause":
    case "resume":
    case "raise":
    case "lower": {
      const { target, others } = targetIn(rest);
      if (target === undefined) return { problem: "target" };
      return others.length === 0 ? { act: { kind: `queue.${known}`, target } } : { problem: "too_much" };
    }
  }
}

function weightAct(words: readonly string[]): QueueWords {
  const { target, others } = targetIn(words);
  if (target?.kind !== "tenant") return { problem: "target" };
  const [typed = "", ...more] = others;
  if (more.length > 0) return { problem: "too_much" };
  const weight = weightIn(typed);
  return weight === undefined ? { problem: "weight" } : { act: { kind: "queue.weigh", tenant: target.name, weight } };
}

/** A weight as typed; null for `default`, which is that of the settings; undefined for anything else. */
export function weightIn(typed: string): number | null | undefined {
  if (typed.toLowerCase() === "default") return null;
  const weight = /^\d+(?:\.\d+)?$/u.test(typed) ? Number(typed) : 0;
  return weight > 0 && weight <= WEIGHT_LIMIT ? weight : undefined;
}

/** `--tenant X`, `--tenant=X` or `tenant X`, and what else was said; chat programs make one long dash of two. */
function targetIn(words: readonly string[]): { target: QueueTarget | undefined; others: string[] } {
  const at = words.findIndex((word) => /^(?:--|—|–)?(?:tenant|macro)(?:=|$)/u.test(word));
  const [, kind, joined] = /^\W*(tenant|macro)(?:=([\s\S]*))?$/u.exec(words[at] ?? "") ?? [];
  const name = joined ?? words[at + 1];
  const target = QueueTarget.safeParse({ kind, name }).data;
  const others = words.filter((_, index) => index !== at && (joined !== undefined || index !== at + 1));
  return { target, others: target === undefined ? [...words] : others };
}
