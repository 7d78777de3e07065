import { decodeToken, type ButtonAction } from "../../../src/commands/token.ts";
import type { Action, RunCard } from "../../../src/contracts/card.ts";
import type { Command } from "../../../src/contracts/command.ts";
import type { Actor } from "../../../src/contracts/id.ts";
import type { MessageKey } from "../../../src/i18n.ts";
import type { Scene } from "../form.ts";
import { view, type Markup } from "../markup.ts";

/** What buttons are called by the console, whatever language their card speaks. */
const LABELS: Readonly<Partial<Record<ButtonAction["action"], MessageKey>>> = {
  "run.cancel": "card.action.cancel",
  "decision.undo": "keep.action.undo",
  "decision.recommended": "card.action.recommended",
  "dead_letter.retry": "card.action.retry",
  "dead_letter.inspect": "card.action.inspect",
  "dead_letter.discard": "card.action.discard",
};
const CONFIRMS: Readonly<Partial<Record<ButtonAction["action"], MessageKey>>> = {
  "run.cancel": "card.action.cancel_confirm",
  "dead_letter.discard": "card.action.discard_confirm",
};

/** A button of a card in the language of whoever looks: it belongs to the console, and the card's text to the run. */
export function forReader(action: Action, { scene }: Pressing): Action {
  const { words } = scene.viewer;
  const meant = decodeToken(action.token);
  if (meant.kind !== "action") return action;
  const [label, confirm] = [LABELS[meant.button.action], CONFIRMS[meant.button.action]];
  return {
    ...action,
    ...(label !== undefined && { label: words.t(label) }),
    ...(confirm !== undefined && action.confirm !== undefined && { confirm: words.t(confirm) }),
  };
}

/** Marks a part of a card that is in the language of whoever looks, for those who have it read out. */
export function inReadersLanguage({ scene }: Pick<Pressing, "scene">): Markup {
  return view` lang="${scene.viewer.words.language}"`;
}

/** What the buttons of one card need to know. */
export interface Pressing {
  readonly scene: Scene;
  readonly runId: string;
  /** Id of the card on the page. */
  readonly cardId: string;
  /** Why whoever looks may not press the button of a token; undefined where they may. */
  readonly why: (token: string) => string | undefined;
  /** Why whoever looks may answer, but not with this option; undefined where they may, or may not answer at all. */
  readonly whyNotChoose: (option: string) => string | undefined;
}

/** What a button asks the door for; the others change nothing. */
const ASKS: Readonly<Partial<Record<ButtonAction["action"], Command["kind"]>>> = {
  "run.cancel": "run.cancel",
  "decision.undo": "decision.undo",
  "decision.recommended": "decision.answer",
  "decision.submit": "decision.answer",
  "dead_letter.retry": "dead_letter.retry",
  "dead_letter.discard": "dead_letter.discard",
};

/** `owner`: who started the run; undefined where that is not known any more. */
export function pressingOf(card: RunCard, cardId: string, scene: Scene, owner: Actor | undefined): Pressing {
  const { words } = scene.viewer;
  const about = card.kind === "decision" ? card.about : undefined;
  return {
    scene,
    cardId,
    runId: card.runId,
    why: (token) => {
      const meant = decodeToken(token);
      const asked = meant.kind === "action" ? ASKS[meant.button.action] : undefined;
      const refusal = asked === undefined ? undefined : scene.mayNot(asked, owner, about);
      return refusal === undefined ? undefined : words.say(refusal);
    },
    whyNotChoose: (option) => {
      if (scene.mayNot("decision.answer", owner, about) !== undefined) return undefined;
      const refusal = scene.mayNot("decision.answer", owner, about, option);
      return refusal === undefined ? undefined : words.say(refusal);
    },
  };
}

/** The attributes of a button that stays where it is, can be reached and read, and does nothing. */
export function disabledFor(whyId: string): Markup {
  return view` aria-disabled="true" aria-describedby="${whyId}"`;
}

/** Who may, in words beside the button: a grey button alone tells nobody anything. */
export function whyNot(whyId: string, why: string): Markup {
  return view`<p class="may-not" id="${whyId}">${why}</p>`;
}
