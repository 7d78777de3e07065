import type { Command, CommandReply } from "../contracts/command.ts";
import type { RunId } from "../contracts/id.ts";
import type { Run } from "../contracts/run.ts";
import { translatorFor, type Translator } from "../i18n.ts";
import { authorize } from "./authorize.ts";
import type { Control } from "./deps.ts";

/** Asked again here, at the time of the command: what a surface showed or hid before decides nothing. */
export function notAllowed(
  control: Control,
  command: Command,
  run: Run | undefined,
  words: Translator,
): CommandReply | undefined {
  const refusal = authorize(command, run, control.rolesOf);
  if (refusal === undefined) return undefined;
  return { kind: "refused", code: refusal.code, message: words.say(refusal.message) };
}

export function wordsOf(run: Run): Translator {
  return translatorFor(run.language.language);
}

export function already(runId: RunId, message: string): CommandReply {
  return { kind: "already", runId, message };
}

export function unknownRun(runId: RunId): CommandReply {
  return { kind: "refused", code: "run.unknown", message: translatorFor("en").t("reply.unknown_run", { run: runId }) };
}
