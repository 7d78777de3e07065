import semver from "semver";

/** How projects write versions: in changelogs and in the names of tags. Pure; shared by everything that looks at releases. */

/** `## [1.2.3] - 2026-01-02`, `# v1.2.3`, `1.2.3 / 2026-01-02`, with the underline of a heading below it or not. */
const ENTRY = /^(#{1,6}\s+)?\[?(?:version\s+|release\s+)?v?(\d+\.\d+(?:\.\d+)?(?:[-+][0-9A-Za-z.+-]+)?)\]?(?![\w.])/i;
const CHANGELOG = /^(changelog|changes|history|news)(\.(md|markdown|txt))?$/i;

/** An entry of a changelog: the version that its heading names. */
export interface ChangelogEntry {
  readonly version: string;
  /** From 1. */
  readonly line: number;
  /** Says something below its heading. */
  readonly filled: boolean;
}

/** The file among these names (without folders) that is the changelog; undefined where none is. */
export function changelogAmong(names: readonly string[]): string | undefined {
  return names.filter((name) => CHANGELOG.test(name)).sort((a, b) => rank(a) - rank(b))[0];
}

function rank(name: string): number {
  return ["changelog", "changes", "history", "news"].findIndex((start) => name.toLowerCase().startsWith(start));
}

/** The entries of released versions from top to bottom; what is called unreleased is none. */
export function entriesIn(lines: readonly string[]): ChangelogEntry[] {
  const headings = lines.flatMap((text, at) => {
    const match = ENTRY.exec(text);
    const isHeading = match !== null && (match[1] !== undefined || /^[=-]{3,}\s*$/.test(lines[at + 1] ?? ""));
    return isHeading ? [{ version: match[2] ?? "", at }] : [];
  });
  return headings.map(({ version, at }, index) => {
    const end = headings[index + 1]?.at ?? lines.length;
    const body = lines.slice(at + 1, end).filter((line) => line.trim() !== "" && !/^[=-]+\s*$|^#{1,6}\s/.test(line));
    return { version, line: at + 1, filled: body.length > 0 };
  });
}

/** Are both the same release? `1.2` and `v1.2.0` are. */
export function sameVersion(a: string, b: string): boolean {
  const [left, right] = [read(a), read(b)];
  return left !== null && right !== null ? left.compare(right) === 0 : a === b;
}

/** Is `a` newer than `b`? False where one of them cannot be compared. */
export function isNewer(a: string, b: string): boolean {
  const [left, right] = [read(a), read(b)];
  return left !== null && right !== null && left.compare(right) > 0;
}

function read(version: string): semver.SemVer | null {
  return semver.coerce(version, { includePrerelease: true });
}

/** A tag that names a version: `v1.2.3` or `1.2.3`. */
export interface VersionTag {
  readonly name: string;
  readonly version: semver.SemVer;
}

/** The tags that name versions, newest version first. */
export function versionTagsIn(names: readonly string[]): VersionTag[] {
  const tags = names.flatMap((name): VersionTag[] => {
    const version = semver.parse(name.replace(/^v(?=\d)/, ""));
    return version === null ? [] : [{ name, version }];
  });
  return tags.sort((a, b) => semver.rcompare(a.version, b.version) || (a.name < b.name ? -1 : 1));
}

/** How a repository with these tags would name the tag of a version: with a `v`, unless its newest tag has none. */
export function tagFor(version: string, tags: readonly VersionTag[]): string {
  const plain = version.replace(/^v(?=\d)/, "");
  const [newest] = tags;
  return newest !== undefined && !newest.name.startsWith("v") ? plain : `v${plain}`;
}

/** The patch version after this one and after all tags; undefined where it is no version to count on from. */
export function nextFreeVersion(version: string, tags: readonly VersionTag[]): string | undefined {
  const named = read(version);
  if (named === null) return undefined;
  const newest = tags[0]?.version;
  const last = newest !== undefined && newest.compare(named) > 0 ? newest : named;
  // A version that no tag names yet is itself free.
  if (last === named && !tags.some((tag) => tag.version.compare(named) === 0)) return named.version;
  return new semver.SemVer(last.version).inc("patch").version;
}
