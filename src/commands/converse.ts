import type { Command, CommandReply } from "../contracts/command.ts";
import type { Actor, RunId } from "../contracts/id.ts";
import { GOAL_LIMIT, MetaTask, type Binding, type MetaTaskInput } from "../contracts/task.ts";
import type { RunView } from "../contracts/view.ts";
import { SHIPPED_LANGUAGES, shippedLanguageFor, translatorFor, type MessageKey, type Translator } from "../i18n.ts";
import { plainLines, plainText, plainTranslator, shorten } from "../plain-text.ts";
import type { Door, Query } from "../ports.ts";
import { bulkRetryLines, retryLetters } from "./bulk-retry.ts";
import type { ChatRequest } from "./chat.ts";
import { LISTED, queueLines, runLines, runningLines } from "./run-lists.ts";
import { letterOf, parseTextAnswer, splitReason } from "./text-answer.ts";
import { visibleQuestions } from "./visible-questions.ts";
import { whyWaiting } from "./why-waiting.ts";
import { setAsideWords } from "./set-aside.ts";

/** Where and by whom something was said. */
export interface ChatContext {
  readonly door: Door;
  readonly query: Query;
  readonly by: Actor;
  /** Unique per message: a message that is delivered twice acts once. */
  readonly commandId: string;
  readonly surface: string;
  readonly channel: string;
  /** Where the cards of a run that is started here go. */
  readonly bindings: readonly Binding[];
  /** Absolute path of the folder that runs of this channel are about; undefined where none is bound to it. */
  readonly workspace: string | undefined;
  /** The run whose thread it is. */
  readonly runId?: RunId;
  /** What was said, as it was typed. */
  readonly said: string;
  /** The language that the person is spoken to in. */
  readonly language: string;
  /** A language that the person chose for what they start; undefined: what they write tells (G9). */
  readonly chosenLanguage?: string | undefined;
}

/** What to say. Plain text of one or more lines, safe to show once the surface has escaped it. */
export type ChatReply =
  | { readonly kind: "text"; readonly text: string }
  /** A run; its thread shows how it goes on. Also for a message that was delivered twice. */
  | { readonly kind: "started"; readonly runId: RunId; readonly text: string }
  /**
   * Nothing was done. The surface shows `text` with a button `label` (at most 75 characters) under it; who clicks it
   * asks for `startOffered(goal)`, with one command id for the offer: clicked twice, or by two people, it is one run.
   */
  | { readonly kind: "offer"; readonly goal: string; readonly text: string; readonly label: string };

interface Talk extends ChatContext {
  readonly words: Translator;
}

/**
 * Answers a message through door and query alone, so that every platform says the same. Questions about runs are
 * answered here and make no run: nothing is looked at that is not at hand, and a card about a question would be noise.
 * A question about files is a run, because its answer needs evidence.
 */
export async function converse(request: ChatRequest, context: ChatContext): Promise<ChatReply> {
  const talk: Talk = { ...context, words: plainTranslator(translatorFor(context.language)) };
  const { words, query, door, runId, by, said: typed } = talk;
  // Refused or not, it is no answer to what was said. A command is in nobody's language, and what was not understood
  // changes nothing.
  const isPlain = request.kind !== "unknown" && request.kind !== "refused" && !typed.trimStart().startsWith("/");
  if (runId !== undefined && isPlain) {
    await door.handle({ kind: "run.message", id: `${talk.commandId}:said`, by, runId, text: typed });
  }
  switch (request.kind) {
    case "run":
      return startRun(talk, request);
    case "find_text":
      return startTask(talk, { goal: request.goal, macro: "find-text", args: { text: request.text } });
    case "status":
    case "where":
      return request.runId === undefined && talk.runId === undefined
        ? newestRuns(talk)
        : withRun(talk, request.runId, "status", (view) => noticeText(view));
    case "why":
      return withRun(talk, request.runId, "status", async (view) =>
        whyWaiting(view, await query.queue(), words).join("\n"),
      );
    case "queue":
      return text(...queueLines(await query.queue(), words));
    case "queue_act":
      return said(await door.handle({ ...request.act, id: talk.commandId, by, language: words.language }), "");
    case "running":
      return running(talk);
    case "cancel":
      return act(talk, request.runId, "cancel", "chat.canceled", (base) => ({ ...base, kind: "run.cancel" }));
    case "language":
      return setLanguage(talk, request.tag);
    case "dead_letters":
      return deadLetters(talk, request);
    case "answer":
      return answer(talk, request.typed);
    case "help":
      return text(plainLines(translatorFor(context.language).t("chat.help")));
    case "refused":
      return text(words.say(request.message));
    case "goal":
      return offer(talk, request.goal);
    case "unknown":
      return unknown(talk, request.text);
  }
}

/** What the button of an offer asks for: the same as `/cox run` with that goal. */
export function startOffered(goal: string): ChatRequest {
  return { kind: "run", goal, args: {} };
}

/** Plain words may be a goal or may be none: one click makes a run of them, and without it nothing happens. */
function offer({ words }: Talk, goal: string): ChatReply {
  if (goal.length > GOAL_LIMIT) {
    return text(words.t("chat.refused.goal_too_long", { limit: GOAL_LIMIT, length: goal.length }));
  }
  const label = words.t("chat.offer.start", { goal: shorten(plainText(goal), 56) });
  return { kind: "offer", goal, text: words.t("chat.offer"), label };
}

function text(...lines: string[]): ChatReply {
  return { kind: "text", text: lines.join("\n") };
}

async function startRun(talk: Talk, request: Extract<ChatRequest, { kind: "run" }>): Promise<ChatReply> {
  const { words } = talk;
  const { goal, macro, args, workspace, priority, deadline } = request;
  if (goal.length > GOAL_LIMIT) {
    return text(words.t("chat.refused.goal_too_long", { limit: GOAL_LIMIT, length: goal.length }));
  }
  const long = Object.entries(args).find(([, value]) => value.length > 1000);
  if (long !== undefined) {
    const [name, { length }] = long;
    return text(words.t("chat.refused.argument_too_long", { name, length, limit: 1000 }));
  }
  if (workspace !== undefined && !/^(?:\/|[A-Za-z]:[\\/])/u.test(workspace)) {
    return text(words.t("chat.refused.workspace", { came: shorten(workspace, 80) }));
  }
  return startTask(talk, {
    goal,
    args: { ...args },
    ...(macro === undefined ? {} : { macro }),
    ...(workspace === undefined ? {} : { workspace }),
    ...(priority === undefined ? {} : { priority }),
    ...deadline,
  });
}

async function startTask(
  { door, by, commandId, bindings, channel, workspace: bound, language, chosenLanguage, words }: Talk,
  {
    workspace = bound,
    ...asked
  }: Pick<MetaTaskInput, "goal" | "macro" | "args" | "priority" | "deadline" | "withinMs"> & { workspace?: string },
): Promise<ChatReply> {
  if (workspace === undefined) return text(words.t("chat.refused.no_workspace", { channel }));
  const parsed = MetaTask.safeParse({
    workspace,
    ...asked,
    requestedBy: by,
    bindings: [...bindings],
    environmentLanguage: language,
    ...(chosenLanguage === undefined ? {} : { language: chosenLanguage }),
  });
  if (!parsed.success) {
    return text(
      words.t("chat.refused.task", { problem: parsed.error.issues.map(({ message }) => message).join("; ") }),
    );
  }
  const reply = await door.handle({ kind: "run.start", id: commandId, by, task: parsed.data });
  switch (reply.kind) {
    case "accepted":
      return { kind: "started", runId: reply.runId, text: words.t("chat.started", { run: reply.runId }) };
    case "already":
      return { kind: "started", runId: reply.runId, text: reply.message };
    case "refused":
    case "done":
      return text(reply.message);
  }
}

/** Says something about the run that is meant, or asks which one it is. */
async function withRun(
  talk: Talk,
  named: RunId | undefined,
  command: string,
  say: (view: RunView) => string | Promise<string>,
): Promise<ChatReply> {
  const { words } = talk;
  const runId = named ?? talk.runId;
  if (runId === undefined) return text(words.t("chat.refused.which_run", { command }));
  const view = await talk.query.run(runId);
  if (view !== undefined) return text(await say(view));
  const aside = await talk.query.setAside(runId);
  return text(aside === undefined ? words.t("reply.unknown_run", { run: runId }) : setAsideWords(aside, words));
}

/** The five lines of the run's own notice, in the run's language (G21). */
function noticeText({ notice }: RunView): string {
  const words = plainTranslator(translatorFor(notice.language));
  const lines = notice.lines.map(({ label, value }) => words.t("card.labelled", { label, value }));
  return [notice.title, ...lines].join("\n");
}

async function newestRuns({ query, words }: Talk): Promise<ChatReply> {
  const { runs, total } = await query.runs({ limit: LISTED, offset: 0 });
  return runs.length === 0 ? text(words.t("chat.no_runs")) : text(...runLines(runs, total, words));
}

async function running({ query, words }: Talk): Promise<ChatReply> {
  const active = await query.runs({ status: "active", limit: LISTED, offset: 0 });
  const waiting = await query.runs({ status: "waiting", limit: 1, offset: 0 });
  return text(...runningLines(active, waiting.total, words));
}

type CommandBase = { id: string; by: Actor; runId: RunId };

/** Hands a command about a run to the door, and says what came of it. */
async function act(
  talk: Talk,
  named: RunId | undefined,
  command: string,
  done: MessageKey,
  make: (base: CommandBase) => Command,
): Promise<ChatReply> {
  const { words, door, by, commandId } = talk;
  const runId = named ?? talk.runId;
  if (runId === undefined) return text(words.t("chat.refused.which_run", { command }));
  return said(await door.handle(make({ id: commandId, by, runId })), words.t(done, { run: runId }));
}

/** The door's own words for everything but success: they name who was faster, or what is missing. */
function said(reply: CommandReply, done: string): ChatReply {
  return text(reply.kind === "accepted" ? done : reply.message);
}

async function setLanguage(talk: Talk, tag: string): Promise<ChatReply> {
  const { words } = talk;
  const language = shippedLanguageFor(tag);
  if (language === undefined) {
    return text(words.t("chat.refused.no_such_language", { came: tag, known: words.list(SHIPPED_LANGUAGES) }));
  }
  if (talk.runId === undefined) return text(words.t("chat.refused.language_where"));
  const reply = await talk.door.handle({
    kind: "language.set",
    id: talk.commandId,
    by: talk.by,
    runId: talk.runId,
    language,
  });
  return said(reply, translatorFor(language).t("chat.language_set", { language }));
}

async function deadLetters(talk: Talk, request: Extract<ChatRequest, { kind: "dead_letters" }>): Promise<ChatReply> {
  const { words, query } = talk;
  const { action, runId, reason } = request;
  const command = `dead-letters ${action}`;
  switch (action) {
    case "list": {
      const { runs, total } = await query.runs({ status: "dead_letter", limit: LISTED, offset: 0 });
      return runs.length === 0 ? text(words.t("chat.no_dead_letters")) : text(...runLines(runs, total, words));
    }
    case "inspect":
      return withRun(talk, runId, command, ({ summary, deadLetter }) =>
        deadLetter === null
          ? words.t("chat.not_dead", { run: summary.runId })
          : [deadLetter.title, deadLetter.headline, ...deadLetter.sections.flatMap(sectionLines)].join("\n"),
      );
    case "retry": {
      const { macro, code, args } = request;
      if (macro !== undefined || code !== undefined) {
        return text(...bulkRetryLines(await retryLetters(talk, { macro, code }, talk), words));
      }
      const changed = args === undefined ? {} : { args };
      return act(talk, runId, command, "chat.retried", (base) => ({ ...base, kind: "dead_letter.retry", ...changed }));
    }
    case "discard":
      if (reason === undefined) {
        return text(words.t("chat.refused.no_reason", { run: runId ?? talk.runId ?? "run_4k2m9x7q1b" }));
      }
      return act(talk, runId, command, "chat.discarded", (base) => ({
        ...base,
        kind: "dead_letter.discard",
        reason: shorten(reason, 1000),
      }));
  }
}

function sectionLines({ heading, lines }: { readonly heading: string; readonly lines: readonly string[] }): string[] {
  return [heading, ...lines.map((line) => `- ${line}`)];
}

/** An answer by text: read against the card that is shown, and decided by the door alone. */
async function answer(talk: Talk, typed: string): Promise<ChatReply> {
  const { words, door, query, by, commandId, runId } = talk;
  const view = runId === undefined ? undefined : await query.run(runId);
  const card = view?.decision ?? null;
  if (runId === undefined || card === null) return text(words.t("reply.no_question"));
  const base = { kind: "decision.answer", id: commandId, by, runId, decisionId: card.decisionId, args: {} } as const;
  // Closed already: whatever was typed, the door says by whom and when.
  if (card.resolved !== null)
    return said(await door.handle({ ...base, answers: "recommended" }), words.t("chat.answered"));
  const takesReason = card.about === "policy_violation";
  const { choice, reason } = takesReason ? splitReason(typed) : { choice: typed, reason: undefined };
  const parsed = parseTextAnswer(choice, card.questions);
  if (!parsed.ok) return text(words.say(parsed.message));
  const args = reason === undefined ? {} : { reason };
  return said(await door.handle({ ...base, answers: parsed.answers, args }), words.t("chat.answered"));
}

/** Where a question is open, words that answer nothing are said to have decided nothing. */
async function unknown(talk: Talk, came: string): Promise<ChatReply> {
  const { words, query, runId } = talk;
  const view = runId === undefined ? undefined : await query.run(runId);
  const params = { text: shorten(came.trim(), 80) };
  const card = view?.decision ?? null;
  if (card === null || card.resolved !== null) return text(words.t("chat.unknown", params));
  return text(words.t("chat.unknown_answer", { ...params, example: exampleAnswer(card.questions) }));
}

/** The recommended answers as one would type them. */
function exampleAnswer(questions: NonNullable<RunView["decision"]>["questions"]): string {
  const recommended = questions.map(({ id, options }) => [id, options.find((option) => option.recommended)?.id ?? ""]);
  return visibleQuestions(questions, Object.fromEntries(recommended))
    .map(
      ({ number, options }) =>
        `${number}${letterOf(
          Math.max(
            0,
            options.findIndex((option) => option.recommended),
          ),
        )}`,
    )
    .join(" ");
}
