import type { Blockquote, List, ListItem, Nodes, Paragraph, PhrasingContent, Root, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";

/** Around the number of a code span, in place of the span; private-use characters, taken out of the text before. */
export const OPEN = "\u{e000}";
export const CLOSE = "\u{e001}";

/** A sentence of a rule file with its code spans set apart, and what stands around it that may change its meaning. */
export interface Sentence {
  /** With `OPEN 0 CLOSE` for the first code span. */
  readonly text: string;
  readonly codes: readonly string[];
  readonly line: number;
  /** As a person reads it. */
  readonly shown: string;
  /** It is no rule of this file, whatever it says: code, or the words of somebody else. */
  readonly standing: "plain" | "example" | "quotation" | "heading";
  readonly around: readonly Surrounding[];
  /** The words with a colon that introduce its list, when the sentence alone is only an item. */
  readonly lead: string | undefined;
}

/** Words that may change what a sentence means: in a heading, above its list or before it, or after it. */
export interface Surrounding {
  readonly kind: "heading" | "lead" | "before" | "after";
  readonly text: string;
}

interface Place {
  readonly standing: Sentence["standing"];
  readonly around: readonly Surrounding[];
  readonly lead: string | undefined;
}
interface Line {
  readonly text: string;
  readonly codes: readonly string[];
  readonly lines: readonly number[];
}

/**
 * What costs the parser more than its length: it takes half a minute for 20 kB of emphasis in one paragraph, of lists
 * inside lists or of comments without an end, and overflows the stack. A rule file that people read comes nowhere near.
 */
const LIMITS = {
  lines: 1000,
  depth: 24,
  containers: 2000,
  marks: 3000,
  marksOfParagraph: 1000,
  comments: 200,
} as const;
/** What opens lists and quotations at the beginning of a line. */
const OPENING = /^(?:[ \t>]|(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$))*/u;

/** Can the text be parsed in little time? */
export function isReadable(markdown: string): boolean {
  const lines = markdown.split(/\r\n?|\n/u);
  if (lines.length > LIMITS.lines || markdown.split(/<[!?]/u).length > LIMITS.comments) return false;
  let [containers, marks, ofParagraph] = [0, 0, 0];
  for (const line of lines) {
    const opened = (OPENING.exec(line)?.[0] ?? "").match(/[->+*]|\d+/gu)?.length ?? 0;
    const columns = (/^[ \t]*/u.exec(line)?.[0] ?? "").replaceAll("\t", "    ").length;
    // An item is indented by at least two columns.
    if (opened > 0 && opened + columns / 2 > LIMITS.depth) return false;
    const marked = line.match(/\*+|_+|[[\]]/gu)?.length ?? 0;
    containers += opened;
    marks += marked;
    ofParagraph = line.trim() === "" ? 0 : ofParagraph + marked;
    if (containers > LIMITS.containers || marks > LIMITS.marks || ofParagraph > LIMITS.marksOfParagraph) return false;
  }
  return true;
}

/** All sentences of a Markdown text, in their order. `firstLine`: the number of its first line in its file. */
export function sentencesOf(markdown: string, firstLine = 1): Sentence[] {
  const text = markdown.replaceAll(/[\u{e000}\u{e001}]/gu, "");
  const sentences: Sentence[] = [];
  walk(fromMarkdown(text), { standing: "plain", around: [], lead: undefined }, sentences);
  return sentences.map((sentence) => ({ ...sentence, line: sentence.line + firstLine - 1 }));
}

/** `opened`: the first paragraph of a list item, which was read already. */
function walk(parent: Root | Blockquote | ListItem, place: Place, into: Sentence[], opened?: Paragraph): void {
  const headings: { depth: number; text: string }[] = [];
  let before: RootContent | undefined = opened;
  for (const [at, node] of parent.children.entries()) {
    if (node === opened) continue;
    const above = headings.map(({ text }): Surrounding => ({ kind: "heading", text }));
    const below = takenBackBy(node, parent.children[at + 1]);
    const here = { ...place, around: [...place.around, ...above, ...below] };
    if (node.type === "heading") {
      while ((headings.at(-1)?.depth ?? 0) >= node.depth) headings.pop();
      into.push(...split(flatten(node.children), { ...place, around: below, standing: "heading" }));
      headings.push({ depth: node.depth, text: wordsIn(node) });
    } else if (node.type === "paragraph") into.push(...split(flatten(node.children), here));
    else if (node.type === "list") walkList(node, listPlace(here, before, parent), into);
    else if (node.type === "blockquote") walk(node, { ...here, standing: "quotation" }, into);
    else if ((node.type === "code" || node.type === "html") && node.value.trim() !== "")
      into.push(verbatim(node.value, node.position?.start.line ?? 1, here.around));
    before = node;
  }
}

/** What stands below may take back or bound what stands above: "Except on Fridays.", or conditions as a list. */
function takenBackBy(node: RootContent, next: RootContent | undefined): Surrounding[] {
  if (next === undefined) return [];
  const text = wordsIn(next);
  const isBound = next.type === "paragraph" ? TAKES_BACK.test(text) : next.type === "list" && endsWithColon(node);
  return isBound ? [{ kind: "after", text }] : [];
}

function endsWithColon(node: RootContent): boolean {
  return node.type === "paragraph" && COLON.test(wordsIn(node).trim());
}

const COLON = /[:：]$/u;

/**
 * A paragraph that ends with a colon introduces the list below it; so does an item that has a list of its own, one
 * that speaks of what follows, and a heading.
 */
function listPlace(here: Place, before: RootContent | undefined, parent: Root | Blockquote | ListItem): Place {
  if (before?.type === "heading") return { ...here, lead: flatten(before.children).text.trim() };
  if (before?.type !== "paragraph") return here;
  const text = flatten(before.children).text.trim();
  const introduces = COLON.test(text);
  const spoken: Surrounding = { kind: "before", text: wordsIn(before) };
  if (!introduces && parent.type !== "listItem")
    return SPEAKS_OF_NEXT.test(text) ? { ...here, around: [...here.around, spoken] } : here;
  return {
    ...here,
    around: [...here.around, { kind: "lead", text: wordsIn(before) }],
    lead: introduces ? text : undefined,
  };
}

function walkList(list: List, place: Place, into: Sentence[]): void {
  for (const item of list.children) {
    const [first, ...rest] = item.children;
    if (first?.type !== "paragraph") {
      walk(item, place, into);
      continue;
    }
    // What stands below an item may take it back ("except …").
    const below = rest.map((node): Surrounding => ({ kind: "after", text: wordsIn(node) }));
    into.push(...split(flatten(first.children), { ...place, around: [...place.around, ...below] }));
    walk(item, { ...place, lead: undefined }, into, first);
  }
}

function verbatim(value: string, line: number, around: readonly Surrounding[]): Sentence {
  return { text: value, codes: [], line, shown: value.trim(), standing: "example", around, lead: undefined };
}

function wordsIn(node: Nodes): string {
  if (node.type === "code" || node.type === "html") return "";
  if ("value" in node) return node.value;
  return "children" in node ? node.children.map(wordsIn).join(node.type === "paragraph" ? "" : " ") : "";
}

/** Inline content as one text; each character knows its line. */
function flatten(children: readonly PhrasingContent[]): Line {
  const codes: string[] = [];
  const lines: number[] = [];
  let text = "";
  const add = (value: string, line: number): void => {
    let at = line;
    for (const character of value) {
      for (let unit = 0; unit < character.length; unit += 1) lines.push(at);
      if (character === "\n") at += 1;
    }
    text += value;
  };
  const visit = (node: PhrasingContent): void => {
    const line = node.position?.start.line ?? 1;
    if (node.type === "inlineCode") {
      add(`${OPEN}${codes.length}${CLOSE}`, line);
      codes.push(node.value.trim());
    } else if (node.type === "break") add("\n", line);
    // A tag such as <del> may take everything back; a comment is for nobody.
    else if (node.type === "text" || (node.type === "html" && !/^<!--|^<br\b/i.test(node.value))) add(node.value, line);
    else if ("children" in node) node.children.forEach(visit);
  };
  children.forEach(visit);
  return { text, codes, lines };
}

/** "e.g." and its like end no sentence; a full stop does where a blank or the end follows, a Chinese one always. */
const END = /(?<!\b(?:e\.g|i\.e|etc|cf|vs|approx|incl))[.!?](?=\s|$)|[。！？]/giu;
/** A sentence that takes back or bounds the one before it. */
const TAKES_BACK =
  /^\s*(?:(?:the|an?|one|only)\s+)*(?:unless|except|exceptions?|however|but|though|otherwise|only|not|ignore|this|that|these|those|(?:above|all|rules?)\b|除非|例外|但|不过|然而|除了|只有|仅|以上|上述|这|该)/iu;
/** A sentence about what comes after it. */
const SPEAKS_OF_NEXT =
  /^\s*(?:the (?:following|rules? below|next)|these|those|this (?:list|section)|here(?:'s| is| are)|below|what follows|以下|下面|下列|这些|如下)/iu;

function split({ text, codes, lines }: Line, place: Place): Sentence[] {
  const ends = [...Array.from(text.matchAll(END), (match) => match.index + match[0].length), text.length];
  const pieces: { piece: string; from: number }[] = [];
  let from = 0;
  for (const end of ends) {
    if (text.slice(from, end).trim() !== "") pieces.push({ piece: text.slice(from, end), from });
    from = end;
  }
  return pieces.map(({ piece, from: start }, at) => {
    const last = pieces[at - 1]?.piece ?? "";
    const next = pieces[at + 1]?.piece ?? "";
    const before: Surrounding[] = SPEAKS_OF_NEXT.test(last) ? [{ kind: "before", text: last }] : [];
    const after: Surrounding[] = TAKES_BACK.test(next) ? [{ kind: "after", text: next }] : [];
    return {
      text: piece.trim(),
      codes,
      line: lines[start + (piece.length - piece.trimStart().length)] ?? 1,
      shown: shownText(piece, codes),
      ...place,
      around: [...place.around, ...before, ...after],
    };
  });
}

/** As it stands in the file, on one line. */
export function shownText(text: string, codes: readonly string[]): string {
  return text
    .replaceAll(new RegExp(`${OPEN}(\\d+)${CLOSE}`, "gu"), (_, number: string) => `\`${codes[Number(number)] ?? ""}\``)
    .replaceAll(/\s+/gu, " ")
    .trim();
}
