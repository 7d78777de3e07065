import type { ChatReply } from "../../src/commands/converse.ts";
import type { Translator } from "../../src/i18n.ts";
import { plainLines } from "../../src/plain-text.ts";
import { button, buttonRows, COLOURS } from "./cards/parts.ts";
import { startToken } from "./custom-id.ts";
import { escaped, escapedLines, unescaped, WORD_JOINER } from "./escape.ts";
import { LIMITS } from "./limits.ts";
import { displayIn } from "./payload.ts";
import { display, sheetsOf, textBlocks, type Sheet } from "./sheet.ts";
import { fits, weightOf } from "./weight.ts";
import { textSheets } from "./words.ts";

/**
 * The number of the first display that holds a piece of the goal; the others follow. The message itself remembers the
 * goal, also after a restart.
 */
const GOAL = 77;

/** Escaping makes a character two at most. */
const PIECE = LIMITS.display / 2;

/**
 * A run that is offered for what was said in a message. The button stands with the whole goal in one message, which
 * may be the second; a goal that none can hold gets no button.
 */
export function offerSheets(
  { goal, text, label }: Extract<ChatReply, { kind: "offer" }>,
  message: string,
  words: Translator,
): Sheet[] {
  const offered = [
    ...piecesOf(plainLines(goal)).map((piece, at) => ({ ...display(kept(piece)), id: GOAL + at })),
    ...buttonRows([button(startToken(message), label, "primary")]).flat(),
  ];
  return fits(weightOf(offered))
    ? sheetsOf([...textBlocks(escapedLines(text)), offered], COLOURS.working)
    : textSheets(words.t("discord.offer.too_long", { menu: words.t("discord.menu.run") }));
}

/** The goal of an offered run, from the message that offers it. */
export function goalIn(components: readonly unknown[]): string | undefined {
  const pieces: string[] = [];
  for (;;) {
    const shown = displayIn(components, GOAL + pieces.length);
    if (shown === undefined) break;
    pieces.push(unescaped(shown));
  }
  return pieces.length === 0 ? undefined : pieces.join("");
}

/** Cut behind a blank where there is one, and never inside a character. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > PIECE) {
    const most = /[\u{dc00}-\u{dfff}]/u.test(rest.charAt(PIECE)) ? PIECE - 1 : PIECE;
    const blank = Math.max(rest.lastIndexOf("\n", most - 1), rest.lastIndexOf(" ", most - 1));
    const at = blank < 0 ? most : blank + 1;
    pieces.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...pieces, rest];
}

/** Escaped with all its blanks: within lines as they are, and at the ends out of reach of whoever would trim them. */
function kept(piece: string): string {
  return piece.replaceAll(/\S(?:[^\n\t]*\S)?/gu, escaped).replaceAll(/^(?=\s)|(?<=\s)$/gu, WORD_JOINER);
}
