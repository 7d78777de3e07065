import type { Evidence } from "../../src/contracts/finding.ts";
import type { Text } from "../../src/contracts/text.ts";
import { integerArgument } from "./arguments.ts";
import { git, gitRecords } from "./git.ts";
import { runWorker, words, type Job, type Reporter } from "./protocol.ts";
import { fileCount, trackedFiles } from "./tracked-files.ts";

/** Lane `history`: which files change most, and who knows them. */

const HOT_CHANGES = 5;
const HOT_FILES = 10;
/** Written by programs, so that many changes of them say nothing. */
const MECHANICAL =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|[^/]+\.lock|go\.sum|CHANGELOG(\.md)?)$/;

interface Churn {
  changes: number;
  readonly authors: Map<string, number>;
}

interface Window {
  readonly argv: string[];
  readonly commits: number;
  readonly authors: ReadonlyMap<string, { name: string; commits: number }>;
  readonly files: ReadonlyMap<string, Churn>;
}

async function readWindow(days: number, scope: readonly string[], commits: number, report: Reporter): Promise<Window> {
  // A path never starts with "/", so that a record that does is a commit.
  const format = "/%aE%x09%aN";
  const argv = [
    "log",
    "-z",
    "--name-only",
    "--no-renames",
    "--no-merges",
    "--no-ext-diff",
    "--no-textconv",
    "--relative",
  ];
  argv.push(`--since=${days}.days.ago`, `--format=${format}`, ...scope);
  const authors = new Map<string, { name: string; commits: number }>();
  const files = new Map<string, Churn>();
  let seen = 0;
  let author = "";
  for await (const record of gitRecords(...argv)) {
    if (record.startsWith("/")) {
      const [mail = "", name = ""] = record.slice(1).split("\t");
      author = mail.toLowerCase();
      authors.set(author, { name, commits: (authors.get(author)?.commits ?? 0) + 1 });
      seen += 1;
      if (seen % 500 === 0) report.progress(seen, commits);
      continue;
    }
    // Git puts one line end between a commit and its first file.
    const path = record.startsWith("\n") ? record.slice(1) : record;
    const churn = files.get(path) ?? { changes: 0, authors: new Map<string, number>() };
    churn.changes += 1;
    churn.authors.set(author, (churn.authors.get(author) ?? 0) + 1);
    files.set(path, churn);
  }
  return { argv: ["git", ...argv], commits: seen, authors, files };
}

function reportHotSpots(
  hot: readonly (readonly [string, Churn])[],
  { argv, authors }: Window,
  days: number,
  report: Reporter,
): void {
  for (const [path, churn] of hot) {
    const evidence: Evidence[] = [
      { kind: "command", argv, exitCode: 0 },
      { kind: "measure", name: "changes", value: churn.changes, unit: "commits" },
      { kind: "file", path },
    ];
    const params = { file: path, changes: churn.changes, authors: churn.authors.size, days };
    report.finding({ code: "history.hot_spot", severity: "info", file: path, params, evidence });
    const [only] = churn.authors.keys();
    if (churn.authors.size === 1 && only !== undefined && authors.size > 1) {
      const author = authors.get(only)?.name ?? only;
      const alone = { file: path, author, changes: churn.changes, days };
      report.finding({ code: "history.known_to_one", severity: "low", file: path, params: alone, evidence });
    }
  }
}

function reportAuthors(
  allAuthors: number,
  isWhole: boolean,
  { argv, commits, authors }: Window,
  days: number,
  report: Reporter,
): void {
  const command: Evidence = { kind: "command", argv, exitCode: 0 };
  if (commits === 0) {
    report.finding({ code: "history.no_recent_activity", severity: "low", params: { days }, evidence: [command] });
    return;
  }
  // The older commits that a shallow clone lacks may be by anybody.
  if (allAuthors === 1 && isWhole) {
    const evidence: Evidence[] = [command, { kind: "measure", name: "authors", value: 1, unit: "authors" }];
    report.finding({ code: "history.one_author", severity: "info", evidence });
    return;
  }
  const top = [...authors.values()].sort((a, b) => b.commits - a.commits)[0];
  const percent = top === undefined ? 0 : Math.round((100 * top.commits) / commits);
  if (top === undefined || commits < 20 || percent < 80) return;
  const evidence: Evidence[] = [command, { kind: "measure", name: "share", value: percent, unit: "percent" }];
  const params = { author: top.name, percent, days };
  report.finding({ code: "history.concentrated", severity: "low", params, evidence });
}

await runWorker(async ({ brief, report }: Job): Promise<Text> => {
  const days = integerArgument(brief, "history_days", 365);
  const files = await trackedFiles(brief);
  report.fact("trackedFiles", fileCount(files));
  report.fact("revision", brief.revision === null ? "" : await git("rev-parse", "HEAD"));
  if (brief.revision === null) {
    report.fact("commits", 0);
    report.unavailable("history.no_repository");
    return words("worker.history.none");
  }
  const isShallow = (await git("rev-parse", "--is-shallow-repository")) === "true";
  if (isShallow) report.unavailable("history.shallow");

  // Where the workspace is a part of a repository, only what concerns that part counts.
  const scope = (await git("rev-parse", "--show-prefix")) === "" ? ["HEAD"] : ["HEAD", "--", "."];
  const commits = Number(await git("rev-list", "--count", ...scope));
  const authors = (await git("shortlog", "--summary", "--email", ...scope)).split("\n").filter(Boolean).length;
  report.fact("commits", commits);
  report.fact("authors", authors);
  report.fact("lastCommitAt", await git("log", "-1", "--format=%cI", ...scope));

  const window = await readWindow(days, scope, commits, report);
  report.fact("commitsInWindow", window.commits);
  report.fact("authorsInWindow", window.authors.size);
  const present = new Set(files.filter((file) => file.kind === "file").map((file) => file.path));
  const hot = [...window.files]
    .filter(([path, churn]) => churn.changes >= HOT_CHANGES && present.has(path) && !MECHANICAL.test(path))
    .sort(([a, x], [b, y]) => y.changes - x.changes || (a < b ? -1 : 1))
    .slice(0, HOT_FILES);
  report.fact("hotSpots", hot.length);
  reportHotSpots(hot, window, days, report);
  reportAuthors(authors, !isShallow, window, days, report);
  return words("worker.history.done", {
    commits,
    authors,
    recent: window.commits,
    days,
    hot: hot.length,
  });
});
