import type { Text } from "../../src/contracts/text.ts";
import { git, gitRecords } from "./git.ts";
import { runWorker, words } from "./protocol.ts";
import { fileCount, trackedFiles } from "./tracked-files.ts";

/** Lane `tree`: is everything committed? The copy holds the commit only, so what else there is comes with the brief. */

const NAMED = 10;

await runWorker(async ({ brief, report }): Promise<Text> => {
  const files = await trackedFiles(brief);
  report.fact("trackedFiles", fileCount(files));
  report.fact("revision", brief.revision === null ? "" : await git("rev-parse", "HEAD"));

  const dirty = await Array.fromAsync(gitRecords("diff-index", "--name-only", "-z", "HEAD", "--"));
  report.fact("changedByCheckout", dirty.length);
  if (dirty.length > 0) {
    const evidence = [
      { kind: "command" as const, argv: ["git", "diff-index", "--name-only", "HEAD"], exitCode: 0 },
      ...dirty.slice(0, NAMED).map((path) => ({ kind: "file" as const, path })),
    ];
    report.finding({ code: "release_tree.dirty_copy", severity: "medium", params: { count: dirty.length }, evidence });
  }

  const { uncommitted } = brief.files;
  if (uncommitted === undefined) {
    report.unavailable("release_tree.no_state");
    return words("worker.release_tree.clean");
  }
  const { changed, untracked, paths } = uncommitted;
  report.fact("changedFiles", changed);
  report.fact("untrackedFiles", untracked);
  const named = (from: number, count: number): string => paths.slice(from, from + Math.min(count, NAMED)).join(", ");
  const measure = (name: string, value: number) => [{ kind: "measure" as const, name, value, unit: "files" }];
  if (changed > 0) {
    const evidence = measure("changed", changed);
    const params = { count: changed, names: named(0, changed) };
    report.finding({ code: "release_tree.uncommitted", severity: "high", params, evidence });
  }
  if (untracked > 0) {
    const evidence = measure("untracked", untracked);
    const params = { count: untracked, names: named(changed, untracked) };
    report.finding({ code: "release_tree.untracked", severity: "medium", params, evidence });
  }
  const open = changed + untracked;
  return open === 0 ? words("worker.release_tree.clean") : words("worker.release_tree.open", { count: open });
});
