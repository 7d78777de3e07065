import type { Card } from "../../src/contracts/card.ts";
import { cardLines, type CardLine } from "../../src/cards/fallback.ts";
import { colorsOf, type Colors } from "./terminal-style.ts";
import { wrapLines } from "./text-width.ts";

export interface CardStyle {
  readonly color: boolean;
  readonly columns: number;
}

/** A card as terminal text: the words of the plain-text fallback, wrapped with hanging indents and coloured. */
export function renderCard(card: Card, style: CardStyle): string {
  return renderLines(cardLines(card, "elsewhere"), style);
}

export function renderLines(lines: readonly CardLine[], { color, columns }: CardStyle): string {
  const colors = colorsOf(color);
  return lines.flatMap((line) => dressed(line, columns, colors)).join("\n");
}

function dressed({ tone, indent, text }: CardLine, columns: number, colors: Colors): string[] {
  if (text === "") return [""];
  const space = "  ".repeat(indent);
  // What follows a bullet or a letter hangs under its text, so that items stay apart.
  const hang = /^(?:- |[A-Z0-9]{1,2}\. )/.exec(text)?.[0].length ?? 0;
  return wrapLines(text, columns - space.length - hang).map((part, at) =>
    `${space}${at === 0 ? "" : " ".repeat(hang)}${toned(part, tone, colors)}`.trimEnd(),
  );
}

function toned(text: string, tone: CardLine["tone"], colors: Colors): string {
  switch (tone) {
    case "title":
      return colors.bold(colors.cyan(text));
    case "heading":
      return colors.bold(text);
    case "muted":
      return colors.dim(text);
    case "good":
      return colors.green(text);
    case "warning":
      return colors.yellow(text);
    case "bad":
      return colors.red(text);
    case "text":
      return text;
  }
}
