import type {
  ActionsBlock,
  Button,
  ConfirmationDialog,
  HeaderBlock,
  KnownBlock,
  PlainTextElement,
  RichTextBlock,
  RichTextBlockElement,
  RichTextElement,
  RichTextSection,
} from "@slack/types";
import type { Action } from "../../src/contracts/card.ts";
import type { Translator } from "../../src/i18n.ts";
import { plainLines, shorten } from "../../src/plain-text.ts";
import { LIMITS } from "./limits.ts";

/**
 * Everything that is shown is made here, of two kinds of text only: rich text, whose text elements Slack never reads as
 * markup, and plain text. So no ping, link or formatting can come in with what people and workers wrote.
 */

export type Style = "normal" | "bold" | "italic" | "code";

/** A piece of text; empty ones are refused by Slack, so they become a blank. */
export function span(text: string, style: Style = "normal"): RichTextElement {
  const shown = plainLines(text);
  const value = shown === "" ? " " : shown;
  return style === "normal" ? { type: "text", text: value } : { type: "text", text: value, style: { [style]: true } };
}

export function line(...elements: RichTextElement[]): RichTextSection {
  return { type: "rich_text_section", elements };
}

export function bullets(lines: readonly string[]): RichTextBlockElement {
  return { type: "rich_text_list", style: "bullet", elements: lines.map((text) => line(span(text))) };
}

/** What is quoted as it was written, such as a diff. */
export function quotation(lines: readonly string[]): RichTextBlockElement {
  return { type: "rich_text_preformatted", elements: [{ type: "text", text: plainLines(lines.join("\n")) || " " }] };
}

export function rich(id: string, ...elements: RichTextBlockElement[]): RichTextBlock {
  return { type: "rich_text", block_id: id, elements };
}

export function plain(text: string, limit: number): PlainTextElement {
  const shown = shorten(plainLines(text).trim(), limit);
  return { type: "plain_text", text: shown === "" ? "–" : shown, emoji: false };
}

export function header(id: string, text: string): HeaderBlock {
  return { type: "header", block_id: id, text: plain(text, LIMITS.headerCharacters) };
}

export function buttons(id: string, elements: readonly Button[]): ActionsBlock[] {
  return elements.length === 0 ? [] : [{ type: "actions", block_id: id, elements: [...elements] }];
}

/** The action id says what kind of button it is, its value which one; both are read back by `translate`. */
export function button(
  name: string,
  label: string,
  value: string,
  style: Action["style"] = "normal",
  confirm?: ConfirmationDialog,
): Button {
  return {
    type: "button",
    action_id: `cx.${name}`,
    text: plain(label, LIMITS.buttonCharacters),
    value,
    ...(style === "normal" ? {} : { style }),
    ...(confirm === undefined ? {} : { confirm }),
  };
}

/** A button of a card, asked once more where the card says so. */
export function actionButton({ token, label, style, confirm }: Action, words: Translator): Button {
  const dialog: ConfirmationDialog | undefined =
    confirm === undefined
      ? undefined
      : {
          title: plain(label, LIMITS.confirmTitle),
          text: plain(confirm, LIMITS.confirmText),
          confirm: plain(label, 30),
          deny: plain(words.t("slack.confirm.no"), 30),
          ...(style === "normal" ? {} : { style }),
        };
  // A token is short and names one meaning, so it makes the action id unique in its block as well.
  return button(`do.${token}`, label, token, style, dialog);
}

/** Characters that Slack counts: every text in the blocks, but not ids and values. */
export function charactersOf(blocks: readonly KnownBlock[]): number {
  const count = (value: unknown, key: string): number => {
    if (typeof value === "string") return COUNTED.has(key) ? value.length : 0;
    if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + count(item, key), 0);
    if (typeof value !== "object" || value === null) return 0;
    return Object.entries(value).reduce((sum, [name, item]) => sum + count(item, name), 0);
  };
  return count(blocks, "");
}

const COUNTED = new Set(["text", "title", "alt_text"]);
