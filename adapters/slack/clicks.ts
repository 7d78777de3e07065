import type { ModalView } from "@slack/types";
import { z } from "zod";
import { cardLines, renderPlain } from "../../src/cards/fallback.ts";
import { parseChat } from "../../src/commands/chat.ts";
import { converse, startOffered } from "../../src/commands/converse.ts";
import type { ButtonAction } from "../../src/commands/token.ts";
import { Command, type CommandInput } from "../../src/contracts/command.ts";
import type { DecisionCard } from "../../src/contracts/card.ts";
import { translatorFor } from "../../src/i18n.ts";
import { plainTranslator } from "../../src/plain-text.ts";
import { contextOf } from "./context.ts";
import { openForm, respond, savedInTime, tell, visitorOf, wordsOf, type Desk, type Visitor } from "./desk.ts";
import { publishHome } from "./home.ts";
import { decisionView } from "./modals/decision.ts";
import { GOAL, runView } from "./modals/run.ts";
import { VALUE } from "./modals/inputs.ts";
import type { Place } from "./modals/metadata.ts";
import { discardView, retryView, textView } from "./modals/notes.ts";
import { chooseLanguage } from "./own-language.ts";
import { replyMessages } from "./reply.ts";
import type { Clicked, Spot } from "./translate.ts";

type Ack = (response?: unknown) => Promise<void>;

/** A click on a card: saved first, then acknowledged; what was not saved in time is never shown as accepted. */
export async function handleClick(desk: Desk, click: Clicked, ack: Ack): Promise<void> {
  const { who, spot, meaning } = click;
  const visitor = await visitorOf(desk, who);
  const say = (text: string): Promise<void> => tell(desk, spot, who.user, text);
  if (visitor.refusal !== undefined) {
    await ack();
    return say(visitor.refusal);
  }
  switch (meaning.kind) {
    case "unknown":
      await ack();
      return say(visitor.words.t("slack.unknown_click"));
    case "macro":
      await ack();
      return repaintRunForm(desk, meaning, visitor);
    case "offer":
      return startFromOffer(desk, click, meaning.goal, visitor, ack);
    case "ask":
      await ack();
      return say(await hintFor(desk, meaning.button, visitor));
    case "form":
      await ack();
      return openDecision(desk, click, meaning.button, visitor);
    case "language":
      return chooseInHome(desk, who.user, meaning.tag, ack);
    case "retry_with":
      await ack();
      return openRetry(desk, click, meaning.button, visitor);
    case "button":
      return pressed(desk, click, meaning.button, visitor, ack);
  }
}

async function pressed(desk: Desk, click: Clicked, button: ButtonAction, visitor: Visitor, ack: Ack): Promise<void> {
  const { spot, who } = click;
  if (button.action === "dead_letter.inspect") {
    await ack();
    return inspect(desk, click, button, visitor);
  }
  if (button.action === "dead_letter.discard") {
    await ack();
    return openForOperator(desk, click, "dead_letter.discard", visitor, () =>
      discardView(button.runId, placeOf(spot), visitor.words),
    );
  }
  const command = commandFor(button, click.id, visitor);
  if (command === undefined) {
    await ack();
    return tell(desk, spot, who.user, visitor.words.t("slack.unknown_click"));
  }
  const handled = desk.door.handle(Command.parse(command));
  const saved = await savedInTime(desk.clock, handled);
  await ack();
  if (saved === "late") await tell(desk, spot, who.user, visitor.words.t("slack.not_saved"));
  const words = wordsOf(await handled);
  if (words !== undefined) await tell(desk, spot, who.user, words);
}

/** Buttons of one option, and of controls that Slack has a form for, are for other places. */
function commandFor(button: ButtonAction, id: string, { actor }: Visitor): CommandInput | undefined {
  const base = { id, by: actor, runId: button.runId };
  switch (button.action) {
    case "run.cancel":
    case "decision.undo":
    case "dead_letter.retry":
      return { ...base, kind: button.action };
    case "decision.recommended":
      return { ...base, kind: "decision.answer", decisionId: button.decisionId, answers: "recommended" };
    case "decision.submit":
      return { ...base, kind: "decision.answer", decisionId: button.decisionId, answers: "drafted" };
    case "dead_letter.inspect":
    case "dead_letter.discard":
    case "decision.arguments":
    case "decision.select":
    case "decision.details":
    case "decision.choose":
      return undefined;
  }
}

/** [Answer…]: the form with every option; where Slack opens none, the question as text, answered by a reply. */
async function openDecision(desk: Desk, click: Clicked, button: ButtonAction, visitor: Visitor): Promise<void> {
  const { spot, who, trigger } = click;
  const card = (await desk.query.run(button.runId))?.decision ?? null;
  const decisionId = "decisionId" in button ? button.decisionId : undefined;
  if (card === null || card.decisionId !== decisionId) {
    return tell(desk, spot, who.user, visitor.words.t("reply.no_question"));
  }
  if (card.resolved !== null) return tell(desk, spot, who.user, card.resolved.line);
  const words = plainTranslator(translatorFor(card.language));
  const view = decisionView(card, { place: placeOf(spot), answers: {}, page: 1 }, words);
  if (await openForm(desk, trigger, view)) return;
  await textCard(desk, click, card);
}

/** [Retry with other values…]: the values that the run failed with, to be changed. */
async function openRetry(desk: Desk, click: Clicked, { runId }: ButtonAction, visitor: Visitor): Promise<void> {
  const { spot, who } = click;
  const card = (await desk.query.run(runId))?.deadLetter ?? null;
  if (card === null || card.args.length === 0) {
    const text = card?.handled ?? visitor.words.t("chat.not_dead", { run: runId });
    return tell(desk, spot, who.user, text);
  }
  return openForOperator(desk, click, "dead_letter.retry", visitor, () =>
    retryView(card, placeOf(spot), plainTranslator(translatorFor(card.language))),
  );
}

/** A form of which nobody who may not send it shall fill in anything: they are told at once who may. */
async function openForOperator(
  desk: Desk,
  { spot, who, trigger }: Clicked,
  kind: "dead_letter.retry" | "dead_letter.discard",
  { actor, words }: Visitor,
  view: () => ModalView,
): Promise<void> {
  const refusal = desk.refusalOf(kind, actor, undefined);
  if (refusal !== undefined) return tell(desk, spot, who.user, words.say(refusal));
  const opened = await openForm(desk, trigger, view());
  return opened ? undefined : tell(desk, spot, who.user, words.t("slack.form_expired"));
}

function placeOf({ channel, thread }: Spot): Place {
  return { channel, ...(thread === undefined ? {} : { thread }) };
}

async function textCard(desk: Desk, { spot, who }: Clicked, card: DecisionCard): Promise<void> {
  const words = translatorFor(card.language);
  await tell(desk, spot, who.user, `${words.t("slack.form_failed")}\n\n${renderPlain(card)}`);
}

async function inspect(desk: Desk, click: Clicked, button: ButtonAction, visitor: Visitor): Promise<void> {
  const { spot, who, trigger } = click;
  const { words } = visitor;
  const card = (await desk.query.run(button.runId))?.deadLetter ?? null;
  if (card === null) return tell(desk, spot, who.user, words.t("chat.not_dead", { run: button.runId }));
  const text = cardLines(card)
    .map(({ indent, text: shown }) => (shown === "" ? "" : `${"  ".repeat(indent)}${shown}`))
    .join("\n");
  if (await openForm(desk, trigger, textView(words.t("card.action.inspect"), text, words))) return;
  await tell(desk, spot, who.user, text);
}

async function hintFor(desk: Desk, button: ButtonAction, { words }: Visitor): Promise<string> {
  const card = (await desk.query.run(button.runId))?.decision ?? null;
  const letters = (card?.questions ?? []).map(({ number, options }) => {
    const option = options.find(({ recommended, rejectedBecause }) => recommended && rejectedBecause === null);
    return `${number}${option?.letter ?? "A"}`;
  });
  return words.t("slack.ask.hint", { example: letters.slice(0, 3).join(" ") || "1A" });
}

/** Another kind of work was picked: the form shows its arguments. */
async function repaintRunForm(
  desk: Desk,
  { view, memory, values, macro }: Extract<Clicked["meaning"], { kind: "macro" }>,
  { words }: Visitor,
): Promise<void> {
  if (memory.form !== "run") return;
  const goal = values[GOAL]?.[VALUE]?.value ?? "";
  const next = runView(desk.catalog.macros, { place: memory.place, goal, macro }, words);
  await desk.pace.turn("views", "");
  // The hash keeps a slow answer from painting over a later one.
  const args = { view_id: view.id, hash: view.hash, view: next };
  await desk.api.call("views.update", args, { rate: "views", answer: z.unknown() });
}

/** The Home tab is shown anew, in the new language, when it is saved. */
async function chooseInHome(desk: Desk, user: string, tag: string, ack: Ack): Promise<void> {
  const kept = chooseLanguage(desk, user, tag);
  await savedInTime(desk.clock, kept);
  await ack();
  await kept;
  await publishHome(desk, user);
}

/** One offer is one run, however often and by whomever it is clicked. */
async function startFromOffer(desk: Desk, click: Clicked, goal: string, visitor: Visitor, ack: Ack): Promise<void> {
  const { spot, who, message } = click;
  const about = { commandId: `slack:offer:${spot.channel}:${message ?? ""}`, said: goal };
  const said = converse(startOffered(goal), contextOf(desk, visitor, placeOf(spot), about));
  const saved = await savedInTime(desk.clock, said);
  await ack();
  if (saved === "late") await tell(desk, spot, who.user, visitor.words.t("slack.not_saved"));
  const reply = await said;
  if (reply.kind !== "started" || spot.responseUrl === undefined) return tell(desk, spot, who.user, reply.text);
  const [shown] = replyMessages(reply.text);
  if (shown !== undefined) await respond(spot.responseUrl, { replace_original: true, ...shown });
}

/** Whether words are a command that needs a form: `/cox run` and nothing after it. */
export function wantsRunForm(text: string): boolean {
  const request = parseChat(`/cox ${text}`, { inThread: false });
  return request.kind === "refused" && request.code === "chat.no_goal" && /^run\s*$/iu.test(text.trim());
}
