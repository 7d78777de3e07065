import { parseChat } from "../../src/commands/chat.ts";
import { argumentFromText } from "../../src/commands/argument.ts";
import { encodeToken, type ButtonAction } from "../../src/commands/token.ts";
import type { DecisionCard } from "../../src/contracts/card.ts";
import type { CommandInput } from "../../src/contracts/command.ts";
import type { RunId } from "../../src/contracts/id.ts";
import type { ArgumentValue } from "../../src/contracts/macro.ts";
import { startOffered } from "../../src/commands/converse.ts";
import type { Translator } from "../../src/i18n.ts";
import type { Clock } from "../../src/ports.ts";
import type { Answer } from "./answer.ts";
import type { Board } from "./board.ts";
import { detailSheets } from "./cards/details.ts";
import {
  argumentForm,
  argumentPages,
  argumentsOn,
  askForm,
  discardForm,
  QUESTION_FIELD,
  REASON_FIELD,
} from "./cards/forms.ts";
import { button, buttonRows } from "./cards/parts.ts";
import { pageToken, readCustomId, sureToken, type Control } from "./custom-id.ts";
import { goalIn } from "./offer.ts";
import type { Interaction } from "./payload.ts";
import { refresh } from "./refresh.ts";
import { save } from "./save.ts";
import { talk, type TalkParts } from "./talk.ts";
import { textSheets } from "./words.ts";

export interface ClickParts extends TalkParts {
  readonly clock: Clock;
  readonly board: Board;
}

type Click = Extract<Interaction, { kind: "control" | "form" }>;
type ActionControl = Extract<Control, { kind: "action" }>;

/** A control was used or a form sent. Everything it means stands in its id, so a restart in between changes nothing. */
export async function onClick(parts: ClickParts, click: Click, answer: Answer, words: Translator): Promise<void> {
  const control = readCustomId(click.customId);
  switch (control.kind) {
    case "unknown":
      await answer.tell(textSheets(words.t("discord.unknown_click")));
      return;
    case "ask":
      return click.kind === "control"
        ? answer.form(askForm(control.runId, words, click.id))
        : ask(parts, control.runId, click, answer, words);
    case "start":
      return startOffer(parts, control.offer, click, answer, words);
    case "action":
      return act(parts, control, click, answer, words);
  }
}

/** Cancel and Discard ask whether they are meant; details and values open a page; everything else is a command. */
async function act(
  parts: ClickParts,
  { button: pressed, step }: ActionControl,
  click: Click,
  answer: Answer,
  words: Translator,
): Promise<void> {
  const { runId } = pressed;
  switch (pressed.action) {
    case "run.cancel":
      return step.is === "sure"
        ? command(parts, click, answer, words, { kind: "run.cancel", runId })
        : askTwice(parts, pressed, click, answer, words);
    case "decision.undo":
    case "dead_letter.retry":
      return command(parts, click, answer, words, { kind: pressed.action, runId });
    case "dead_letter.inspect":
      return inspect(parts, runId, click, answer, words);
    case "dead_letter.discard":
      return click.kind === "form"
        ? command(parts, click, answer, words, {
            kind: pressed.action,
            runId,
            reason: click.fields[REASON_FIELD]?.[0] ?? "",
          })
        : openDiscard(parts, runId, click, answer, words);
    case "decision.recommended":
    case "decision.submit": {
      const answers = pressed.action === "decision.submit" ? "drafted" : "recommended";
      return command(parts, click, answer, words, {
        kind: "decision.answer",
        runId,
        decisionId: pressed.decisionId,
        answers,
      });
    }
    case "decision.arguments":
    case "decision.details":
    case "decision.select":
    case "decision.choose":
      return onCard(parts, pressed, step, click, answer, words);
  }
}

type CardButton = Extract<
  ButtonAction,
  { action: "decision.arguments" | "decision.details" | "decision.select" | "decision.choose" }
>;

/** What needs the card itself: its questions are named by their numbers. */
async function onCard(
  parts: ClickParts,
  pressed: CardButton,
  step: ActionControl["step"],
  click: Click,
  answer: Answer,
  words: Translator,
): Promise<void> {
  const { runId, decisionId } = pressed;
  const shown = (await parts.query.run(runId))?.decision;
  const card = shown?.decisionId === decisionId ? shown : undefined;
  // A question of before: the door knows who closed it.
  const select = { kind: "decision.select", runId, decisionId } as const;
  if (card === undefined || card.resolved !== null) return command(parts, click, answer, words, select);
  if (pressed.action === "decision.arguments") {
    if (step.is === "form" && click.kind === "form") {
      return command(parts, click, answer, words, { ...select, args: argumentsIn(card, step.page, click.fields) });
    }
    return openArguments(card, step.is === "page" ? step.page : undefined, click, answer, words);
  }
  const question = card.questions.find(({ number }) => number === pressed.question);
  if (question === undefined) {
    await answer.tell(textSheets(words.t("discord.unknown_click")));
    return;
  }
  if (pressed.action === "decision.details") {
    await answer.tell(detailSheets(card, question));
    return;
  }
  const option =
    pressed.action === "decision.choose"
      ? question.options[pressed.option - 1]?.id
      : click.kind === "control"
        ? click.values[0]
        : undefined;
  if (option === undefined) return answer.pass();
  return command(parts, click, answer, words, { ...select, answers: { [question.id]: option } });
}

type Wanted<K extends CommandInput["kind"]> = K extends CommandInput["kind"]
  ? Omit<Extract<CommandInput, { kind: K }>, "id" | "by">
  : never;

async function command(
  parts: ClickParts,
  click: Click,
  answer: Answer,
  words: Translator,
  wanted: Wanted<CommandInput["kind"]>,
): Promise<void> {
  const { board, people } = parts;
  const { message } = click;
  const input = { ...wanted, id: `discord:${click.id}`, by: people.actorOf(click.who) };
  const work = (): Promise<void> =>
    save(parts, input, answer, words, async (reply) => {
      if (reply.kind !== "accepted" && wanted.kind !== "decision.select") {
        await answer.tell(textSheets(reply.message));
        return;
      }
      await redraw(parts, click, answer, words);
      // The select shows what was picked until it is drawn anew; then the reason why it does not stand.
      if (reply.kind !== "accepted") await answer.tell(textSheets(reply.message));
    });
  const key = message === undefined ? undefined : board.keyOf(message);
  // The card's own delivery waits until the answer is drawn, and then finds it there.
  await (key === undefined ? work() : board.alone(key, work));
}

/** The card's message, the page of details, or the question whether it was meant: whatever the control stands on. */
async function redraw(parts: ClickParts, click: Click, answer: Answer, words: Translator): Promise<void> {
  const control = readCustomId(click.customId);
  if (control.kind === "action" && control.step.is === "sure") {
    const [done] = textSheets(words.t("discord.saved_now"));
    if (done !== undefined) await answer.update(done);
    return;
  }
  if (control.kind === "action" && control.button.action === "decision.choose") {
    const { runId, decisionId, question: number } = control.button;
    const card = (await parts.query.run(runId))?.decision;
    const question =
      card?.decisionId === decisionId ? card.questions.find((known) => known.number === number) : undefined;
    const pages = card === undefined || card === null || question === undefined ? [] : detailSheets(card, question);
    const page =
      pages.find(({ components }) => JSON.stringify(components).includes(`"${click.customId}"`)) ?? pages.at(-1);
    if (page !== undefined) {
      await answer.update(page);
      return;
    }
  }
  if (click.message === undefined) await answer.tell(textSheets(words.t("discord.saved_now")));
  else await refresh(parts, answer, click.message);
}

/** Discord has no question of its own before a button acts. */
async function askTwice(
  { query }: ClickParts,
  pressed: ButtonAction,
  _click: Click,
  answer: Answer,
  words: Translator,
): Promise<void> {
  const view = await query.run(pressed.runId);
  const token = encodeToken(pressed);
  const actions = [...(view?.notice.actions ?? []), ...(view?.decision?.actions ?? [])];
  const action = actions.find((known) => known.token === token);
  const text = action?.confirm ?? words.t("card.action.cancel_confirm");
  const sure = button(sureToken(token), action?.label ?? words.t("card.action.cancel"), "danger");
  await answer.tell(textSheets(text, buttonRows([sure])));
}

async function openDiscard(
  { query }: ClickParts,
  runId: RunId,
  click: Click,
  answer: Answer,
  words: Translator,
): Promise<void> {
  const letter = (await query.run(runId))?.deadLetter ?? null;
  if (letter === null) await answer.tell(textSheets(words.t("chat.not_dead", { run: runId })));
  else await answer.form(discardForm(letter, click.id));
}

async function openArguments(
  card: DecisionCard,
  page: number | undefined,
  click: Click,
  answer: Answer,
  words: Translator,
): Promise<void> {
  const pages = argumentPages(card);
  if (pages > 1 && page === undefined) {
    const { runId, decisionId } = card;
    const token = encodeToken({ action: "decision.arguments", runId, decisionId });
    const buttons = Array.from({ length: pages }, (_, at) => {
      const names = argumentsOn(card, at + 1).map(({ label }) => label);
      return button(pageToken(token, at + 1), words.list(names));
    });
    await answer.tell(textSheets(words.t("discord.decision.arguments"), buttonRows(buttons)));
    return;
  }
  await answer.form(argumentForm(card, page ?? 1, click.id));
}

/** The values that were changed, of the form's own page. */
function argumentsIn(
  card: DecisionCard,
  page: number,
  fields: Readonly<Record<string, readonly string[]>>,
): Record<string, ArgumentValue> {
  return Object.fromEntries(
    argumentsOn(card, page).flatMap(({ id, definition, value }) => {
      const given = fields[id];
      if (given === undefined) return [];
      const typed =
        definition.type === "lanes" && given.length > 1 ? [...given] : argumentFromText(definition, given[0] ?? "");
      return JSON.stringify(typed) === JSON.stringify(value) ? [] : [[id, typed]];
    }),
  );
}

async function inspect(
  parts: ClickParts,
  runId: RunId,
  click: Click,
  answer: Answer,
  words: Translator,
): Promise<void> {
  await answer.defer();
  const reply = await talk(
    parts,
    { kind: "dead_letters", action: "inspect", runId },
    spoken(click, undefined, "", words),
  );
  await answer.tell(textSheets(reply.text));
}

async function ask(
  parts: ClickParts,
  runId: RunId,
  click: Extract<Click, { kind: "form" }>,
  answer: Answer,
  words: Translator,
): Promise<void> {
  await answer.defer();
  const text = click.fields[QUESTION_FIELD]?.[0] ?? "";
  const reply = await talk(parts, parseChat(text, { inThread: true }), spoken(click, runId, text, words));
  await answer.tell(textSheets(reply.text));
}

/** One offer is one run, however often and by whomever it is clicked. */
async function startOffer(
  parts: ClickParts,
  offer: string,
  click: Click,
  answer: Answer,
  words: Translator,
): Promise<void> {
  await answer.defer();
  const goal = click.kind === "control" ? goalIn(click.components) : undefined;
  if (goal === undefined) {
    await answer.tell(textSheets(words.t("discord.unknown_click")));
    return;
  }
  const start = click.thread === undefined ? offer : undefined;
  const reply = await talk(parts, startOffered(goal), {
    ...spoken(click, undefined, goal, words),
    start,
    commandId: `discord:offer:${offer}`,
  });
  await answer.tell(textSheets(reply.text));
}

function spoken({ id, who, channel }: Click, runId: RunId | undefined, said: string, words: Translator) {
  return { who, channel, runId, start: undefined, said, commandId: `discord:${id}`, language: words.language };
}
