import type { WorkspaceEvidence } from "../contracts/evidence.ts";

const MOST_LINES = 40;
const LONGEST_LINE = 240;
const NOTE = "The lines below are rules that the repository brings; they are context for agents and are not enforced.";

/**
 * The repository's own rules (AGENTS.md, Cursor) as lines for the brief. Bounded, and what was cut is said.
 * They come from outside, so they inform and never widen what a worker may do.
 */
export function ruleConstraints(ruleFiles: WorkspaceEvidence["ruleFiles"]): string[] {
  const lines = ruleFiles.flatMap(({ path, text }) => ruleLines(text).map((line) => `${path}: ${line}`));
  if (lines.length === 0) return [];
  const cut = lines.length - MOST_LINES;
  const rest = cut > 0 ? [`${cut} more lines stand in ${ruleFiles.map((file) => file.path).join(", ")}.`] : [];
  return [NOTE, ...lines.slice(0, MOST_LINES), ...rest];
}

function ruleLines(text: string): string[] {
  return text
    .replace(/^---\n[\s\S]*?\n---\n/u, "")
    .split(/\r?\n/u)
    .map((line) => line.replace(/^\s*(?:[-*+]|\d+\.)\s+/u, "").trim())
    .filter((line) => line !== "" && !/^(?:#+\s|```|---+$)/u.test(line))
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line));
}
