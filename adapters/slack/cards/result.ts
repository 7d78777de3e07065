import type { Button } from "@slack/types";
import { encodeToken } from "../../../src/commands/token.ts";
import type { DeadLetterCard, ResultCard } from "../../../src/contracts/card.ts";
import type { Translator } from "../../../src/i18n.ts";
import { shorten } from "../../../src/plain-text.ts";
import { actionButton, button, buttons, charactersOf, header, line, rich, span } from "../blocks.ts";
import { fit, type Section } from "../fit.ts";
import { LIMITS } from "../limits.ts";
import { blockPrefix, type Rendered } from "../rendered.ts";

const HEADLINE = 2000;

/** How it ended: what was done, what was found, what could not be checked. The report goes along as a file. */
export function renderResult(card: ResultCard, words: Translator): Rendered {
  const id = blockPrefix("result", card.version);
  const head = [
    header(`${id}.title`, card.title),
    rich(`${id}.headline`, line(span(shorten(card.headline, HEADLINE), "bold"))),
  ];
  const [done, ...others] = card.sections;
  const sections = [...(done === undefined ? [] : [done]), ...findings(card, words), ...others, ...files(card, words)];
  const room = {
    characters: LIMITS.messageCharacters - charactersOf(head),
    blocks: LIMITS.messageBlocks - head.length,
  };
  const body = fit(`${id}.body`, sections, room, words);
  return {
    text: `${card.title} ${card.headline}`,
    blocks: [...head, ...body.blocks],
    isWhole: body.isWhole && card.headline.length <= HEADLINE,
  };
}

function findings(card: ResultCard, words: Translator): Section[] {
  const lines = card.findings.map(({ severityLabel, place, text }) => {
    const value = place === null ? text : words.t("card.labelled", { label: place, value: text });
    return `[${severityLabel}] ${value}`;
  });
  if (card.furtherFindings > 0) lines.push(words.t("result.further", { count: card.furtherFindings }));
  return lines.length === 0 ? [] : [{ heading: words.t("result.section.findings"), lines }];
}

function files(card: ResultCard, words: Translator): Section[] {
  const lines = card.files.map(({ label, path, sha256, bytes }) =>
    words.t("result.file.line", { label, path, size: words.number(bytes), hash: sha256 }),
  );
  return lines.length === 0 ? [] : [{ heading: words.t("result.section.files"), lines }];
}

/** What failed, and what an operator can do about it; a handled one says who did what. */
export function renderDeadLetter(card: DeadLetterCard, words: Translator): Rendered {
  const id = blockPrefix("letter", card.version);
  const head = [
    header(`${id}.title`, card.title),
    rich(
      `${id}.headline`,
      line(span(`${shorten(card.headline, HEADLINE)}\n`, "bold")),
      ...(card.handled === null ? [] : [line(span(card.handled))]),
    ),
  ];
  const tail = buttons(`${id}.actions`, letterButtons(card, words));
  const room = {
    characters: LIMITS.messageCharacters - charactersOf([...head, ...tail]),
    blocks: LIMITS.messageBlocks - head.length - tail.length,
  };
  const body = fit(`${id}.body`, card.sections, room, words);
  return {
    text: `${card.title} ${card.handled ?? card.headline}`,
    blocks: [...head, ...body.blocks, ...tail],
    isWhole: body.isWhole && card.headline.length <= HEADLINE,
  };
}

/** [Retry] [Retry with…] [Inspect] [Discard]; the second where there are values to change. */
function letterButtons(card: DeadLetterCard, words: Translator): Button[] {
  const [retry, ...others] = card.actions.map((action) => actionButton(withoutConfirm(action), words));
  if (retry === undefined) return [];
  const token = encodeToken({ action: "dead_letter.retry", runId: card.runId });
  const further = card.args.length === 0 ? [] : [button("retry_with", words.t("card.action.retry_with"), token)];
  return [retry, ...further, ...others];
}

/** Giving up opens a form that asks for the reason, so it is not asked a second time whether it is meant. */
function withoutConfirm(action: DeadLetterCard["actions"][number]): DeadLetterCard["actions"][number] {
  const { confirm: _asked, ...rest } = action;
  return action.style === "danger" ? rest : action;
}
