import type { SetAside } from "../contracts/view.ts";
import type { Translator } from "../i18n.ts";

/** That a run was put aside because its document is damaged, where, why, and what to do. */
export function setAsideWords({ name, folder, reason }: SetAside, words: Translator): string {
  return words.t("set_aside.run", {
    run: name,
    folder,
    reason: reason === "" ? words.t("set_aside.no_reason") : reason,
  });
}
