import { versionTagsIn, type VersionTag } from "../../src/versions.ts";
import { git } from "./git.ts";

/** The tags of this repository that name versions, newest version first. */
export async function versionTags(): Promise<VersionTag[]> {
  return versionTagsIn((await git("tag", "--list")).split("\n"));
}
