import type { ReleaseState } from "../../src/contracts/evidence.ts";
import { VERSION_FILES, versionNamedIn } from "../../src/named-versions.ts";
import {
  changelogAmong,
  entriesIn,
  nextFreeVersion,
  sameVersion,
  tagFor,
  versionTagsIn,
  type VersionTag,
} from "../../src/versions.ts";
import type { Repository } from "./place.ts";
import type { Tree } from "./tree.ts";

/** What the project's files and, in a repository, its tags say about the next release. */
export async function releaseStateOf(tree: Tree, repository: Repository | undefined): Promise<ReleaseState> {
  const changelogPath = changelogAmong(tree.files.flatMap(({ path, kind }) => (kind === "file" ? [path] : [])));
  const texts = await tree.read([...VERSION_FILES, ...(changelogPath === undefined ? [] : [changelogPath])]);
  const versions = VERSION_FILES.flatMap((file) => {
    const version = versionNamedIn(file, texts.get(file) ?? "");
    return version === undefined ? [] : [{ file, version: version.slice(0, 200) }];
  });
  const [named] = versions;
  const tags = repository === undefined ? [] : await tagsOf(repository);
  return {
    versions,
    changelog: changelogState(changelogPath, texts, named?.version),
    tag: named === undefined || repository === undefined ? null : await tagState(named.version, tags, repository),
    nextFree: (named === undefined ? undefined : nextFreeVersion(named.version, tags)) ?? null,
  };
}

function changelogState(
  file: string | undefined,
  texts: ReadonlyMap<string, string>,
  version: string | undefined,
): ReleaseState["changelog"] {
  if (file === undefined) return null;
  const entries = entriesIn((texts.get(file) ?? "").split(/\r?\n/));
  const own = entries.find((entry) => version !== undefined && sameVersion(entry.version, version));
  const entry = own === undefined ? "none" : own.filled ? "filled" : "empty";
  return { file, newest: entries[0]?.version ?? null, entry };
}

async function tagsOf({ git }: Repository): Promise<VersionTag[]> {
  return versionTagsIn((await git.text(["tag", "--list"])).split("\n"));
}

async function tagState(
  version: string,
  tags: readonly VersionTag[],
  { git }: Repository,
): Promise<ReleaseState["tag"]> {
  const name = tagFor(version, tags);
  // A file may name anything as its version; what is no name of a tag is free.
  const commit = await git.maybe(["rev-parse", "--quiet", "--verify", `refs/tags/${name}^{commit}`]);
  return { name, commit: commit?.trim() ?? null };
}
