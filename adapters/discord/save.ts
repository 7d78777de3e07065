import { Command, type CommandInput, type CommandReply } from "../../src/contracts/command.ts";
import type { Translator } from "../../src/i18n.ts";
import type { Clock, Door } from "../../src/ports.ts";
import type { Answer } from "./answer.ts";
import { LIMITS } from "./limits.ts";
import { textSheets } from "./words.ts";

interface SaveParts {
  readonly door: Door;
  readonly clock: Clock;
}

/**
 * Hands a click to the door, and only then says that it was taken. What is not saved soon is told so, visibly, before
 * Discord gives up waiting; its outcome follows. `alone` gives the card to the answer: `saved` draws it, and the
 * delivery that the commit brings about waits behind it. An older delivery that hangs holds up no answer. What came
 * late is told by then; `saved` is called all the same.
 */
export async function save(
  { door, clock }: SaveParts,
  input: CommandInput,
  { answer, words }: { readonly answer: Answer; readonly words: Translator },
  alone: (work: () => Promise<void>) => Promise<void>,
  saved: (reply: CommandReply, isLate: boolean) => Promise<void>,
): Promise<void> {
  const command = Command.safeParse(input);
  if (!command.success) {
    await answer.tell(textSheets(words.t("discord.unknown_click")));
    return;
  }
  const [turn, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  void alone(() => {
    turn.resolve();
    return done.promise;
  });
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const callOff = clock.after(LIMITS.saveWithinMs, () => resolve("late"));
  try {
    const saving = door.handle(command.data);
    const first = await Promise.race([Promise.all([saving, turn.promise]), late]);
    if (first !== "late") return await saved(first[0], false);
    // The card's own delivery draws it.
    done.resolve();
    const outcome = (reply: CommandReply): string =>
      reply.kind === "accepted" ? words.t("discord.saved_now") : reply.message;
    const reply = await Promise.race([saving, Promise.resolve(undefined)]);
    await answer.tell(textSheets(reply === undefined ? words.t("discord.not_saved_yet") : outcome(reply)));
    if (reply === undefined) await answer.replace(textSheets(outcome(await saving)));
    await saved(await saving, true);
  } finally {
    callOff();
    done.resolve();
  }
}
