import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { COUNTED_MATCHES, KEPT_MATCHES, type TextSearch } from "../../src/contracts/evidence.ts";
import { InputError } from "../../src/errors.ts";
import { WALK_LIMIT } from "./tree.ts";
import { walkFolder } from "../folder-walk.ts";
import type { IsOwn } from "./own-folders.ts";
import type { Place, Repository } from "./place.ts";

const LARGEST_FILE = 5_000_000;
const EXCERPT = 300;

/** Where a text stands in the files of a workspace (ports: Workspace.search). */
export async function searchText(
  { place, isOwn }: { readonly place: Place; readonly isOwn: IsOwn },
  text: string,
  signal: AbortSignal,
): Promise<TextSearch> {
  if (text === "" || /[\r\n\0]/u.test(text)) {
    throw new InputError(
      "workspace.search_text",
      "A text of one line was expected; an empty one or one with line ends came.",
    );
  }
  return place.kind === "repository" && place.revision !== null
    ? searchRepository(place, isOwn, text)
    : searchFolder(place.folder, isOwn, text, signal);
}

/** Git's own search in the tracked files as they lie in the work tree: fixed text, no binary files, names as they are. */
async function searchRepository({ git, folder }: Repository, isOwn: IsOwn, text: string): Promise<TextSearch> {
  const found = collector(text);
  const records = recordReader(({ path, line, content }) =>
    isOwn(join(folder, path)) ? "more" : found.add(path, line, content),
  );
  // Every switch that a person's own settings could have changed is said.
  const argv = ["grep", "-F", "-n", "-z", "-I", "--no-color", "--no-column", "--no-heading", "--no-break"];
  const args = [...argv, "--no-full-name", "-e", text, "--", "."];
  const exitCode = await git.bytesOf(args, (chunk) => records.push(Buffer.from(chunk)));
  return { ...found.result(), command: { argv: ["git", ...args], exitCode } };
}

async function searchFolder(folder: string, isOwn: IsOwn, text: string, signal: AbortSignal): Promise<TextSearch> {
  const found = collector(text);
  const { files, cut, unreadable } = await walkFolder(folder, { limit: WALK_LIMIT, isOwn, signal });
  const readable = files.filter(({ kind, bytes }) => kind === "file" && bytes <= LARGEST_FILE);
  const wanted = Buffer.from(text);
  for (const { path } of readable) {
    signal.throwIfAborted();
    const content = await readFile(join(folder, path)).catch(() => Buffer.alloc(0));
    if (!content.includes(wanted) || content.includes(0)) continue;
    if (linesWith(content, wanted).some(({ line, bytes }) => found.add(path, line, bytes) === "enough")) break;
  }
  const result = found.result();
  return {
    ...result,
    command: null,
    cut: result.cut || cut || unreadable.length > 0 || readable.length < files.length,
  };
}

function linesWith(content: Buffer, wanted: Buffer): { line: number; bytes: Buffer }[] {
  const found: { line: number; bytes: Buffer }[] = [];
  for (let from = 0, line = 1; from < content.length; line += 1) {
    const at = content.indexOf("\n", from);
    const end = at === -1 ? content.length : at;
    const bytes = content.subarray(from, end);
    if (bytes.includes(wanted)) found.push({ line, bytes });
    from = end + 1;
  }
  return found;
}

interface Collector {
  add(path: string, line: number, content: Buffer): "more" | "enough";
  result(): Omit<TextSearch, "command">;
}

/** Keeps the first places, and counts the others up to the limit. */
function collector(text: string): Collector {
  const matches: TextSearch["matches"] = [];
  let total = 0;
  return {
    add(path, line, content) {
      total += 1;
      if (matches.length < KEPT_MATCHES) {
        const bytes = content.at(-1) === 0x0d ? content.subarray(0, -1) : content;
        const sha256 = createHash("sha256").update(bytes).digest("hex");
        matches.push({ path, line, sha256, excerpt: excerptOf(bytes.toString(), text) });
      }
      return total < COUNTED_MATCHES ? "more" : "enough";
    },
    result: () => ({ text, matches, total, cut: total >= COUNTED_MATCHES }),
  };
}

/** The line, or the part of a very long one around the text. */
function excerptOf(line: string, text: string): string {
  if (line.length <= EXCERPT) return line.trim();
  const at = Math.max(0, line.indexOf(text) - EXCERPT / 3);
  return `${at > 0 ? "…" : ""}${line.slice(at, at + EXCERPT).trim()}${at + EXCERPT < line.length ? "…" : ""}`;
}

interface GrepRecord {
  readonly path: string;
  readonly line: number;
  readonly content: Buffer;
}

/** Reads `path NUL line NUL content LF`, chunk by chunk; a path may hold line ends, which is why it ends with NUL. */
function recordReader(onRecord: (record: GrepRecord) => "more" | "enough"): {
  push(chunk: Buffer): "more" | "enough";
} {
  let parts: Buffer[] = [];
  return {
    push(chunk) {
      parts.push(chunk);
      // Joined only where a record can end: a line of many megabytes comes in many chunks.
      if (!chunk.includes("\n")) return "more";
      let rest = Buffer.concat(parts);
      parts = [];
      for (;;) {
        const pathEnd = rest.indexOf(0);
        const lineEnd = rest.indexOf(0, pathEnd + 1);
        const end = rest.indexOf("\n", lineEnd + 1);
        if (pathEnd === -1 || lineEnd === -1 || end === -1) {
          parts = [rest];
          return "more";
        }
        const path = rest.subarray(0, pathEnd).toString();
        const line = Number(rest.subarray(pathEnd + 1, lineEnd).toString());
        const content = rest.subarray(lineEnd + 1, end);
        rest = rest.subarray(end + 1);
        if (onRecord({ path, line, content }) === "enough") return "enough";
      }
    },
  };
}
