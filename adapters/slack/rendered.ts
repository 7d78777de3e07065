import type { KnownBlock } from "@slack/types";

/** A card as Slack takes it. */
export interface Rendered {
  /** What a notification shows, plain. */
  readonly text: string;
  readonly blocks: KnownBlock[];
  /** Everything is on the message; otherwise the whole card goes along as a text file. */
  readonly isWhole: boolean;
}

/** Slack keeps what people had chosen in a block whose id stays; so every version of a card has ids of its own. */
export function blockPrefix(kind: string, version: number): string {
  return `${kind}.${version}`;
}
