import { parseChat } from "../../src/commands/chat.ts";
import { startOffered } from "../../src/commands/converse.ts";
import { encodeToken, type ButtonAction } from "../../src/commands/token.ts";
import type { DeadLetterCard } from "../../src/contracts/card.ts";
import type { RunId } from "../../src/contracts/id.ts";
import { argumentsIn, onCard, openArguments } from "./card-clicks.ts";
import { askForm, discardForm, QUESTION_FIELD, REASON_FIELD } from "./cards/forms.ts";
import { button, buttonRows } from "./cards/parts.ts";
import { command, isRefused, type Hand } from "./command-click.ts";
import { isRefusedStart } from "./commands-said.ts";
import { readCustomId, sureToken, type Control } from "./custom-id.ts";
import { goalIn } from "./offer.ts";
import { talk } from "./talk.ts";
import { textSheets } from "./words.ts";

type ActionControl = Extract<Control, { kind: "action" }>;

/** A control was used or a form sent. Everything it means stands in its id, so a restart in between changes nothing. */
export async function onClick(hand: Hand): Promise<void> {
  const control = readCustomId(hand.click.customId);
  if (control.kind !== "action") return onOther(hand, control);
  const { parts } = hand;
  const turn = parts.turns.take(control.button.runId, parts.door);
  try {
    await act({ ...hand, parts: { ...parts, door: turn.door } }, control);
  } finally {
    turn.end();
  }
}

async function onOther(hand: Hand, control: Exclude<Control, ActionControl>): Promise<void> {
  const { click, answer, words } = hand;
  switch (control.kind) {
    case "unknown":
      await answer.tell(textSheets(words.t("discord.unknown_click")));
      return;
    case "ask":
      return click.kind === "control"
        ? answer.form(askForm(control.runId, words, click.id))
        : ask(hand, control.runId, click.fields[QUESTION_FIELD]?.[0] ?? "");
    case "start":
      return startOffer(hand, control.offer);
  }
}

/** Cancel and Discard ask whether they are meant; details and values open a page; everything else is a command. */
async function act(hand: Hand, { button: pressed, step }: ActionControl): Promise<void> {
  const { click } = hand;
  const { runId } = pressed;
  switch (pressed.action) {
    case "run.cancel":
      return step.is === "sure" ? command(hand, { kind: "run.cancel", runId }) : askTwice(hand, pressed);
    case "decision.undo":
      return command(hand, { kind: pressed.action, runId });
    case "dead_letter.retry":
      return step.is === "first" ? command(hand, { kind: pressed.action, runId }) : retryWith(hand, runId, step);
    case "dead_letter.inspect":
      return inspect(hand, runId);
    case "dead_letter.discard": {
      if (click.kind === "control") return openDiscard(hand, runId);
      return command(hand, { kind: pressed.action, runId, reason: click.fields[REASON_FIELD]?.[0] ?? "" });
    }
    case "decision.recommended":
    case "decision.submit": {
      const answers = pressed.action === "decision.submit" ? "drafted" : "recommended";
      return command(hand, { kind: "decision.answer", runId, decisionId: pressed.decisionId, answers });
    }
    case "decision.arguments":
    case "decision.details":
    case "decision.select":
    case "decision.choose":
      return onCard(hand, pressed, step);
  }
}

/** Discord has no question of its own before a button acts. */
async function askTwice(hand: Hand, pressed: ButtonAction): Promise<void> {
  const { parts, answer, words } = hand;
  const view = await parts.query.run(pressed.runId);
  if (await isRefused(hand, "run.cancel", view?.requestedBy)) return;
  const token = encodeToken(pressed);
  const actions = [...(view?.notice.actions ?? []), ...(view?.decision?.actions ?? [])];
  const action = actions.find((known) => known.token === token);
  const text = action?.confirm ?? words.t("card.action.cancel_confirm");
  const sure = button(sureToken(token), action?.label ?? words.t("card.action.cancel"), "danger");
  await answer.tell(textSheets(text, buttonRows([sure])));
}

async function openDiscard(hand: Hand, runId: RunId): Promise<void> {
  const letter = await openLetter(hand, runId);
  if (letter === undefined || (await isRefused(hand, "dead_letter.discard", undefined))) return;
  await hand.answer.form(discardForm(letter, hand.click.id));
}

/** The retry with other values: its form is opened, or was sent. */
async function retryWith(hand: Hand, runId: RunId, step: ActionControl["step"]): Promise<void> {
  const { click } = hand;
  const letter = await openLetter(hand, runId);
  if (letter === undefined) return;
  if (step.is === "form" && click.kind === "form") {
    return command(hand, { kind: "dead_letter.retry", runId, args: argumentsIn(letter, step, click.fields) });
  }
  if (await isRefused(hand, "dead_letter.retry", undefined)) return;
  await openArguments(hand, letter, step.is === "page" ? step.page : 0);
}

/** The dead letter, while nobody has handled it; otherwise it is said that there is none. */
async function openLetter({ parts, answer, words }: Hand, runId: RunId): Promise<DeadLetterCard | undefined> {
  const letter = (await parts.query.run(runId))?.deadLetter ?? undefined;
  if (letter?.handled === null) return letter;
  await answer.tell(textSheets(letter?.handled ?? words.t("chat.not_dead", { run: runId })));
  return undefined;
}

async function inspect(hand: Hand, runId: RunId): Promise<void> {
  const { parts, answer } = hand;
  await answer.defer();
  const reply = await talk(parts, { kind: "dead_letters", action: "inspect", runId }, spoken(hand, undefined, ""));
  await answer.tell(textSheets(reply.text));
}

async function ask(hand: Hand, runId: RunId, text: string): Promise<void> {
  const { parts, answer } = hand;
  await answer.defer();
  const reply = await talk(parts, parseChat(text, { inThread: true }), spoken(hand, runId, text));
  await answer.tell(textSheets(reply.text));
}

/** One offer is one run, however often and by whomever it is clicked. */
async function startOffer(hand: Hand, offer: string): Promise<void> {
  const { parts, click, answer, words } = hand;
  await answer.defer();
  const goal = click.kind === "control" ? goalIn(click.components) : undefined;
  if (goal === undefined) {
    await answer.tell(textSheets(words.t("discord.unknown_click")));
    return;
  }
  if (await isRefusedStart(parts, click, answer, words)) return;
  const start = click.thread === undefined ? offer : undefined;
  const said = { ...spoken(hand, undefined, goal), start, commandId: `discord:offer:${offer}` };
  const reply = await talk(parts, startOffered(goal), said);
  await answer.tell(textSheets(reply.text));
}

function spoken({ click, words }: Hand, runId: RunId | undefined, said: string) {
  const { id, who, channel } = click;
  return { who, channel, runId, start: undefined, said, commandId: `discord:${id}`, language: words.language };
}
