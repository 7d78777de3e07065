import { alertCard } from "../../../src/cards/alert-card.ts";
import type { Card, DeadLetterCard, DecisionCard } from "../../../src/contracts/card.ts";
import type { Actor } from "../../../src/contracts/id.ts";
import type { Translator } from "../../../src/i18n.ts";
import { noteBox, type Scene } from "../form.ts";
import { view, type Markup } from "../markup.ts";
import { alertBody, digestBody } from "./operators.ts";
import { decisionBody } from "./decision.ts";
import { noticeBody } from "./notice.ts";
import { pressingOf } from "./pressing.ts";
import { deadLetterBody, resultBody } from "./result.ts";

/**
 * Any card. It speaks the language of its run, its buttons that of the reader; `id` is unique on the page, `owner` is who started
 * the run, `preview` leads to the card in other places where no run does.
 */
export function cardBlock(shown: Card, id: string, scene: Scene, owner: Actor | undefined, preview?: string): Markup {
  const card = forReader(shown, scene);
  const own = scene.viewer.words;
  const { note } = scene;
  const clicked = isWhereClicksAre(card) && note?.about === card.runId ? note : undefined;
  return view`<article class="card ${card.kind}" id="${id}" lang="${card.language}" aria-labelledby="${id}-title" data-state="${stateOf(card)}" tabindex="-1">
    <header><span class="kind" lang="${own.language}">${own.t(`web.card.kind.${card.kind}`)}</span><h2 id="${id}-title"${"task" in card && card.task !== undefined ? view` title="${card.task.workspace}"` : ""}>${card.title}</h2></header>
    ${clicked === undefined ? "" : noteBox(clicked, scene.viewer.words)}
    ${bodyOf(card, id, scene, owner)}
    ${footer(card, own, preview)}
  </article>`;
}

/** What is said to operators, and not by a run, speaks the language of whoever reads it. */
function forReader(card: Card, { viewer }: Scene): Card {
  if (card.kind !== "alert" || card.alert === undefined) return card;
  return alertCard(card.alert, viewer.words, card.resolved?.at);
}

function footer(card: Card, words: Translator, preview: string | undefined): Markup {
  const runId = card.kind === "digest" ? null : card.runId;
  const run = runId === null ? "" : view`<a href="/runs/${runId}">${words.t("web.card.run_page")}</a>`;
  const to = preview ?? `/preview/${runId}?card=${card.kind}`;
  return view`<footer lang="${words.language}">${run} <a href="${to}">${words.t("web.card.preview")}</a></footer>`;
}

function bodyOf(card: Card, id: string, scene: Scene, owner: Actor | undefined): Markup {
  switch (card.kind) {
    case "notice":
      return noticeBody(card, pressingOf(card, id, scene, owner));
    case "decision":
      return decisionBody(card, pressingOf(card, id, scene, owner));
    case "result":
      return resultBody(card, scene);
    case "dead_letter":
      return deadLetterBody(card, pressingOf(card, id, scene, owner));
    case "alert":
      return alertBody(card);
    case "digest":
      return digestBody(card);
  }
}

/** A run has one card at a time that asks for a click; beside it the notice, which can only be stopped. */
function isWhereClicksAre(card: Card): card is DecisionCard | DeadLetterCard {
  return card.kind === "decision" || card.kind === "dead_letter";
}

/** Where the words about the last click stand: on the card that waits, or else on the newest that did. */
export function notedCard(cards: readonly Card[]): Card | undefined {
  const clicked = cards.filter(isWhereClicksAre);
  return clicked.find(waitsForClick) ?? clicked.at(-1);
}

/** A question that is open, or a dead letter that nobody has handled. */
export function waitsForClick(card: Card): boolean {
  return isWhereClicksAre(card) && stateOf(card) === "open";
}

function stateOf(card: Card): "open" | "closed" {
  switch (card.kind) {
    case "notice":
      return card.actions.length > 0 ? "open" : "closed";
    case "decision":
      return card.resolved === null ? "open" : "closed";
    case "result":
    case "digest":
      return "closed";
    case "alert":
      return card.resolved === null ? "open" : "closed";
    case "dead_letter":
      return card.handled === null ? "open" : "closed";
  }
}
