import type { ButtonAction } from "../../src/commands/token.ts";
import type { CommandInput } from "../../src/contracts/command.ts";
import type { DecisionKind } from "../../src/contracts/decision.ts";
import type { Actor, RunId } from "../../src/contracts/id.ts";
import type { Translator } from "../../src/i18n.ts";
import type { Clock, RefusalOf } from "../../src/ports.ts";
import type { Answer } from "./answer.ts";
import type { DiscordApi } from "./api.ts";
import type { Board } from "./board.ts";
import { detailSheets } from "./cards/details.ts";
import { readCustomId } from "./custom-id.ts";
import type { Room } from "./gateway.ts";
import type { Interaction } from "./payload.ts";
import { refresh, sheetWith } from "./refresh.ts";
import { save } from "./save.ts";
import type { Sheet } from "./sheet.ts";
import type { TalkParts } from "./talk.ts";
import type { Turns } from "./turns.ts";
import { textSheets } from "./words.ts";

export interface ClickParts extends TalkParts {
  readonly api: DiscordApi;
  readonly clock: Clock;
  readonly board: Board;
  readonly refusalOf: RefusalOf;
  readonly turns: Turns;
  readonly roomOf: (channelId: string) => Room;
}

export type Click = Extract<Interaction, { kind: "control" | "form" }>;

/** One click with all that it takes to deal with it. */
export interface Hand {
  readonly parts: ClickParts;
  readonly click: Click;
  readonly answer: Answer;
  readonly words: Translator;
}

type Wanted<K extends CommandInput["kind"]> = K extends CommandInput["kind"]
  ? Omit<Extract<CommandInput, { kind: K }>, "id" | "by">
  : never;

/** Hands the command that a click means to the door, and redraws what the control stands on. */
export async function command(hand: Hand, wanted: Wanted<CommandInput["kind"]>): Promise<void> {
  const { parts, click, answer } = hand;
  const { board, people } = parts;
  const input = { ...wanted, id: `discord:${click.id}`, by: people.actorOf(click.who) };
  const key = click.message === undefined ? undefined : board.keyOf(click.message);
  const alone = (work: () => Promise<void>): Promise<void> => (key === undefined ? work() : board.alone(key, work));
  await save(parts, input, hand, alone, async (reply, isLate) => {
    const isRefusedSelection = reply.kind !== "accepted" && wanted.kind === "decision.select";
    if (isLate) {
      if (isRefusedSelection) await redrawLate(hand, wanted.runId);
    } else if (isRefusedSelection) {
      // The select shows what was picked until it is drawn anew; then the reason why it does not stand.
      const sheet = key === undefined ? await sheetWith(parts.query, wanted.runId, click.customId) : undefined;
      if (sheet === undefined) await redraw(hand);
      else await answer.update(sheet);
      await answer.tell(textSheets(reply.message));
    } else if (reply.kind === "accepted") await redraw(hand);
    else await answer.tell(textSheets(reply.message));
  });
}

/** The answer was used to say that it was not saved yet. */
async function redrawLate({ parts, click }: Hand, runId: RunId): Promise<void> {
  const sheet = await sheetWith(parts.query, runId, click.customId);
  if (sheet !== undefined && click.message !== undefined) {
    await parts.api.edit(click.thread ?? click.channel, click.message, sheet);
  }
}

/** Whoever may not do it is told who may, before anything is asked of them; the door decides again. */
export async function isRefused(
  { parts, click, answer, words }: Hand,
  kind: CommandInput["kind"],
  owner: Actor | undefined,
  about?: DecisionKind,
): Promise<boolean> {
  const refusal = parts.refusalOf(kind, parts.people.actorOf(click.who), owner, about);
  if (refusal !== undefined) await answer.tell(textSheets(words.say(refusal)));
  return refusal !== undefined;
}

/** The card's message, the page of details, or the question whether it was meant: whatever the control stands on. */
async function redraw(hand: Hand): Promise<void> {
  const { parts, click, answer, words } = hand;
  const control = readCustomId(click.customId);
  if (control.kind === "action" && control.step.is === "sure") {
    const [done] = textSheets(words.t("discord.saved_now"));
    if (done !== undefined) await answer.update(done);
    return;
  }
  const page = control.kind === "action" ? await pageOf(hand, control.button) : undefined;
  if (page !== undefined) {
    await answer.update(page);
    return;
  }
  if (click.message === undefined) await answer.tell(textSheets(words.t("discord.saved_now")));
  else await refresh(parts, answer, click.message);
}

/** The page of details on which an option was chosen, as it is now. */
async function pageOf({ parts, click }: Hand, pressed: ButtonAction): Promise<Sheet | undefined> {
  if (pressed.action !== "decision.choose") return undefined;
  const card = (await parts.query.run(pressed.runId))?.decision;
  if (card?.decisionId !== pressed.decisionId) return undefined;
  const question = card.questions.find(({ number }) => number === pressed.question);
  const pages = question === undefined ? [] : detailSheets(card, question);
  return pages.find(({ components }) => JSON.stringify(components).includes(`"${click.customId}"`)) ?? pages.at(-1);
}
