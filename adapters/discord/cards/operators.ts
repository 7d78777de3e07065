import type { AlertCard, DeadLetterCard, DigestCard } from "../../../src/contracts/card.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { escaped } from "../escape.ts";
import { pageToken } from "../custom-id.ts";
import { sheetsOf, textBlocks, type Block, type Sheet } from "../sheet.ts";
import { argumentsToken } from "./forms.ts";
import { button, buttonRows, COLOURS, note, sectionBlocks, titleBlock } from "./parts.ts";

/** A run that failed for good, with Retry, Inspect, Discard (U6); handled, it says what became of it. */
export function deadLetterSheets(card: DeadLetterCard): Sheet[] {
  return sheetsOf(
    [
      ...titleBlock(card.title),
      ...textBlocks(escaped(card.headline)),
      ...(card.handled === null ? [] : textBlocks(`**${escaped(card.handled)}**`)),
      ...card.sections.flatMap(({ heading, lines }) => sectionBlocks(heading, lines)),
      ...deadLetterRows(card),
    ],
    card.handled === null ? COLOURS.bad : COLOURS.muted,
  );
}

/** Beside the retry as it was, one with other values, where there are any to change. */
function deadLetterRows(card: DeadLetterCard): Block[] {
  const words = translatorFor(card.language);
  const buttons = card.actions.map(({ token, label, style }) => button(token, label, style));
  const retryWith = button(pageToken(argumentsToken(card), 0), words.t("card.action.retry_with"));
  return buttonRows(card.args.length === 0 ? buttons : buttons.toSpliced(1, 0, retryWith));
}

const ALERT_COLOURS = {
  critical: COLOURS.bad,
  warning: COLOURS.waiting,
  info: COLOURS.working,
} as const satisfies Record<AlertCard["severity"], number>;

/** How bad it is, since when, and what to do; or since when it is over. */
export function alertSheets(card: AlertCard): Sheet[] {
  const words = translatorFor(card.language);
  const { title, severity, severityLabel, since, todo, runId, resolved } = card;
  const head =
    resolved === null
      ? words.t("alert.title", { severity: severityLabel, what: title })
      : words.t("alert.title.resolved", { what: title });
  const lines = resolved === null ? [escaped(since), escaped(todo)] : [escaped(resolved.line), note(since)];
  return sheetsOf(
    [
      ...titleBlock(head),
      ...textBlocks(lines.join("\n")),
      ...(runId === null ? [] : textBlocks(note(words.t("alert.run", { run: runId })))),
    ],
    resolved === null ? ALERT_COLOURS[severity] : COLOURS.muted,
  );
}

export function digestSheets(card: DigestCard): Sheet[] {
  const words = translatorFor(card.language);
  return sheetsOf(
    [
      ...titleBlock(card.title),
      ...textBlocks(escaped(card.headline)),
      ...textBlocks(
        card.runs
          .map(({ runId, goal, outcome }) => `- ${escaped(words.t("digest.line", { goal, outcome, run: runId }))}`)
          .join("\n"),
      ),
    ],
    COLOURS.working,
  );
}
