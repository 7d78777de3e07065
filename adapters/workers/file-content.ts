import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { constants, open } from "node:fs/promises";
import type { Evidence } from "../../src/contracts/finding.ts";

/** Larger files are not read as text. */
export const TEXT_LIMIT_BYTES = 1_000_000;
const EXCERPT_LENGTH = 160;

export type FileContent =
  | {
      readonly kind: "text";
      readonly path: string;
      readonly bytes: number;
      readonly text: string;
      readonly lines: readonly string[];
      readonly utf8: boolean;
    }
  | { readonly kind: "binary" | "too_large"; readonly bytes: number }
  | { readonly kind: "unreadable" };

/** A text file; `lines` are without line ends. Where `utf8` is false, the text is read as Latin-1. */
export type TextContent = Extract<FileContent, { kind: "text" }>;

/** Reads a file of the workspace without following links. Never rejects: what cannot be read is a kind. */
export async function readContent(path: string): Promise<FileContent> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const status = await file.stat();
    if (!status.isFile()) return { kind: "unreadable" };
    if (status.size > TEXT_LIMIT_BYTES) return { kind: "too_large", bytes: status.size };
    const bytes = await file.readFile();
    // What git does: a NUL among the first bytes means binary.
    if (bytes.subarray(0, 8000).includes(0)) return { kind: "binary", bytes: bytes.length };
    return textContent(path, bytes);
  } catch {
    return { kind: "unreadable" };
  }
}

function textContent(path: string, bytes: Buffer): TextContent {
  const utf8 = isUtf8(bytes);
  const text = bytes.toString(utf8 ? "utf8" : "latin1");
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  return { kind: "text", path, bytes: bytes.length, text, lines, utf8 };
}

/** The line (from 1) in which the character at `offset` stands. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}

/**
 * A finding's place and its evidence: the line's hash, which Review compares. A line whose bytes do not
 * survive decoding (no UTF-8) gets no line, since nobody else would read the same.
 */
export function placeIn(
  content: TextContent,
  line: number,
  options: { excerpt: boolean } = { excerpt: true },
): { file: string; line: number | undefined; evidence: [Evidence] } {
  const seen = content.lines[line - 1];
  if (seen === undefined || !content.utf8) {
    return { file: content.path, line: undefined, evidence: [{ kind: "file", path: content.path }] };
  }
  const excerpt = options.excerpt ? { excerpt: withoutCredentials(seen.trim().slice(0, EXCERPT_LENGTH)) } : {};
  const sha256 = createHash("sha256").update(seen).digest("hex");
  return { file: content.path, line, evidence: [{ kind: "file", path: content.path, line, sha256, ...excerpt }] };
}

/** Takes user and password out of addresses. */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/\/\/[^/\s@"']+@/g, "//***@");
}
