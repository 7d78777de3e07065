import semver from "semver";
import { git } from "./git.ts";

/** A tag that names a version: `v1.2.3` or `1.2.3`. */
interface VersionTag {
  readonly name: string;
  readonly version: semver.SemVer;
}

/** The tags of this repository that name versions, newest version first. */
export async function versionTags(): Promise<VersionTag[]> {
  const names = (await git("tag", "--list")).split("\n");
  const tags = names.flatMap((name): VersionTag[] => {
    const version = semver.parse(name.replace(/^v(?=\d)/, ""));
    return version === null ? [] : [{ name, version }];
  });
  return tags.sort((a, b) => semver.rcompare(a.version, b.version) || (a.name < b.name ? -1 : 1));
}

/** How this repository would name the tag of a version: with a `v`, unless its newest tag has none. */
export function tagFor(version: string, tags: readonly VersionTag[]): string {
  const plain = version.replace(/^v(?=\d)/, "");
  const [newest] = tags;
  return newest !== undefined && !newest.name.startsWith("v") ? plain : `v${plain}`;
}
