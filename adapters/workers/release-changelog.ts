import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Text } from "../../src/contracts/text.ts";
import { entriesIn, sameVersion } from "../../src/versions.ts";
import { changelogFile, NEW_CHANGELOG, placeForEntry } from "./changelog-file.ts";
import { placeIn, readContent } from "./file-content.ts";
import { git, gitRecords } from "./git.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { runWorker, words, type Job } from "./protocol.ts";
import { intendedRelease } from "./intended-release.ts";
import { versionTags } from "./release-tags.ts";

/** Lane `changelog`: writes the entry for the version to release, from the commits since the last tag, in its own copy. */

const MOST_LINES = 200;

const SECTIONS = [
  { title: "Added", begins: /^(?:feat|add(?:s|ed)?|introduces?|supports?|new)\b/i },
  { title: "Fixed", begins: /^(?:fix(?:es|ed)?|repairs?|mends?|bug ?fix|corrects?)\b/i },
  { title: "Removed", begins: /^(?:removes?|removed|drops?|deletes?|deprecates?)\b/i },
  { title: "Security", begins: /^(?:security|sec)\b/i },
] as const;
const OTHER = "Changed";
const ORDER = ["Security", "Added", OTHER, "Fixed", "Removed"];
/** What readers of a changelog do not look for. */
const HOUSEKEEPING = /^(?:chore|ci|style|test|build)(?:\([^)]*\))?!?:|^Merge (?:branch|pull request|remote)/i;

/** One line each, without what would be Markdown: the text comes from whoever wrote a commit. */
function lineOf(subject: string): string {
  const plain = subject.replace(
    /^(?:feat|fix|perf|refactor|docs|revert)(?:\(([^)]*)\))?!?:\s*/i,
    (_, scope?: string) => (scope === undefined || scope === "" ? "" : `${scope}: `),
  );
  return plain
    .replaceAll(/\p{Cc}/gu, " ")
    .replaceAll(/[\\`*_[\]<>|]/g, String.raw`\$&`)
    .trim()
    .slice(0, 300);
}

function sectionOf(subject: string): string {
  return SECTIONS.find(({ begins }) => begins.test(subject))?.title ?? OTHER;
}

/** The entry in the form of "Keep a Changelog", or as one list. */
function entryFor(version: string, day: string, subjects: readonly string[], grouped: boolean): string[] {
  const heading = `## [${version.replace(/^v(?=\d)/, "")}] - ${day}`;
  const shown = subjects.slice(0, MOST_LINES);
  const more = subjects.length > MOST_LINES ? [`- … and ${subjects.length - MOST_LINES} more`] : [];
  const list = (lines: readonly string[]): string[] => lines.map((subject) => `- ${lineOf(subject)}`);
  if (!grouped) return [heading, "", ...list(shown), ...more, ""];
  const parts = ORDER.flatMap((title) => {
    const own = shown.filter((subject) => sectionOf(subject) === title);
    return own.length === 0 ? [] : [`### ${title}`, "", ...list(own), ""];
  });
  return [heading, "", ...parts, ...(more.length === 0 ? [] : [...more, ""])];
}

async function subjectsSince(tag: string | undefined): Promise<string[]> {
  const range = tag === undefined ? "HEAD" : `refs/tags/${tag}..HEAD`;
  const subjects = await Array.fromAsync(gitRecords("log", "-z", "--no-merges", "--format=%s", range, "--"));
  return subjects.filter((subject) => subject.trim() !== "" && !HOUSEKEEPING.test(subject));
}

await runWorker(async ({ brief, report }: Job): Promise<Text> => {
  const nothing = (commits: number): Text => {
    report.fact("entryWritten", false);
    report.fact("commitsListed", commits);
    return words("worker.release_changelog.nothing");
  };
  report.fact("revision", await git("rev-parse", "HEAD"));
  const intended = await intendedRelease(brief);
  if (intended === undefined) {
    report.unavailable("release_changelog.no_version");
    return nothing(0);
  }
  const { version } = intended;
  const found = await changelogFile();
  const path = found?.path ?? NEW_CHANGELOG;
  if (found !== undefined && (found.content.kind !== "text" || !found.content.utf8)) {
    report.unavailable("release_changelog.not_text", { file: path });
    return nothing(0);
  }
  const content = found?.content.kind === "text" ? found.content : undefined;
  const lines = content?.lines ?? ["# Changelog", ""];
  if (entriesIn(lines).some((entry) => sameVersion(entry.version, version))) {
    report.unavailable("release_changelog.is_there", { version });
    return nothing(0);
  }
  if ((await git("rev-parse", "--is-shallow-repository")) === "true") report.unavailable("release_changelog.shallow");
  const tag = (await versionTags())[0]?.name;
  const since = tag ?? words("worker.release.beginning");
  const subjects = await subjectsSince(tag);
  if (subjects.length === 0) {
    report.unavailable("release_changelog.no_commits", { since });
    return nothing(0);
  }

  // The day of the commit, not of today: the same commit gives the same entry.
  const day = await git("log", "-1", "--format=%cs", "HEAD");
  const masked = (await maskSecrets(subjects.join("\n"))).split("\n");
  const entry = entryFor(version, day, masked, brief.args["changelog_entry"] !== "plain");
  const at = placeForEntry(lines);
  const before = lines.slice(0, at);
  const gap = before.length > 0 && before.at(-1)?.trim() !== "" ? [""] : [];
  const end = content?.text.includes("\r\n") === true ? "\r\n" : "\n";
  const text = [...before, ...gap, ...entry, ...lines.slice(at)].join(end).replace(/\s*$/, end);
  await writeFile(join(process.cwd(), path), text);

  report.fact("entryWritten", true);
  report.fact("commitsListed", subjects.length);
  const written = await readContent(path);
  if (written.kind !== "text") throw new Error(`${path} was written and cannot be read again.`);
  const params = { version, commits: subjects.length, since };
  const place = placeIn(written, at + gap.length + 1);
  report.finding({ code: "release_changelog.written", severity: "info", params, ...place });
  return words("worker.release_changelog.written", { version, commits: subjects.length });
});
