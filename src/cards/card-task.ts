import { folderName } from "../commands/folder-name.ts";
import type { CardTask } from "../contracts/card.ts";
import type { Run } from "../contracts/run.ts";
import type { Translator } from "../i18n.ts";
import { plainText, shorten } from "../plain-text.ts";

const LONGEST_TITLE = 120;

/** A card's title with the name of the folder, which a long goal must not push out. */
export function titleIn({ task }: Run, title: string, words: Translator): string {
  const folder = folderName(task.workspace);
  const around = Array.from(words.t("card.title_in", { title: "…", folder })).length - 1;
  return words.t("card.title_in", { title: shorten(title, LONGEST_TITLE - around), folder });
}

/** What the run is about, for surfaces that have a place of their own for it. */
export function cardTask({ task }: Run): CardTask {
  return { goal: plainText(task.goal), workspace: plainText(task.workspace) };
}
