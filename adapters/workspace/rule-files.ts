import { posix } from "node:path";
import type { WorkspaceEvidence } from "../../src/contracts/evidence.ts";
import type { Text } from "../../src/contracts/text.ts";
import { keyed } from "../../src/i18n.ts";
import { isOwnWork } from "./own-work.ts";
import type { Tree, TreeFile } from "./tree.ts";

const FILES_LIMIT = 20;
const RULE_BYTES = 20_000;
/** Of a capability index: half of one is not valid JSON, so a larger one is left out whole. */
const MIRROR_BYTES = 200_000;
const MIRROR = /^(\.claude|\.codex|\.cursor|openclaw)\/capability-index\/[^/]+\.json$/;

interface Read<T> {
  readonly found: T;
  readonly gaps: Text[];
}

/** AGENTS.md files and Cursor rules, the ones nearest to the root first, with the beginning of their text. */
export async function ruleFilesOf(tree: Tree): Promise<Read<WorkspaceEvidence["ruleFiles"]>> {
  const named = tree.files.filter(({ path }) => isOwnWork(path) && isRuleFile(path));
  const rules = named.filter(({ kind }) => kind === "file");
  const nearest = rules.sort((a, b) => depthOf(a) - depthOf(b) || (a.path < b.path ? -1 : 1)).slice(0, FILES_LIMIT);
  const texts = await tree.read(nearest.map(({ path }) => path));
  return {
    found: [...texts].map(([path, text]) => ({ path, text: beginningOf(text) })),
    gaps: [
      ...(rules.length > FILES_LIMIT
        ? [keyed("workspace.gap.rules_cut", { read: FILES_LIMIT, total: rules.length })]
        : []),
      ...nearest
        .filter(({ bytes }) => bytes > RULE_BYTES)
        .map(({ path }) => keyed("workspace.gap.rule_shortened", { path })),
      // A link may lead anywhere, so none is followed; whoever made it counts on it, and has to know.
      ...named
        .filter(({ kind }) => kind !== "file")
        .slice(0, FILES_LIMIT)
        .map(({ path }) => keyed("workspace.gap.rule_link", { path })),
    ],
  };
}

/** Capability indexes that the workspace brings for the tools that it is worked on with (G22). */
export async function capabilityMirrorsOf(tree: Tree): Promise<Read<WorkspaceEvidence["capabilityMirrors"]>> {
  const mirrors = tree.files.filter(({ kind, path }) => kind === "file" && MIRROR.test(path));
  const readable = mirrors.filter(({ bytes }) => bytes <= MIRROR_BYTES).slice(0, FILES_LIMIT);
  const texts = await tree.read(readable.map(({ path }) => path));
  return {
    found: [...texts].map(([path, text]) => ({ path, text })),
    gaps: mirrors
      .filter((mirror) => !readable.includes(mirror))
      .map(({ path }) => keyed("workspace.gap.capability_index_left_out", { path })),
  };
}

function isRuleFile(path: string): boolean {
  return posix.basename(path) === "AGENTS.md" || path === ".cursorrules" || /^\.cursor\/rules\/.+\.mdc$/.test(path);
}

function depthOf({ path }: TreeFile): number {
  return path.split("/").length;
}

/** At most RULE_BYTES, in whole paragraphs: half a sentence may say the contrary of the whole one. */
function beginningOf(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.byteLength <= RULE_BYTES) return text;
  const beginning = new TextDecoder().decode(bytes.subarray(0, RULE_BYTES), { stream: true });
  return /^.*\n[ \t]*\r?\n/su.exec(beginning)?.[0] ?? "";
}
