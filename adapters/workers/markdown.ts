import type { Nodes, Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { visit } from "unist-util-visit";

export interface MarkdownLink {
  readonly url: string;
  readonly line: number;
}

/** What the documentation checks need of one Markdown file. */
export interface MarkdownOutline {
  readonly links: readonly MarkdownLink[];
  readonly headings: readonly string[];
  /** Names that `#…` may point to, in lower case. */
  readonly anchors: ReadonlySet<string>;
}

const HTML_LINK = /\b(?:href|src)\s*=\s*["']([^"']+)["']/gi;
const HTML_ANCHOR = /\b(?:id|name)\s*=\s*["']([^"']+)["']/gi;

/** Reads links (Markdown and HTML, images too), headings and anchors; code is not looked into. */
export function outlineOf(markdown: string): MarkdownOutline {
  const tree = fromMarkdown(withoutFrontMatter(markdown));
  const links: MarkdownLink[] = [];
  const headings: string[] = [];
  const anchors = new Set<string>();
  visit(tree, (node) => {
    const line = node.position?.start.line ?? 1;
    if (node.type === "link" || node.type === "image" || node.type === "definition")
      links.push({ url: node.url, line });
    if (node.type === "heading") headings.push(plainText(node));
    if (node.type === "html") {
      links.push(...htmlLinks(node.value, line));
      for (const [, name] of node.value.matchAll(HTML_ANCHOR)) if (name !== undefined) anchors.add(name.toLowerCase());
    }
  });
  for (const slug of headingSlugs(headings)) anchors.add(slug);
  return { links, headings, anchors };
}

/** Blanks the YAML block at the top, keeping the line numbers: its comments would read as headings. */
function withoutFrontMatter(markdown: string): string {
  const block = /^---\r?\n[\s\S]*?\n---[ \t]*(?:\r?\n|$)/.exec(markdown)?.[0];
  return block === undefined ? markdown : block.replaceAll(/[^\n]/g, "") + markdown.slice(block.length);
}

function htmlLinks(html: string, firstLine: number): MarkdownLink[] {
  return [...html.matchAll(HTML_LINK)].map((match) => ({
    url: match[1] ?? "",
    line: firstLine + html.slice(0, match.index).split("\n").length - 1,
  }));
}

function plainText(node: Root | Nodes): string {
  if ("value" in node) return node.type === "html" ? "" : node.value;
  return "children" in node ? node.children.map(plainText).join("") : "";
}

/** As GitHub makes them: lower case, no punctuation, spaces to hyphens, repeats counted. */
function headingSlugs(headings: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return headings.map((heading) => {
    const slug = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
      .replaceAll(" ", "-");
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}
