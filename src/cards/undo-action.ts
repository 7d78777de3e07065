import type { Action } from "../contracts/card.ts";
import type { Run } from "../contracts/run.ts";
import { encodeToken } from "../commands/token.ts";
import type { Translator } from "../i18n.ts";

/** Undo, as long as an approval can be taken back; on the notice, and on the card where it was given. */
export function undoAction({ runId, status, change }: Run, words: Translator): Action[] {
  if (status.kind !== "active" || change?.status !== "approved") return [];
  return [
    { token: encodeToken({ action: "decision.undo", runId }), label: words.t("keep.action.undo"), style: "normal" },
  ];
}
