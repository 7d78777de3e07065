import {
  ComponentType,
  type APIComponentInContainer,
  type APIContainerComponent,
  type APITextDisplayComponent,
} from "discord.js";
import { plainLines } from "../../src/plain-text.ts";
import { WORD_JOINER } from "./escape.ts";
import { LIMITS } from "./limits.ts";
import { fits, sum, weightOf, type Weight } from "./weight.ts";

/** One message: a container with what stands in it. A card is one or more of them. */
export interface Sheet {
  readonly components: [APIContainerComponent];
  /** Name of the file that it shows, to be sent with it when it is posted. */
  readonly file: string | undefined;
}

/** What stands together: never torn apart between two messages. */
export type Block = readonly APIComponentInContainer[];

const CONTAINER: Weight = { components: 1, characters: 0, weight: 0 };

/** Text that is escaped already, as blocks of a size that Discord shows well. */
export function textBlocks(text: string): Block[] {
  return pieces(text).map((content) => [display(content)]);
}

const FENCE = { before: "```diff\n", after: "\n```" } as const;
const IN_FENCE = LIMITS.display - FENCE.before.length - FENCE.after.length;

/** Lines as they are, in code blocks that each stand in a display of their own. Nothing in there is escaped or can be. */
export function codeBlocks(lines: readonly string[]): Block[] {
  const parts: string[] = [];
  for (const line of lines.map(unfenced).flatMap((text) => brokenAt(text, IN_FENCE))) {
    const open = parts.at(-1);
    if (open !== undefined && open.length + line.length + 1 <= IN_FENCE) parts[parts.length - 1] = `${open}\n${line}`;
    else parts.push(line);
  }
  return parts.map((text) => [display(`${FENCE.before}${text}${FENCE.after}`)]);
}

/** Three backticks would end the block, and what follows would be markup. */
function unfenced(line: string): string {
  return plainLines(line)
    .replaceAll("\n", " ")
    .replaceAll("``", `\`${WORD_JOINER}\``)
    .replaceAll("``", `\`${WORD_JOINER}\``);
}

function brokenAt(text: string, most: number): string[] {
  if (text.length <= most) return [text];
  const at = /[\u{dc00}-\u{dfff}]/u.test(text.charAt(most)) ? most - 1 : most;
  return [text.slice(0, at), ...brokenAt(text.slice(at), most)];
}

/** Text in pieces of at most one display; lines stay whole where they can. */
export function pieces(text: string): string[] {
  const done: string[] = [];
  let open = "";
  for (const line of text.split("\n").flatMap(shortEnough)) {
    if (open !== "" && open.length + line.length + 1 > LIMITS.display) {
      done.push(open);
      open = line;
    } else open = open === "" ? line : `${open}\n${line}`;
  }
  return [...done, open].filter((content) => content.trim() !== "");
}

export function display(content: string): APITextDisplayComponent {
  return { type: ComponentType.TextDisplay, content };
}

/** Puts blocks into as few messages as take them, in their order. */
export function sheetsOf(blocks: readonly Block[], colour: number): Sheet[] {
  const pages: APIComponentInContainer[][] = [];
  let used = CONTAINER;
  for (const block of blocks) {
    const weight = weightOf(block);
    const page = pages.at(-1);
    if (page !== undefined && fits(sum(used, weight))) {
      page.push(...block);
      used = sum(used, weight);
    } else {
      pages.push([...block]);
      used = sum(CONTAINER, weight);
    }
  }
  return pages.map((components) => ({
    components: [{ type: ComponentType.Container, accent_color: colour, components }],
    file: components.flatMap((component) =>
      component.type === ComponentType.File ? [fileIn(component.file.url)] : [],
    )[0],
  }));
}

/** The same message without the file that it would show. */
export function withoutFile({ components: [container] }: Sheet): Sheet {
  const components = container.components.filter(({ type }) => type !== ComponentType.File);
  return { components: [{ ...container, components }], file: undefined };
}

function fileIn(url: string): string {
  return url.slice("attachment://".length);
}

/** A line that is longer than a display is broken; what follows begins no list by standing at the beginning now. */
function shortEnough(line: string): string[] {
  const parts: string[] = [];
  let rest = line;
  while (rest.length > LIMITS.display) {
    const at = breakIn(rest, LIMITS.display);
    parts.push(rest.slice(0, at));
    rest = `${WORD_JOINER}${rest.slice(at)}`;
  }
  return [...parts, rest];
}

/** The last place, at most `most`, that is neither inside a character nor between a backslash and what it escapes. */
function breakIn(text: string, most: number): number {
  const at = /[\u{dc00}-\u{dfff}]/u.test(text.charAt(most)) ? most - 1 : most;
  let backslashes = 0;
  while (text.charAt(at - 1 - backslashes) === "\\") backslashes += 1;
  return backslashes % 2 === 0 ? at : at - 1;
}
