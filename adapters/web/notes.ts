import type { CommandReply } from "../../src/contracts/command.ts";
import { LIMITS } from "./limits.ts";

/** What came of a click, to be shown once the browser has been sent back to the page. */
export interface Note {
  readonly tone: "info" | "refused";
  readonly text: string;
  /** The run whose card was clicked, so that the words stand there; undefined: the whole page. */
  readonly about: string | undefined;
  /** What had been filled in, so that nobody types it again after a refusal. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** Kept in memory only: what matters of a click is on the card; after a restart the words are gone. */
export interface Notes {
  add(id: string, note: Note): void;
  get(id: string | undefined): Note | undefined;
}

export function createNotes(): Notes {
  const notes = new Map<string, Note>();
  return {
    add(id, note) {
      notes.set(id, note);
      const [oldest] = notes.keys();
      if (notes.size > LIMITS.notes && oldest !== undefined) notes.delete(oldest);
    },
    get: (id) => (id === undefined ? undefined : notes.get(id)),
  };
}

/** The words of a reply; nothing where the card itself shows what was done. */
export function noteOf(reply: CommandReply): Pick<Note, "tone" | "text"> | undefined {
  switch (reply.kind) {
    case "accepted":
      return undefined;
    case "already":
    case "done":
      return { tone: "info", text: reply.message };
    case "refused":
      return { tone: "refused", text: reply.message };
  }
}
