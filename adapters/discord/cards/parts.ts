import {
  ButtonStyle,
  ComponentType,
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIComponentInMessageActionRow,
} from "discord.js";
import type { Action } from "../../../src/contracts/card.ts";
import { shorten } from "../../../src/plain-text.ts";
import { QUOTED } from "../../../src/cards/fallback.ts";
import { escaped } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { codeBlocks, textBlocks, type Block } from "../sheet.ts";

/** Accent colours by what a card says. */
export const COLOURS = {
  working: 0x5865f2,
  waiting: 0xf0b232,
  good: 0x248046,
  bad: 0xda373c,
  muted: 0x80848e,
} as const;

const STYLES = {
  primary: ButtonStyle.Primary,
  normal: ButtonStyle.Secondary,
  danger: ButtonStyle.Danger,
} as const satisfies Record<Action["style"], ButtonStyle>;

export function button(
  token: string,
  label: string,
  style: Action["style"] = "normal",
): APIButtonComponentWithCustomId {
  return {
    type: ComponentType.Button,
    custom_id: token,
    label: shorten(label, LIMITS.buttonLabel),
    style: STYLES[style],
  };
}

/** Rows of at most five buttons each, as blocks. */
export function buttonRows(buttons: readonly APIComponentInMessageActionRow[]): Block[] {
  const rows: Block[] = [];
  for (let at = 0; at < buttons.length; at += LIMITS.buttonsInRow) {
    rows.push([row(buttons.slice(at, at + LIMITS.buttonsInRow))]);
  }
  return rows;
}

export function row(
  components: readonly APIComponentInMessageActionRow[],
): APIActionRowComponent<APIComponentInMessageActionRow> {
  return { type: ComponentType.ActionRow, components: [...components] };
}

export function actionRows(actions: readonly Action[]): Block[] {
  return buttonRows(actions.map(({ token, label, style }) => button(token, label, style)));
}

export function titleBlock(title: string): Block[] {
  return textBlocks(`### ${escaped(title)}`);
}

/** A heading with its lines as a list; what is quoted, such as a diff, stands in a code block as it was written. */
export function sectionBlocks(heading: string, lines: readonly string[]): Block[] {
  const quoted = lines.filter((line) => line.startsWith(QUOTED)).map((line) => line.slice(QUOTED.length));
  const said = lines.filter((line) => !line.startsWith(QUOTED)).map((line) => `- ${escaped(line)}`);
  if (quoted.length === 0) return textBlocks([`**${escaped(heading)}**`, ...said].join("\n"));
  return [...textBlocks(`**${escaped(heading)}**`), ...codeBlocks(quoted), ...textBlocks(said.join("\n"))];
}

/** Small, grey print. */
export function note(text: string): string {
  return `-# ${escaped(text)}`;
}

/** An instant in the reader's own words and time zone, such as "in 5 minutes". */
export function relative(instant: number): string {
  return `<t:${Math.floor(instant / 1000)}:R>`;
}
