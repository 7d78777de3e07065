import { posix } from "node:path";
import type { MessageKey } from "../../src/i18n.ts";
import { readContent, placeIn, type TextContent } from "./file-content.ts";
import { outlineOf, type MarkdownLink, type MarkdownOutline } from "./markdown.ts";
import { runWorker, words, type Reporter } from "./protocol.ts";
import { fileCount, trackedFiles, type TrackedFile } from "./tracked-files.ts";

/** Lane `documentation`: is there a README that helps a newcomer, and do the links lead somewhere? */

const MARKDOWN = /\.(md|markdown)$/i;
const README = /^(?:docs\/|\.github\/)?readme(?:\.[a-z]+)?$/i;
const LICENCE = /^(licen[cs]e|copying|unlicense)([-.][^/]*)?$/i;
/** Written by nobody here. */
const FOREIGN = /(^|\/)(node_modules|vendor|third_party)\//;

interface Part {
  readonly words: RegExp;
  readonly name: MessageKey;
}
const README_PARTS: readonly Part[] = [
  {
    name: "worker.part.install",
    words: /\b(install\w*|set-?up|getting started|quick ?start|build(ing)?)\b|安装|快速开始|构建/i,
  },
  {
    name: "worker.part.use",
    words: /\b(usage|use|using|run(ning)?|start|quick ?start|example\w*)\b|使用|运行|用法|示例/i,
  },
  { name: "worker.part.test", words: /\b(test\w*)\b|测试/i },
];

interface Site {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
  readonly submodules: readonly string[];
  outline(path: string): Promise<MarkdownOutline | undefined>;
}

interface Totals {
  checked: number;
  broken: number;
  external: number;
  outside: number;
}

function siteOf(files: readonly TrackedFile[]): Site {
  const folders = new Set<string>([""]);
  for (const { path } of files) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) folders.add(path.slice(0, at));
  }
  const outlines = new Map<string, Promise<MarkdownOutline | undefined>>();
  const outline = async (path: string): Promise<MarkdownOutline | undefined> => {
    const content = await readContent(path);
    return content.kind === "text" ? outlineOf(content.text) : undefined;
  };
  return {
    files: new Set(files.map((file) => file.path)),
    folders,
    submodules: files.filter((file) => file.kind === "submodule").map((file) => file.path),
    outline: (path) => {
      const known = outlines.get(path) ?? outline(path);
      outlines.set(path, known);
      return known;
    },
  };
}

async function checkDocument(content: TextContent, site: Site, totals: Totals, report: Reporter): Promise<void> {
  if (content.text.trim() === "") {
    const evidence = [{ kind: "measure" as const, name: "size", value: content.bytes, unit: "bytes" }];
    const params = { file: content.path };
    report.finding({ code: "documentation.empty", severity: "low", file: content.path, params, evidence });
    return;
  }
  const outline = outlineOf(content.text);
  for (const link of outline.links) await checkLink(link, content, outline, site, totals, report);
}

async function checkLink(
  link: MarkdownLink,
  content: TextContent,
  own: MarkdownOutline,
  site: Site,
  totals: Totals,
  report: Reporter,
): Promise<void> {
  const target = parseTarget(link.url, content.path);
  if (target.kind !== "inside") {
    if (target.kind !== "ignored") totals[target.kind] += 1;
    return;
  }
  totals.checked += 1;
  const complain = (code: "documentation.broken_link" | "documentation.missing_anchor"): void => {
    totals.broken += 1;
    const params = { file: content.path, target: link.url };
    const severity = code === "documentation.broken_link" && README.test(content.path) ? "medium" : "low";
    report.finding({ code, severity, ...placeIn(content, link.line), params });
  };
  const path = findTarget(target.path, site);
  if (path === undefined) return complain("documentation.broken_link");
  if (target.anchor === "" || !MARKDOWN.test(path)) return;
  const outline = path === content.path ? own : await site.outline(path);
  if (outline !== undefined && !hasAnchor(outline, target.anchor)) complain("documentation.missing_anchor");
}

type Target =
  | { readonly kind: "inside"; readonly path: string; readonly anchor: string }
  | { readonly kind: "external" | "outside" | "ignored" };

/** Where a link of `from` leads; a leading `/` means the root of the repository, as GitHub reads it. */
function parseTarget(url: string, from: string): Target {
  if (url.trim() === "" || /\{\{|\{%|\$\{|<%/.test(url)) return { kind: "ignored" };
  if (/^[a-z][a-z0-9+.-]*:/i.test(url) || url.startsWith("//")) return { kind: "external" };
  const [address = "", anchor = ""] = url.split("#", 2);
  const plain = decode(address.split("?", 1)[0] ?? "");
  if (plain === "") return { kind: "inside", path: from, anchor: decode(anchor) };
  const joined = plain.startsWith("/") ? posix.normalize(plain.slice(1)) : posix.join(posix.dirname(from), plain);
  if (joined === ".." || joined.startsWith("../")) return { kind: "outside" };
  return { kind: "inside", path: joined === "." ? "" : joined.replace(/\/$/, ""), anchor: decode(anchor) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Site generators leave out `.md`, or write `.html` for it. */
function findTarget(path: string, site: Site): string | undefined {
  const stem = path.replace(/\.html$/, "");
  const candidates = [path, `${stem}.md`, `${stem}.mdx`];
  const found = candidates.find((candidate) => site.files.has(candidate));
  if (found !== undefined) return found;
  const insideSubmodule = site.submodules.some((folder) => path.startsWith(`${folder}/`));
  return site.folders.has(path) || insideSubmodule ? path : undefined;
}

function hasAnchor(outline: MarkdownOutline, anchor: string): boolean {
  const wanted = anchor.toLowerCase().replace(/^user-content-/, "");
  return wanted === "top" || wanted.startsWith(":~:") || outline.anchors.has(wanted);
}

async function checkReadme(files: readonly TrackedFile[], report: Reporter): Promise<string | undefined> {
  const listed = [{ kind: "command" as const, argv: ["git", "ls-files", "--stage", "-z"], exitCode: 0 }];
  const readmes = files.filter((file) => README.test(file.path));
  const readme = readmes.find((file) => !file.path.includes("/")) ?? readmes[0];
  const hasLicence = files.some((file) => LICENCE.test(file.path));
  if (!hasLicence) report.finding({ code: "documentation.licence_missing", severity: "low", evidence: listed });
  if (readme === undefined) {
    report.finding({ code: "documentation.readme_missing", severity: "medium", evidence: listed });
    return undefined;
  }
  const content = await readContent(readme.path);
  if (content.kind !== "text") return readme.path;
  for (const part of README_PARTS) {
    if (part.words.test(content.text)) continue;
    const params = { file: readme.path, part: words(part.name) };
    report.finding({ code: "documentation.readme_part_missing", severity: "low", ...placeIn(content, 1), params });
  }
  return readme.path;
}

await runWorker(async ({ brief, report }) => {
  const files = await trackedFiles(brief);
  const site = siteOf(files);
  const documents = files.filter(({ path, kind }) => kind === "file" && MARKDOWN.test(path) && !FOREIGN.test(path));
  const totals: Totals = { checked: 0, broken: 0, external: 0, outside: 0 };
  let unread = 0;
  for (const [at, { path }] of documents.entries()) {
    if (at % 50 === 0) report.progress(at, documents.length);
    const content = await readContent(path);
    if (content.kind !== "text") unread += 1;
    else await checkDocument(content, site, totals, report);
  }
  const readme = await checkReadme(files, report);
  report.fact("trackedFiles", fileCount(files));
  report.fact("markdownFiles", documents.length);
  report.fact("linksChecked", totals.checked);
  report.fact("brokenLinks", totals.broken);
  report.fact("readme", readme ?? "");
  if (totals.external > 0) report.unavailable("documentation.external_links", { count: totals.external });
  if (totals.outside > 0) report.unavailable("documentation.links_outside", { count: totals.outside });
  if (unread > 0) report.unavailable("documentation.unread", { count: unread });
  return words("worker.documentation.done", {
    documents: documents.length,
    checked: totals.checked,
    broken: totals.broken,
  });
});
