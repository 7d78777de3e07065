import type { Command, CommandReply } from "../contracts/command.ts";
import { CoxswainError, messageOf } from "../errors.ts";
import { FALLBACK_LANGUAGE, translatorFor, type Translator } from "../i18n.ts";
import { actOnQueue } from "./act-on-queue.ts";
import { actOnRun, cancelEvent, followLanguage, retryEvent } from "./act-on-run.ts";
import { answerDecision, selectInDecision } from "./answer-decision.ts";
import type { Control } from "./deps.ts";
import { wordsOf } from "./replies.ts";
import { languageOf, startRun } from "./start-run.ts";

/**
 * The one door (architecture: handle). Resolves when what was asked is durable. What was asked wrongly or too late
 * gets a refusal with a stable code and a sentence in the person's language.
 */
export async function handleCommand(control: Control, command: Command): Promise<CommandReply> {
  try {
    switch (command.kind) {
      case "run.start":
        return await startRun(control, command);
      case "decision.answer":
        return await answerDecision(control, command);
      case "decision.select":
        return await selectInDecision(control, command);
      case "decision.undo":
        return await actOnRun(control, command, () => ({
          kind: "decision.undone",
          id: command.id,
          at: control.clock.now(),
          by: command.by,
        }));
      case "run.cancel":
        return await actOnRun(control, command, (run) => cancelEvent(control, command, run));
      case "run.message":
        return await followLanguage(control, command);
      case "language.set":
        return await actOnRun(control, command, () => {
          const language = { language: command.language, source: "explicit_output_choice" } as const;
          return { kind: "language.changed", id: command.id, at: control.clock.now(), language };
        });
      case "dead_letter.retry":
        return await actOnRun(control, command, (run) => retryEvent(control, command, run));
      case "dead_letter.discard":
        return await actOnRun(control, command, () => ({
          kind: "dead_letter.discarded",
          id: command.id,
          at: control.clock.now(),
          by: command.by,
          reason: command.reason,
        }));
      case "queue.pause":
      case "queue.resume":
      case "queue.raise":
      case "queue.lower":
      case "queue.weigh":
      case "queue.drain":
      case "queue.undrain":
        return await actOnQueue(control, command);
    }
  } catch (error) {
    control.log.error({ command: command.kind, err: messageOf(error) }, "a command failed");
    const code = error instanceof CoxswainError ? error.code : "internal.error";
    if (code === "engine.write_failed") {
      const words = await wordsFor(control, command);
      return { kind: "refused", code, message: words.t("reply.not_saved", { reason: messageOf(error) }) };
    }
    return { kind: "refused", code, message: messageOf(error) };
  }
}

/** The language of the run that a command is about; of the task where it is to begin one. */
async function wordsFor(control: Control, command: Command): Promise<Translator> {
  if (command.kind === "run.start") return translatorFor(languageOf(control, command.task).language);
  const run = "runId" in command ? (await control.engine.read(command.runId))?.run : undefined;
  return run === undefined ? translatorFor(control.toolLanguage ?? FALLBACK_LANGUAGE) : wordsOf(run);
}
