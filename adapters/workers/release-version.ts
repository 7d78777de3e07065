import semver from "semver";
import type { Evidence } from "../../src/contracts/finding.ts";
import type { Text } from "../../src/contracts/text.ts";
import { changelogFile, entriesIn, sameVersion } from "./changelog-file.ts";
import { placeIn } from "./file-content.ts";
import { git } from "./git.ts";
import { namedVersions, type NamedVersion } from "./project-version.ts";
import { runWorker, words, type Reporter } from "./protocol.ts";
import { versionTags } from "./release-tags.ts";
import { trackedFiles } from "./tracked-files.ts";

/** Lane `version`: do manifest, changelog and tags agree on what is to be released? */

function checkNumber(
  { version, content, line }: NamedVersion,
  others: readonly NamedVersion[],
  report: Reporter,
): void {
  if (semver.valid(version) === null) {
    const params = { version };
    report.finding({ code: "release_version.invalid", severity: "high", params, ...placeIn(content, line) });
  }
  for (const other of others.filter((named) => named.version !== version)) {
    const params = { file: content.path, version, other: other.content.path, otherVersion: other.version };
    const place = placeIn(other.content, other.line);
    report.finding({ code: "release_version.differs", severity: "medium", params, ...place });
  }
}

/** The newest version that the changelog names; undefined where there is none. */
async function checkChangelog(version: string, report: Reporter): Promise<string | undefined> {
  const changelog = await changelogFile();
  if (changelog === undefined || changelog.content.kind !== "text") {
    const evidence: Evidence[] = [{ kind: "measure", name: "changelogs", value: 0, unit: "files" }];
    report.finding({ code: "release_version.no_changelog", severity: "medium", params: { version }, evidence });
    report.fact("changelogEntries", 0);
    return undefined;
  }
  const { content } = changelog;
  const entries = entriesIn(content.lines);
  report.fact("changelogEntries", entries.length);
  const [newest] = entries;
  const entry = entries.find((known) => sameVersion(known.version, version));
  const at = placeIn(content, entry?.line ?? newest?.line ?? 1);
  if (entry === undefined) {
    const params = { version, newest: newest?.version ?? words("worker.release.nothing") };
    report.finding({ code: "release_version.not_in_changelog", severity: "high", params, ...at });
  } else if (!entry.filled) {
    report.finding({ code: "release_version.empty_entry", severity: "high", params: { version }, ...at });
  } else if (entry !== newest) {
    const params = { version, newest: newest?.version ?? "" };
    report.finding({ code: "release_version.not_newest_entry", severity: "medium", params, ...at });
  }
  return newest?.version;
}

/** The newest tag that names a version; undefined where there is none. */
async function checkTags({ version, content, line }: NamedVersion, report: Reporter): Promise<string | undefined> {
  const tags = await versionTags();
  report.fact("versionTags", tags.length);
  const [newest] = tags;
  const wanted = semver.parse(version);
  if (newest !== undefined && wanted !== null && semver.lte(wanted, newest.version)) {
    const place = placeIn(content, line);
    const evidence: Evidence[] = [...place.evidence, { kind: "command", argv: ["git", "tag", "--list"], exitCode: 0 }];
    const params = { version, tag: newest.name };
    report.finding({ code: "release_version.not_newer", severity: "high", params, ...place, evidence });
  }
  return newest?.name;
}

await runWorker(async ({ brief, report }): Promise<Text> => {
  report.fact("trackedFiles", (await trackedFiles(brief)).length);
  report.fact("revision", await git("rev-parse", "HEAD"));
  const [named, ...others] = await namedVersions();
  report.fact("version", named?.version ?? "");
  if (named === undefined) {
    report.unavailable("release_version.no_version");
    return words("worker.release_version.none");
  }
  checkNumber(named, others, report);
  const none = words("worker.release.nothing");
  const entry = (await checkChangelog(named.version, report)) ?? none;
  const tag = (await checkTags(named, report)) ?? none;
  return words("worker.release_version.done", { version: named.version, entry, tag });
});
