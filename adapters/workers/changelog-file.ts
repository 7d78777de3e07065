import { readdir } from "node:fs/promises";
import { changelogAmong, entriesIn } from "../../src/versions.ts";
import { readContent, type FileContent } from "./file-content.ts";

/** Name of a changelog that there is not yet. */
export const NEW_CHANGELOG = "CHANGELOG.md";
const UNRELEASED = /^#{1,6}\s+\[?unreleased\b/i;

/** The changelog at the top level; undefined where there is none. */
export async function changelogFile(): Promise<{ path: string; content: FileContent } | undefined> {
  const path = changelogAmong(await readdir("."));
  return path === undefined ? undefined : { path, content: await readContent(path) };
}

/** Index of the line before which a new entry belongs: before the newest one, after title and unreleased notes. */
export function placeForEntry(lines: readonly string[]): number {
  const newest = entriesIn(lines)[0];
  if (newest !== undefined) return newest.line - 1;
  const unreleased = lines.findIndex((line) => UNRELEASED.test(line));
  if (unreleased !== -1) return lines.length;
  const title = lines.findIndex((line) => /^#\s/.test(line));
  return title === -1 ? 0 : endOfIntroduction(lines, title + 1);
}

function endOfIntroduction(lines: readonly string[], from: number): number {
  const next = lines.findIndex((line, at) => at >= from && /^#{1,6}\s/.test(line));
  return next === -1 ? lines.length : next;
}
