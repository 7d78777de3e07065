import { lstat } from "node:fs/promises";
import { readContent, placeIn, type TextContent } from "./file-content.ts";
import { runWorker, words, type Reporter } from "./protocol.ts";
import { fileCount, trackedFiles, type TrackedFile } from "./tracked-files.ts";

/** Lane `size`: large files, what a build or an editor left behind, unfinished merges, very long source files. */

const LARGE_BYTES = 1_000_000;
const VERY_LARGE_BYTES = 20_000_000;
const LONG_SOURCE_LINES = 1000;
const LEFTOVER = /(^|\/)(\.DS_Store|Thumbs\.db|npm-debug\.log[^/]*|[^/]+\.(log|orig|rej|bak|swp|swo|tmp)|[^/]+~)$/i;
const BUILT_BINARY = /\.(exe|dll|so|dylib|a|o|obj|class|pyc|jar|war|zip|tar|gz|tgz|bz2|xz|7z|rar|iso|dmg)$/i;
const SOURCE =
  /\.(c|cc|cpp|cs|cxx|dart|ex|exs|go|h|hpp|java|js|jsx|kt|lua|m|mjs|mm|php|pl|py|rb|rs|scala|sh|swift|ts|tsx|vue|svelte)$/i;
const GENERATED =
  /(\.min\.js|\.d\.ts|\.pb\.go|_pb2\.py|\.generated\.[a-z]+)$|(^|\/)(vendor|third_party|generated|dist|build)\//i;
const OUTPUT_FOLDER = /^(?:.*\/)?(node_modules|dist|__pycache__|\.venv|venv|target\/debug|target\/release)\//;
const TODO = /\b(TODO|FIXME|XXX)\b/;

interface Totals {
  bytes: number;
  binaries: number;
  todos: number;
  todoFiles: number;
  unreadable: number;
  tooLarge: number;
}

async function inspect(path: string, totals: Totals, report: Reporter): Promise<void> {
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined) {
    totals.unreadable += 1;
    return;
  }
  totals.bytes += status.size;
  if (status.size > LARGE_BYTES) reportLarge(path, status.size, report);
  if (BUILT_BINARY.test(path)) {
    const evidence = [{ kind: "measure" as const, name: "size", value: status.size, unit: "bytes" }];
    report.finding({ code: "size.built_binary", severity: "low", file: path, params: { file: path }, evidence });
  }
  const content = await readContent(path);
  if (content.kind === "binary") totals.binaries += 1;
  if (content.kind === "too_large") totals.tooLarge += 1;
  if (content.kind === "unreadable") totals.unreadable += 1;
  if (content.kind !== "text") return;
  reportConflict(content, report);
  if (SOURCE.test(path) && !GENERATED.test(path)) reportSource(content, totals, report);
}

function reportLarge(path: string, bytes: number, report: Reporter): void {
  const evidence = [{ kind: "measure" as const, name: "size", value: bytes, unit: "bytes" }];
  const params = { file: path, kilobytes: Math.round(bytes / 1000) };
  const severity = bytes > VERY_LARGE_BYTES ? "medium" : "low";
  report.finding({ code: "size.large_file", severity, file: path, params, evidence });
}

function reportSource(content: TextContent, totals: Totals, report: Reporter): void {
  const open = content.lines.filter((line) => TODO.test(line)).length;
  totals.todos += open;
  totals.todoFiles += open > 0 ? 1 : 0;
  const lines = content.text.endsWith("\n") ? content.lines.length - 1 : content.lines.length;
  if (lines <= LONG_SOURCE_LINES) return;
  const file = content.path;
  const evidence = [{ kind: "measure" as const, name: "lines", value: lines, unit: "lines" }];
  report.finding({ code: "size.long_source", severity: "low", file, params: { file, lines }, evidence });
}

/** All three markers in their order: a row of equals signs alone is a heading in many documents. */
function reportConflict(content: TextContent, report: Reporter): void {
  if (!content.text.includes("<<<<<<< ")) return;
  const start = content.lines.findIndex((line) => line.startsWith("<<<<<<< "));
  const middle = content.lines.indexOf("=======", start);
  const end = content.lines.findIndex((line, at) => at > middle && line.startsWith(">>>>>>> "));
  if (start === -1 || middle === -1 || end === -1) return;
  const params = { file: content.path };
  report.finding({ code: "size.conflict_marker", severity: "high", ...placeIn(content, start + 1), params });
}

function reportOutputFolders(files: readonly TrackedFile[], report: Reporter): void {
  const folders = new Map<string, number>();
  for (const { path } of files) {
    const match = OUTPUT_FOLDER.exec(path);
    if (match !== null) folders.set(match[0], (folders.get(match[0]) ?? 0) + 1);
  }
  for (const [folder, count] of folders) {
    const evidence = [{ kind: "measure" as const, name: "tracked files", value: count, unit: "files" }];
    // A shipped `dist` can be on purpose; installed packages never are.
    const severity = folder.endsWith("dist/") ? "low" : "medium";
    report.finding({ code: "size.committed_output", severity, params: { folder, count }, evidence });
  }
}

await runWorker(async ({ brief, report }) => {
  const files = await trackedFiles(brief);
  const totals: Totals = { bytes: 0, binaries: 0, todos: 0, todoFiles: 0, unreadable: 0, tooLarge: 0 };
  reportOutputFolders(files, report);
  for (const [at, file] of files.entries()) {
    if (at % 500 === 0) report.progress(at, files.length);
    if (LEFTOVER.test(file.path)) {
      const evidence = [{ kind: "file" as const, path: file.path }];
      report.finding({
        code: "size.leftover",
        severity: "low",
        file: file.path,
        params: { file: file.path },
        evidence,
      });
    }
    if (file.kind === "file") await inspect(file.path, totals, report);
  }
  if (totals.todos > 0) {
    const evidence = [{ kind: "measure" as const, name: "open notes", value: totals.todos, unit: "lines" }];
    const params = { count: totals.todos, files: totals.todoFiles };
    report.finding({ code: "size.open_notes", severity: "info", params, evidence });
  }
  if (totals.unreadable > 0) report.unavailable("size.unreadable", { count: totals.unreadable });
  if (totals.tooLarge > 0) report.unavailable("size.too_large", { count: totals.tooLarge });
  report.fact("trackedFiles", fileCount(files));
  report.fact("trackedBytes", totals.bytes);
  report.fact("binaryFiles", totals.binaries);
  report.fact("openNotes", totals.todos);
  return words("worker.size.done", { files: files.length, kilobytes: Math.round(totals.bytes / 1000) });
});
