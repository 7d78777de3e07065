import type { AlertCard, DigestCard } from "../../../src/contracts/card.ts";
import type { Translator } from "../../../src/i18n.ts";
import { shorten } from "../../../src/plain-text.ts";
import { charactersOf, header, line, rich, span } from "../blocks.ts";
import { fit } from "../fit.ts";
import { LIMITS } from "../limits.ts";
import type { Rendered } from "../rendered.ts";

/** Something operators must hear of. Posted once, so its ids need no version. */
export function renderAlert(card: AlertCard, words: Translator): Rendered {
  const title = words.t("alert.title", { severity: card.severityLabel, what: card.title });
  const run = card.runId === null ? [] : [line(span(words.t("alert.run", { run: card.runId }), "code"))];
  return {
    text: title,
    blocks: [
      rich("alert.what", line(span(`${shorten(title, 2500)}\n`, "bold"))),
      rich("alert.todo", line(span(`${card.since}\n`)), line(span(`${shorten(card.todo, 2500)}\n`)), ...run),
    ],
    isWhole: title.length <= 2500 && card.todo.length <= 2500,
  };
}

/** Runs that ended, gathered into one message. */
export function renderDigest(card: DigestCard, words: Translator): Rendered {
  const head = [header("digest.title", card.title), rich("digest.headline", line(span(card.headline, "bold")))];
  const lines = card.runs.map(({ goal, outcome, runId }) => words.t("digest.line", { goal, outcome, run: runId }));
  const room = { characters: LIMITS.messageCharacters - charactersOf(head), blocks: 40 };
  const body = fit("digest.runs", [{ heading: "", lines }], room, words);
  return { text: `${card.title} ${card.headline}`, blocks: [...head, ...body.blocks], isWhole: body.isWhole };
}
