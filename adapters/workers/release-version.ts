import semver from "semver";
import type { Evidence } from "../../src/contracts/finding.ts";
import type { Text } from "../../src/contracts/text.ts";
import { entriesIn, sameVersion } from "../../src/versions.ts";
import { changelogFile } from "./changelog-file.ts";
import { placeIn } from "./file-content.ts";
import { git } from "./git.ts";
import { intendedRelease, type IntendedRelease } from "./intended-release.ts";
import type { NamedVersion } from "./project-version.ts";
import { runWorker, words, type Reporter } from "./protocol.ts";
import { versionTags } from "./release-tags.ts";
import { fileCount, trackedFiles } from "./tracked-files.ts";

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

/** Where another version was chosen than the files name, each of them still has to be raised. */
function checkRaised({ version, named, others }: IntendedRelease, report: Reporter): void {
  for (const { version: present, content, line } of [named, ...others]) {
    if (sameVersion(present, version)) continue;
    const params = { file: content.path, version: present, intended: version };
    report.finding({ code: "release_version.to_raise", severity: "medium", params, ...placeIn(content, line) });
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
async function checkTags({ version, named }: IntendedRelease, report: Reporter): Promise<string | undefined> {
  const tags = await versionTags();
  report.fact("versionTags", tags.length);
  const [newest] = tags;
  const wanted = semver.parse(version);
  // A tag of the same version is for the lane `tag` to judge: said by both, it would count twice.
  if (newest !== undefined && wanted !== null && semver.lt(wanted, newest.version)) {
    const place = placeIn(named.content, named.line);
    const evidence: Evidence[] = [...place.evidence, { kind: "command", argv: ["git", "tag", "--list"], exitCode: 0 }];
    const params = { version, tag: newest.name };
    report.finding({ code: "release_version.not_newer", severity: "high", params, ...place, evidence });
  }
  return newest?.name;
}

await runWorker(async ({ brief, report }): Promise<Text> => {
  report.fact("trackedFiles", fileCount(await trackedFiles(brief)));
  report.fact("revision", await git("rev-parse", "HEAD"));
  const intended = await intendedRelease(brief);
  report.fact("version", intended?.version ?? "");
  if (intended === undefined) {
    report.unavailable("release_version.no_version");
    return words("worker.release_version.none");
  }
  const { version, named, others, elsewhere } = intended;
  if (elsewhere) checkRaised(intended, report);
  else checkNumber(named, others, report);
  const none = words("worker.release.nothing");
  const entry = (await checkChangelog(version, report)) ?? none;
  const tag = (await checkTags(intended, report)) ?? none;
  return words("worker.release_version.done", { version, entry, tag });
});
