import type { Brief } from "../../src/contracts/worker.ts";
import { entriesIn, isNewer, nextFreeVersion, sameVersion } from "../../src/versions.ts";
import { changelogFile } from "./changelog-file.ts";
import { namedVersions, type NamedVersion } from "./project-version.ts";
import { versionTags } from "./release-tags.ts";

/** The release that is checked. */
export interface IntendedRelease {
  readonly version: string;
  /** The version that counts among those that files name. */
  readonly named: NamedVersion;
  /** What else files name. */
  readonly others: readonly NamedVersion[];
  /** The version was taken from elsewhere, so `named` still has to follow. */
  readonly elsewhere: boolean;
}

/** Which version is meant, as the argument `release_version` says; undefined where no file names one. */
export async function intendedRelease(brief: Brief): Promise<IntendedRelease | undefined> {
  const [named, ...others] = await namedVersions();
  if (named === undefined) return undefined;
  const version = (await chosenVersion(brief, named.version)) ?? named.version;
  return { version, named, others, elsewhere: !sameVersion(version, named.version) };
}

async function chosenVersion({ args }: Brief, named: string): Promise<string | undefined> {
  const chosen = args["release_version"];
  if (chosen === "next_free") return nextFreeVersion(named, await versionTags());
  if (chosen !== "changelog") return undefined;
  const found = await changelogFile();
  const newest = found?.content.kind === "text" ? entriesIn(found.content.lines)[0]?.version : undefined;
  return newest !== undefined && isNewer(newest, named) ? newest : undefined;
}
