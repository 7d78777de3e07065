import { randomUUID } from "node:crypto";
import type { Command } from "../../src/contracts/command.ts";
import type { DecisionKind } from "../../src/contracts/decision.ts";
import type { Actor, RunId } from "../../src/contracts/id.ts";
import type { Text } from "../../src/contracts/text.ts";
import { view, type Markup } from "./markup.ts";
import type { Note } from "./notes.ts";
import type { Viewer } from "./viewer.ts";

/** What every part of a page is given: who looks, where, and what came of the last click. */
export interface Scene {
  readonly viewer: Viewer;
  readonly formToken: string;
  /** Path and query of the page, to which a click leads back. */
  readonly path: string;
  readonly note: Note | undefined;
  /** Why whoever looks may not ask for it on a run that `owner` started; undefined where they may. */
  mayNot(kind: Command["kind"], owner: Actor | undefined, about?: DecisionKind, option?: string): Text | undefined;
  /** It cannot go on now, which its saved state does not tell. */
  isTroubled(runId: RunId): boolean;
  /** A tenant or macro as people call it. */
  nameOf(kind: "tenant" | "macro", name: string): string;
}

/**
 * The hidden fields of a form. `click` is made anew with every page: two clicks on one form are one command, and the
 * same form in another tab is another command.
 */
export function hiddenFields(scene: Scene): Markup {
  return view`<input type="hidden" name="form" value="${scene.formToken}"><input type="hidden" name="click" value="${randomUUID()}"><input type="hidden" name="back" value="${scene.path}">`;
}

/** What came of the last click, where it was made. It takes the focus, so that it is read out and seen. */
export function noteBox(note: Note, words: Viewer["words"]): Markup {
  const title = words.t(note.tone === "refused" ? "web.note.refused" : "web.note.info");
  return view`<div class="note ${note.tone}" id="note" role="status" tabindex="-1" autofocus><strong>${title}</strong> ${note.text}</div>`;
}
