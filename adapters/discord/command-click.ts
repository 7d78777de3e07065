import type { ButtonAction } from "../../src/commands/token.ts";
import type { CommandInput } from "../../src/contracts/command.ts";
import type { Translator } from "../../src/i18n.ts";
import type { Clock, RefusalOf } from "../../src/ports.ts";
import type { Answer } from "./answer.ts";
import type { Board } from "./board.ts";
import { detailSheets } from "./cards/details.ts";
import { readCustomId } from "./custom-id.ts";
import type { Interaction } from "./payload.ts";
import { refresh } from "./refresh.ts";
import { save } from "./save.ts";
import type { Sheet } from "./sheet.ts";
import type { TalkParts } from "./talk.ts";
import { textSheets } from "./words.ts";

export interface ClickParts extends TalkParts {
  readonly clock: Clock;
  readonly board: Board;
  readonly refusalOf: RefusalOf;
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
  await save(parts, input, hand, alone, async (reply) => {
    if (reply.kind !== "accepted" && wanted.kind !== "decision.select") {
      await answer.tell(textSheets(reply.message));
      return;
    }
    await redraw(hand);
    // The select shows what was picked until it is drawn anew; then the reason why it does not stand.
    if (reply.kind !== "accepted") await answer.tell(textSheets(reply.message));
  });
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
