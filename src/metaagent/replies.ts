import type { Command, CommandReply } from "../contracts/command.ts";
import type { RunId } from "../contracts/id.ts";
import type { Run } from "../contracts/run.ts";
import { setAsideWords } from "../commands/set-aside.ts";
import { FALLBACK_LANGUAGE, translatorFor, type Translator } from "../i18n.ts";
import { authorize } from "./authorize.ts";
import type { Control } from "./deps.ts";
import type { Committed, Declined } from "./state.ts";

/** Asked again here, at the time of the command: what a surface showed or hid before decides nothing. */
export function notAllowed(
  control: Control,
  command: Command,
  run: Run | undefined,
  words: Translator,
): CommandReply | undefined {
  const refusal = authorize(command, run, control);
  if (refusal === undefined) return undefined;
  return { kind: "refused", code: refusal.code, message: words.say(refusal.message) };
}

export function wordsOf(run: Run): Translator {
  return translatorFor(run.language.language);
}

export function already(runId: RunId, message: string): CommandReply {
  return { kind: "already", runId, message };
}

/** Why no event was made of a command; `unknown`: there is no such run. */
export type Refusal = CommandReply | "unknown";

/** What is said of a command on a run, after it was decided on under the run's lock. */
export function replyOf(
  control: Control,
  runId: RunId,
  committed: Committed | Declined<Refusal>,
): CommandReply | Promise<CommandReply> {
  if (committed.kind === "declined") {
    return committed.declined === "unknown" ? unknownRun(control, runId) : committed.declined;
  }
  const { run } = committed.document;
  // Of a click that came twice at the same time, one counts.
  if (committed.kind === "duplicate") return already(runId, wordsOf(run).t("reply.already_done"));
  return { kind: "accepted", runId, version: run.version };
}

/** There is no such run, or there was one and its document is damaged. */
export async function unknownRun(control: Control, runId: RunId): Promise<CommandReply> {
  const words = translatorFor(control.toolLanguage ?? FALLBACK_LANGUAGE);
  const aside = await control.engine.setAsideOf(runId);
  if (aside === undefined) {
    return { kind: "refused", code: "run.unknown", message: words.t("reply.unknown_run", { run: runId }) };
  }
  return { kind: "refused", code: "run.set_aside", message: setAsideWords(aside, words) };
}
