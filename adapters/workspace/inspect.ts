import { join } from "node:path";
import type { UncommittedFiles, WorkspaceEvidence } from "../../src/contracts/evidence.ts";
import { raw, type Text } from "../../src/contracts/text.ts";
import { keyed, type MessageKey } from "../../src/i18n.ts";
import type { Changes } from "./changes.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { historyOf, NO_HISTORY } from "./history.ts";
import { lockfilesOf, manifestsOf } from "./manifests.ts";
import type { IsOwn } from "./own-folders.ts";
import { isOwnWork } from "./own-work.ts";
import type { Place, Repository } from "./place.ts";
import { capabilityMirrorsOf, ruleFilesOf } from "./rule-files.ts";
import { releaseStateOf } from "./release-state.ts";
import { buildCommandOf, testCommandOf } from "./test-command.ts";
import { commitTree, folderTree, WALK_LIMIT, type Tree } from "./tree.ts";

/** Reads everything that Fetch wants to know. In a repository the files are those of the commit at HEAD. */
export async function evidenceOf(
  { place, isOwn }: { readonly place: Place; readonly isOwn: IsOwn },
  inspectedAt: number,
  signal: AbortSignal,
): Promise<WorkspaceEvidence> {
  const repository = place.kind === "repository" ? place : undefined;
  const tree = await treeOf(place, isOwn, signal);
  const files = tree.files.filter(({ kind }) => kind !== "submodule");
  const paths = files.map(({ path }) => path);

  const history = repository === undefined ? NO_HISTORY : await historyOf(repository);
  const { manifests, gaps: manifestGaps } = await manifestsOf(tree);
  const rules = await ruleFilesOf(tree);
  const mirrors = await capabilityMirrorsOf(tree);
  const fingerprint = await fingerprintOf(place, isOwn, signal);
  // Its table is eight hundred files: a quarter of the start of every command, most of which never inspect.
  const { languagesOf } = await import("./languages.ts");
  return {
    root: place.folder,
    inspectedAt,
    isRepository: repository !== undefined,
    revision: repository?.revision ?? null,
    branch: repository?.branch ?? null,
    uncommittedFiles: fingerprint.changes?.paths.length ?? 0,
    ...(fingerprint.changes === undefined ? {} : { uncommitted: uncommittedIn(fingerprint.changes, place.folder) }),
    ...(repository === undefined ? {} : await remoteOf(repository)),
    trackedFiles: files.length,
    trackedBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    languages: languagesOf(paths),
    manifests,
    lockfiles: lockfilesOf(tree),
    history,
    ruleFiles: rules.found,
    testCommand: await testCommandOf(tree),
    buildCommand: await buildCommandOf(tree),
    release: await releaseStateOf(tree, repository),
    markdownFiles: paths.filter((path) => /\.(md|mdx|markdown)$/i.test(path) && isOwnWork(path)).length,
    capabilityMirrors: mirrors.found,
    fingerprint: fingerprint.sha256,
    gaps: [
      ...placeGaps(place, history.shallow),
      ...treeGaps(tree),
      ...manifestGaps,
      ...rules.gaps,
      ...mirrors.gaps,
      ...fingerprint.gaps,
    ],
  };
}

const NAMED_CHANGES = 50;

function uncommittedIn({ records, paths }: Changes, folder: string): UncommittedFiles {
  const untracked = records.filter((record) => record.startsWith("?")).length;
  return {
    changed: paths.length - untracked,
    untracked,
    paths: paths.slice(0, NAMED_CHANGES).map((path) => path.slice(folder.length + 1)),
  };
}

/** An address may hold a name and a token; what is secret of it stays here. */
async function remoteOf({ git, top }: Repository): Promise<{ remote?: string }> {
  const address = (await git.maybe(["config", "--get", "remote.origin.url"]))?.trim() ?? "";
  if (address === "") return {};
  if (/^\.{1,2}\//.test(address)) return { remote: join(top, address) };
  return { remote: address.replace(/^(https?:\/\/)[^/@]*@/i, "$1").replace(/^(\w+:\/\/[^/@:]*):[^/@]*@/, "$1@") };
}

async function treeOf(place: Place, isOwn: IsOwn, signal: AbortSignal): Promise<Tree> {
  if (place.kind === "folder" || place.revision === null) return folderTree(place.folder, isOwn, signal);
  return commitTree({ ...place, revision: place.revision });
}

function placeGaps(place: Place, shallow: boolean): Text[] {
  if (place.kind === "folder") return [];
  return [
    ...(place.prefix === "" ? [] : [keyed("workspace.gap.sub_folder", { top: place.top })]),
    ...(place.revision === null ? [keyed("workspace.gap.no_commit")] : []),
    ...(shallow ? [keyed("workspace.gap.shallow")] : []),
  ];
}

function treeGaps({ files, cut, leftOut }: Tree): Text[] {
  const submodules = files.filter(({ kind }) => kind === "submodule").length;
  return [
    ...(submodules > 0 ? [keyed("workspace.gap.submodules", { count: submodules })] : []),
    ...(cut ? [keyed("workspace.gap.walk_cut", { limit: WALK_LIMIT })] : []),
    ...leftOutGap("workspace.gap.unreadable", leftOut.unreadable),
    ...leftOutGap("workspace.gap.outside_links", leftOut.outside),
    ...leftOutGap("workspace.gap.special_files", leftOut.special),
  ];
}

const NAMED_PATHS = 20;

function leftOutGap(key: MessageKey, paths: readonly string[]): Text[] {
  if (paths.length === 0) return [];
  // A name may hold line ends; as they are, they would look like further names.
  const named = paths.slice(0, NAMED_PATHS).map((path) => (/\p{Cc}/u.test(path) ? JSON.stringify(path) : path));
  return [keyed(key, { count: paths.length, paths: named.map(raw), more: paths.length - named.length })];
}
