import { createHash } from "node:crypto";
import type { Card, RunCard } from "../../src/contracts/card.ts";
import type { RunId } from "../../src/contracts/id.ts";
import { createSerial } from "../../src/serial.ts";
import { LIMITS } from "./limits.ts";
import { createRecent } from "./recent.ts";
import type { Sheet } from "./sheet.ts";

export interface PostedMessage {
  readonly id: string;
  /** Hash of what is shown, to be compared; undefined where it is not known, after a restart. */
  readonly content: string | undefined;
  /** The file that it would show could not be read when it was posted. */
  readonly isBare: boolean;
}

/** A card as it stands in Discord: one message for each of its sheets. */
export interface Posted {
  readonly place: string;
  readonly kind: Card["kind"];
  readonly runId: RunId | null;
  /** Which question it is, where it is one. */
  readonly decisionId: string | undefined;
  /** Version of the card that is shown; 0 for cards that have none. */
  readonly version: number;
  readonly messages: readonly PostedMessage[];
  /** How often it was written since this process knows it, and when last. */
  readonly writes: number;
  readonly writtenAt: number;
}

/** What stands where, as far as this process knows; and one change of a card at a time. */
export interface Board {
  get(key: string): Posted | undefined;
  set(key: string, posted: Posted): void;
  /** The card that a message is a part of. */
  keyOf(message: string): string | undefined;
  /** Runs one piece of work on a card after the other: an older edit can never arrive after a newer one. */
  alone<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function createBoard(): Board {
  const cards = createRecent<string, Posted>(LIMITS.messagesKept);
  const keys = createRecent<string, string>(LIMITS.messagesKept);
  const turns = createSerial();
  return {
    get: (key) => cards.get(key),
    set: (key, posted) => {
      cards.set(key, posted);
      for (const { id } of posted.messages) keys.set(id, key);
    },
    keyOf: (message) => keys.get(message),
    alone: (key, work) => turns.run(key, work),
  };
}

/** A hash: the texts of some thousand cards would fill the memory. */
export function contentOf({ components }: Sheet): string {
  return createHash("sha256").update(JSON.stringify(components)).digest("base64url");
}

export function versionOf(card: Card): number {
  return "version" in card ? (card satisfies RunCard).version : 0;
}
