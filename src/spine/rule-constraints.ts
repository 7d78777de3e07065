import type { Policy, PolicyRef } from "../contracts/policy.ts";

const MOST_LINES = 40;
const LONGEST_LINE = 240;
const ENFORCED =
  "The rules below are enforced: work that breaks one of them does not start, and a change that breaks one is not kept.";
const NOTE = "The lines below are rules that the repository brings; they are context for agents and are not enforced.";

/**
 * The rules of a workspace as lines for the brief: those of its own files and of the operators that are checked, and
 * what its files say beyond that. Bounded, and what was cut is said. Rules inform and never widen what a worker may do.
 */
export function ruleConstraints({ rules, context }: Policy): string[] {
  // Lists of the bot's own security file are many and nobody's news; a worker that breaks one is told.
  const enforced = rules.filter(({ source }) => source !== "security" && source !== "fairness");
  return [...section(ENFORCED, enforced), ...section(NOTE, context)];
}

function section(heading: string, entries: readonly PolicyRef[]): string[] {
  if (entries.length === 0) return [];
  const cut = entries.length - MOST_LINES;
  const files = [...new Set(entries.map(({ file }) => file))].join(", ");
  return [
    heading,
    ...entries.slice(0, MOST_LINES).map(({ file, line, text }) => shortened(`${file}:${line}: ${text}`)),
    ...(cut > 0 ? [`${cut} more stand in ${files}.`] : []),
  ];
}

function shortened(line: string): string {
  const flat = line.replaceAll(/\s+/gu, " ");
  return flat.length > LONGEST_LINE ? `${flat.slice(0, LONGEST_LINE - 1)}…` : flat;
}
