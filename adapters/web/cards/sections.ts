import type { ResultCard } from "../../../src/contracts/card.ts";
import { view, type Markup } from "../markup.ts";

type Section = ResultCard["sections"][number];

/** With what the core marks a line that it quotes from a file. */
const QUOTED = "│";

/** Headings with their lines, side by side where there is room; the line `aside` is small, as it is for searching. */
export function sectionBlocks(sections: readonly Section[], aside?: string): Markup | string {
  if (sections.length === 0) return "";
  return view`<div class="context">${sections.map(
    ({ heading, lines }) =>
      view`<section${lines.some(isQuoted) ? view` class="wide"` : ""}><h3>${heading}</h3>${linesBlock(lines, aside)}</section>`,
  )}</div>`;
}

/** What is quoted, such as a diff, stands together as it was written; what is said about it follows. */
function linesBlock(lines: readonly string[], aside: string | undefined): Markup {
  const quoted = lines.filter(isQuoted).map((line) => line.slice(QUOTED.length));
  const said = lines.filter((line) => !isQuoted(line));
  return view`${quoted.length === 0 ? "" : view`<pre class="text" tabindex="0">${quoted.join("\n")}</pre>`}${said.length === 0 ? "" : view`<ul>${said.map((line) => view`<li${line === aside ? view` class="muted"` : ""}>${line}</li>`)}</ul>`}`;
}

function isQuoted(line: string): boolean {
  return line.startsWith(QUOTED);
}
