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
 * Discord gives up waiting; its outcome follows. `saved` draws the answer of what was done in time.
 */
export async function save(
  { door, clock }: SaveParts,
  input: CommandInput,
  answer: Answer,
  words: Translator,
  saved: (reply: CommandReply) => Promise<void>,
): Promise<void> {
  const command = Command.safeParse(input);
  if (!command.success) {
    await answer.tell(textSheets(words.t("discord.unknown_click")));
    return;
  }
  const saving = door.handle(command.data);
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const callOff = clock.after(LIMITS.saveWithinMs, () => resolve("late"));
  const first = await Promise.race([saving, late]);
  callOff();
  if (first !== "late") return saved(first);
  await answer.tell(textSheets(words.t("discord.not_saved_yet")));
  const reply = await saving;
  await answer.replace(textSheets(reply.kind === "accepted" ? words.t("discord.saved_now") : reply.message));
}
