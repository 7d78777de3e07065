import { argumentFromText } from "../../src/commands/argument.ts";
import type { ButtonAction } from "../../src/commands/token.ts";
import type { ArgumentValue } from "../../src/contracts/macro-argument.ts";
import { detailSheets } from "./cards/details.ts";
import {
  argumentForm,
  argumentPages,
  argumentsOn,
  argumentsToken,
  changedIn,
  type CardWithArguments,
} from "./cards/forms.ts";
import { button, buttonRows } from "./cards/parts.ts";
import { command, isRefused, type Hand } from "./command-click.ts";
import { pageToken, type Control } from "./custom-id.ts";
import { textSheets } from "./words.ts";

type Step = Extract<Control, { kind: "action" }>["step"];

type CardButton = Extract<
  ButtonAction,
  { action: "decision.arguments" | "decision.details" | "decision.select" | "decision.choose" }
>;

/** What needs the card itself: its questions are named by their numbers. */
export async function onCard(hand: Hand, pressed: CardButton, step: Step): Promise<void> {
  const { parts, click, answer, words } = hand;
  const { runId, decisionId } = pressed;
  const view = await parts.query.run(runId);
  const shown = view?.decision;
  const card = shown?.decisionId === decisionId ? shown : undefined;
  // A question of before: the door knows who closed it.
  const select = { kind: "decision.select", runId, decisionId } as const;
  if (card === undefined || card.resolved !== null) return command(hand, select);
  if (pressed.action === "decision.arguments") {
    if (step.is === "form" && click.kind === "form") {
      return command(hand, { ...select, args: argumentsIn(card, step, click.fields) });
    }
    if (await isRefused(hand, "decision.select", view?.requestedBy, card.about)) return;
    return openArguments(hand, card, step.is === "page" ? step.page : 0);
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
  const selected = click.kind === "control" ? click.values[0] : undefined;
  const option = pressed.action === "decision.choose" ? question.options[pressed.option - 1]?.id : selected;
  if (option === undefined) return answer.pass();
  return command(hand, { ...select, answers: { [question.id]: option } });
}

/** The form with the values; where one form does not take them all, first (`page` 0) which of them. */
export async function openArguments(
  { click, answer, words }: Hand,
  card: CardWithArguments,
  page: number,
): Promise<void> {
  const pages = argumentPages(card);
  if (pages === 1 || (page > 0 && page <= pages)) return answer.form(argumentForm(card, Math.max(1, page), click.id));
  const token = argumentsToken(card);
  const buttons = Array.from({ length: pages }, (_, at) => {
    const names = argumentsOn(card, at + 1).map(({ label }) => label);
    return button(pageToken(token, at + 1), words.list(names));
  });
  await answer.tell(textSheets(words.t("discord.decision.arguments"), buttonRows(buttons)));
}

/** The values that were changed, of the form's own page. Whatever else has changed meanwhile stays as it is. */
export function argumentsIn(
  card: CardWithArguments,
  form: { readonly page: number; readonly shown: string },
  fields: Readonly<Record<string, readonly string[]>>,
): Record<string, ArgumentValue> {
  return Object.fromEntries(
    changedIn(card, form, fields).map(([{ id, definition }, given]) => [
      id,
      definition.type === "lanes" && given.length > 1 ? [...given] : argumentFromText(definition, given[0] ?? ""),
    ]),
  );
}
