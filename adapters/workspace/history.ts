import type { WorkspaceEvidence } from "../../src/contracts/evidence.ts";
import type { Repository } from "./place.ts";

type History = WorkspaceEvidence["history"];

export const NO_HISTORY: History = { commits: 0, authors: 0, firstCommitAt: null, lastCommitAt: null, shallow: false };

/** Counts the commits at HEAD that concern the workspace, and who wrote them. */
export async function historyOf({ git, prefix, revision }: Repository): Promise<History> {
  const shallow = (await git.text(["rev-parse", "--is-shallow-repository"])).trim() === "true";
  if (revision === null) return { ...NO_HISTORY, shallow };
  const paths = prefix === "" ? [] : ["--", "."];
  let commits = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for await (const line of git.lines(["rev-list", "--timestamp", revision, ...paths])) {
    // Clocks of committers differ: neither the first nor the last line need be the extreme.
    const at = Math.max(0, Number.parseInt(line, 10) * 1000);
    commits += 1;
    first = Math.min(first, at);
    last = Math.max(last, at);
  }
  const authors = await git.text(["shortlog", "--summary", "--email", revision, ...paths]);
  return {
    commits,
    authors: authors.split("\n").filter((line) => line !== "").length,
    firstCommitAt: commits === 0 ? null : first,
    lastCommitAt: commits === 0 ? null : last,
    shallow,
  };
}
