import type { AlertCard, DigestCard } from "../../../src/contracts/card.ts";
import type { Translator } from "../../../src/i18n.ts";
import { shorten } from "../../../src/plain-text.ts";
import { charactersOf, header, line, rich, span } from "../blocks.ts";
import { fit } from "../fit.ts";
import { LIMITS } from "../limits.ts";
import type { Rendered } from "../rendered.ts";

/** Something operators must hear of, or since when it is over. An edit changes the words, so it changes the ids. */
export function renderAlert(card: AlertCard, words: Translator): Rendered {
  const { resolved, severity, severityLabel, since, todo } = card;
  const state = resolved === null ? severity : "over";
  const title =
    resolved === null
      ? words.t("alert.title", { severity: severityLabel, what: card.title })
      : words.t("alert.title.resolved", { what: card.title });
  const run = card.runId === null ? [] : [line(span(words.t("alert.run", { run: card.runId }), "code"))];
  const [first, second] = resolved === null ? [since, todo] : [resolved.line, since];
  return {
    text: title,
    blocks: [
      rich(`alert.what.${state}`, line(span(`${shorten(title, 2500)}\n`, "bold"))),
      rich(`alert.todo.${state}`, line(span(`${first}\n`)), line(span(`${shorten(second, 2500)}\n`)), ...run),
    ],
    isWhole: title.length <= 2500 && second.length <= 2500,
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
