import type { KnownBlock } from "@slack/types";
import { plainLines, shorten } from "../../src/plain-text.ts";
import { line, rich, span } from "./blocks.ts";
import { escapeMarkup } from "./escape.ts";
import { LIMITS } from "./limits.ts";

export interface ReplyMessage {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** Words as messages: as many as their length takes, each within the limits. */
export function replyMessages(text: string): ReplyMessage[] {
  return pages(plainLines(text), LIMITS.messageCharacters).map((page, at) => ({
    text: escapeMarkup(shorten(page, LIMITS.notificationCharacters)),
    blocks: pages(page, LIMITS.blockCharacters).map((part, block) => rich(`reply.${at}.${block}`, line(span(part)))),
  }));
}

/** Cut at line ends where there are any. */
function pages(text: string, size: number): string[] {
  const found: string[] = [];
  let rest = text;
  while (rest.length > size) {
    const end = rest.lastIndexOf("\n", size);
    const at = end > size / 2 ? end : size;
    found.push(rest.slice(0, at));
    rest = rest.slice(at).replace(/^\n/, "");
  }
  return [...found, rest];
}
