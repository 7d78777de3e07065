import type { Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { view, type Markup } from "./markup.ts";

/**
 * Markdown as a piece of a page, its headings below that of the page. Only what lays text out becomes markup: HTML is
 * shown as it was written, and a link as its text with its address behind it.
 */
export function markdownBlocks(text: string): Markup {
  return view`${fromMarkdown(text).children.map(markupOf)}`;
}

function markupOf(node: Nodes): Markup {
  switch (node.type) {
    case "heading":
      return heading(node.depth, within(node));
    case "paragraph":
      return view`<p>${within(node)}</p>`;
    case "list":
      return node.ordered === true
        ? view`<ol start="${String(node.start ?? 1)}">${within(node)}</ol>`
        : view`<ul>${within(node)}</ul>`;
    case "listItem":
      return view`<li>${within(node)}</li>`;
    case "blockquote":
      return view`<blockquote>${within(node)}</blockquote>`;
    case "code":
      return view`<pre class="text" tabindex="0">${node.value}</pre>`;
    case "inlineCode":
      return view`<code>${node.value}</code>`;
    case "strong":
      return view`<strong>${within(node)}</strong>`;
    case "emphasis":
      return view`<em>${within(node)}</em>`;
    case "break":
      return view`<br>`;
    case "link":
      return view`${within(node)} (${node.url})`;
    case "thematicBreak":
      return view`<hr>`;
    case "image":
    case "imageReference":
      return view`${node.alt ?? ""}`;
    case "text":
    case "html":
    case "yaml":
      return view`${node.value}`;
    case "definition":
    case "delete":
    case "footnoteDefinition":
    case "footnoteReference":
    case "linkReference":
    case "root":
    case "table":
    case "tableCell":
    case "tableRow":
      return view`${within(node)}`;
  }
}

function within(node: Nodes): Markup[] {
  return "children" in node ? node.children.map(markupOf) : [];
}

function heading(depth: number, text: Markup[]): Markup {
  if (depth === 1) return view`<h2>${text}</h2>`;
  return depth === 2 ? view`<h3>${text}</h3>` : view`<h4>${text}</h4>`;
}
