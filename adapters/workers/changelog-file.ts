import { readdir } from "node:fs/promises";
import semver from "semver";
import { readContent, type FileContent } from "./file-content.ts";

/** Name of a changelog that there is not yet. */
export const NEW_CHANGELOG = "CHANGELOG.md";
const NAMES = /^(changelog|changes|history|news)(\.(md|markdown|txt))?$/i;
/** `## [1.2.3] - 2026-01-02`, `# v1.2.3`, `1.2.3 / 2026-01-02`, with the underline of a heading below it or not. */
const ENTRY = /^(#{1,6}\s+)?\[?(?:version\s+|release\s+)?v?(\d+\.\d+(?:\.\d+)?(?:[-+][0-9A-Za-z.+-]+)?)\]?(?![\w.])/i;
const UNRELEASED = /^#{1,6}\s+\[?unreleased\b/i;

/** An entry of a changelog: the version that its heading names. */
interface ChangelogEntry {
  readonly version: string;
  /** From 1. */
  readonly line: number;
  /** Says something below its heading. */
  readonly filled: boolean;
}

/** The changelog at the top level; undefined where there is none. */
export async function changelogFile(): Promise<{ path: string; content: FileContent } | undefined> {
  const names = (await readdir(".")).filter((name) => NAMES.test(name)).sort((a, b) => rank(a) - rank(b));
  const [path] = names;
  return path === undefined ? undefined : { path, content: await readContent(path) };
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
  const [left, right] = [semver.coerce(a, { includePrerelease: true }), semver.coerce(b, { includePrerelease: true })];
  return left !== null && right !== null ? left.compare(right) === 0 : a === b;
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
