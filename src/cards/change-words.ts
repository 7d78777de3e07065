import type { Run } from "../contracts/run.ts";
import type { Translator } from "../i18n.ts";
import { actorName } from "./decision-card.ts";

/** What became of a change that was offered: the branch and its commit as evidence, or that there is none. */
export function changeLines(run: Run, words: Translator, mark = (value: string) => value): string[] {
  const { change: state } = run;
  if (state === undefined) return [];
  const { commit, base, patch, files } = state.change;
  const named = { branch: mark(state.branch), commit: mark(commit), patch: mark(patch), count: files.length };
  switch (state.status) {
    case "kept":
      return [
        words.t("keep.outcome.kept", { ...named, when: words.dateTime(state.keptAt) }),
        words.t("keep.outcome.base", { base: mark(base), files: words.list(files.map(({ path }) => mark(path))) }),
      ];
    case "patch_only":
      return [words.t("keep.outcome.patch_only", { ...named, who: actorName(state.by) })];
    case "thrown_away":
      return [words.t("keep.outcome.thrown_away", { who: actorName(state.by), when: words.dateTime(state.at) })];
    case "blocked":
      return [words.t("policy.outcome.blocked", named)];
    case "offered":
    case "approved":
    case "keeping":
      return [words.t("keep.outcome.open", named)];
  }
}
