import type { ChatReply } from "../../src/commands/converse.ts";
import { button, buttonRows } from "./cards/parts.ts";
import { startToken } from "./custom-id.ts";
import { escapedLines, unescaped } from "./escape.ts";
import { displayIn } from "./payload.ts";
import { display, sheetsOf, textBlocks, type Sheet } from "./sheet.ts";
import { COLOURS } from "./cards/parts.ts";

/** The number of the display that holds the goal: the message itself remembers it, also after a restart. */
const GOAL = 77;

/** A run that is offered for what was said in a message. */
export function offerSheets(offer: Extract<ChatReply, { kind: "offer" }>, message: string): Sheet[] {
  return sheetsOf(
    [
      ...textBlocks(escapedLines(offer.text)),
      [{ ...display(escapedLines(offer.goal)), id: GOAL }],
      ...buttonRows([button(startToken(message), offer.label, "primary")]),
    ],
    COLOURS.working,
  );
}

/** The goal of an offered run, from the message that offers it. */
export function goalIn(components: readonly unknown[]): string | undefined {
  const shown = displayIn(components, GOAL);
  return shown === undefined ? undefined : unescaped(shown);
}
