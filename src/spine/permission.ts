import type { WorkspaceChange } from "../contracts/change.ts";
import type { DecisionOption, OpenDecision } from "../contracts/decision.ts";
import type { Run } from "../contracts/run.ts";
import { raw, type Text, type TextParam } from "../contracts/text.ts";
import { keyed } from "../i18n.ts";
import { optionTexts, toOption } from "./questions/draft.ts";
import { nextDecisionId } from "./run-changes.ts";

/** The one question of a permission to keep a change, and its answers. */
export const KEEP_QUESTION = "keep_change";
export const KEEP_OPTIONS = ["keep_branch", "patch_only", "throw_away"] as const;

/** Name of the branch that a run may make: one run, one branch. */
export function branchOf(run: Pick<Run, "runId">): string {
  return `coxswain/${run.runId}`;
}

/** Asks whether a checked change may leave the run's copy, with the change itself on the card (G3, G33). */
export function permissionDecision(run: Run, laneId: string, change: WorkspaceChange, at: number): OpenDecision {
  const params = { branch: branchOf(run), commit: change.commit.slice(0, 12), count: change.files.length };
  return {
    status: "open",
    decisionId: nextDecisionId(run),
    kind: "permission",
    openedAt: at,
    context: [
      { heading: keyed("keep.context.what"), lines: [keyed("keep.context.explanation", params), ...fileLines(change)] },
      { heading: keyed("keep.context.diff"), lines: diffLines(change) },
    ],
    questions: [
      { id: KEEP_QUESTION, title: keyed("keep.question"), options: KEEP_OPTIONS.map((id) => option(id, params)) },
    ],
    args: {},
    laneId,
  };
}

function fileLines({ files }: WorkspaceChange): Text[] {
  return files.map(({ path, added, removed }) =>
    added === null || removed === null
      ? keyed("keep.context.binary", { path: raw(path) })
      : keyed("keep.context.file", { path: raw(path), added, removed }),
  );
}

/** The bar keeps the blank with which a context line begins, and sets the patch apart from our own words. */
function diffLines({ preview, patchLines, patch }: WorkspaceChange): Text[] {
  const lines: Text[] = preview.map((line) => raw(`│${line}`));
  const more = patchLines - preview.length;
  return more > 0 ? [...lines, keyed("keep.context.more", { count: more, path: raw(patch) })] : lines;
}

function option(id: (typeof KEEP_OPTIONS)[number], params: Record<string, TextParam>): DecisionOption {
  const because = id === "keep_branch" ? keyed("keep.because", params) : undefined;
  return toOption({ id, ...optionTexts(`keep.${id}`, params), effect: {} }, because);
}
