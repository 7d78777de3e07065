import type { KnownBlock } from "@slack/types";
import type { Translator } from "../../src/i18n.ts";
import { bullets, line, quotation, rich, span } from "./blocks.ts";
import { LIMITS } from "./limits.ts";

/** Lines under a heading; lines that begin with this mark are a quotation (a diff, say). */
export interface Section {
  readonly heading: string;
  readonly lines: readonly string[];
}

/** With what the core marks a line that it quotes from a file. */
const QUOTED = "│";
/** Room that the sentence about what is left out takes, with its block. */
const NOTE_CHARACTERS = 200;
/** Blocks that one section of a full message may take. */
const PARTS = 5;

export interface Fitted {
  readonly blocks: KnownBlock[];
  /** Something is left out here, so the whole card has to go along as a file. */
  readonly isWhole: boolean;
}

/**
 * As many lines as the budget has room for, in their order; then how many there are more, and where. `id` begins the
 * ids of the blocks, `room` is in characters and blocks.
 */
export function fit(
  id: string,
  sections: readonly Section[],
  room: { readonly characters: number; readonly blocks: number },
  words: Translator,
): Fitted {
  const blocks: KnownBlock[] = [];
  let characters = room.characters - NOTE_CHARACTERS;
  let left = 0;
  for (const [at, { heading, lines }] of sections.entries()) {
    const shown: string[] = [];
    characters -= heading.length;
    for (const text of lines) {
      const fits = left === 0 && characters >= text.length && blocks.length + PARTS < room.blocks;
      if (!fits || text.length > LIMITS.blockCharacters) {
        left += 1;
        continue;
      }
      characters -= text.length + 1;
      shown.push(text);
    }
    if (shown.length > 0) blocks.push(...sectionBlocks(`${id}-${at}`, heading, shown));
  }
  if (left > 0) blocks.push(rich(`${id}-more`, line(span(words.t("slack.more_lines", { count: left }), "italic"))));
  return { blocks, isWhole: left === 0 };
}

/** One block, or several where the lines are too long for one. */
function sectionBlocks(id: string, heading: string, lines: readonly string[]): KnownBlock[] {
  const parts: string[][] = [[]];
  let size = heading.length;
  for (const text of lines) {
    if (size + text.length > LIMITS.blockCharacters) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(text);
    size += text.length;
  }
  return parts
    .filter((part) => part.length > 0)
    .map((part, at) => {
      const quoted = part.filter((text) => text.startsWith(QUOTED)).map((text) => text.slice(QUOTED.length));
      const said = part.filter((text) => !text.startsWith(QUOTED));
      return rich(
        `${id}-${at}`,
        ...(at === 0 && heading !== "" ? [line(span(heading, "bold"))] : []),
        ...(quoted.length === 0 ? [] : [quotation(quoted)]),
        ...(said.length === 0 ? [] : [bullets(said)]),
      );
    });
}
