import { Language } from "../contracts/language.ts";
import { RunId, Slug } from "../contracts/id.ts";
import type { QueueAct } from "../contracts/queue.ts";
import type { Text } from "../contracts/text.ts";
import { keyed, SHIPPED_LANGUAGES } from "../i18n.ts";
import { nearestWord } from "../nearest-word.ts";
import { phraseIn } from "./chat-phrases.ts";
import { findTextOf } from "./find-text.ts";
import { deadlineIn, type Deadline } from "./deadline.ts";
import { QUEUE_VERBS, queueActIn } from "./queue-words.ts";
import { splitWords, type TypedWord } from "./split-words.ts";
import { looksLikeAnswer } from "./text-answer.ts";

/** What a message to Coxswain asks for; one grammar for every platform (U7). A run id that is left out: this thread's. */
export type ChatRequest =
  | {
      readonly kind: "run";
      readonly goal: string;
      readonly macro?: string;
      /** As typed; the macro says what they mean. */
      readonly args: Readonly<Record<string, string>>;
      readonly workspace?: string;
      readonly priority?: number;
      readonly deadline?: Deadline;
    }
  | { readonly kind: "status" | "cancel" | "where" | "why"; readonly runId?: RunId }
  | { readonly kind: "queue" | "running" | "help" }
  /** What an operator wants done to the queue. */
  | { readonly kind: "queue_act"; readonly act: QueueAct }
  | {
      readonly kind: "dead_letters";
      readonly action: "list" | "inspect" | "retry" | "discard";
      readonly runId?: RunId;
      readonly reason?: string;
      /** What a retry changes, as typed. */
      readonly args?: Readonly<Record<string, string>>;
      /** A retry of all letters of a macro, or with a code. */
      readonly macro?: string;
      readonly code?: string;
    }
  | { readonly kind: "language"; readonly tag: string }
  /** Answers by text ("1A 2C 3B", "recommended"), not yet held against the card. */
  | { readonly kind: "answer"; readonly typed: string }
  /** `goal` is the whole sentence. */
  | { readonly kind: "find_text"; readonly text: string; readonly goal: string }
  /** It is a command, and something about it is wrong. Nothing is guessed. */
  | { readonly kind: "refused"; readonly code: string; readonly message: Text }
  /** Outside of a thread, and nothing else: it may be something to be done, so a run is offered, never started. */
  | { readonly kind: "goal"; readonly goal: string }
  | { readonly kind: "unknown"; readonly text: string };

type Refused = Extract<ChatRequest, { kind: "refused" }>;

const PREFIX = /^\s*(?:\/cox(?:swain)?|@?coxswain|@cox|cox)(?=[\s,:，：]|$)[\s,:，：]*/iu;
const RUN_ID = /\brun_[a-z0-9]{8,40}\b/u;

/**
 * Reads a message that was said to Coxswain. Commands begin with `/cox`, `cox` or `@coxswain`; plain words are
 * understood where the whole message is a known sentence. Outside of a thread any other sentence may be a goal; in one
 * it is about the run, and not understood.
 */
export function parseChat(text: string, { inThread }: { readonly inThread: boolean }): ChatRequest {
  const prefix = PREFIX.exec(text);
  if (prefix === null) return plainWords(text) ?? otherWords(text, inThread);
  const rest = text.slice(prefix[0].length).trim();
  if (rest === "") return { kind: "help" };
  const command = commandIn(rest);
  if (command !== undefined && command.kind !== "refused") return command;
  // "@coxswain cancel it" is no well-formed command, and clear all the same.
  const understood = plainWords(rest) ?? command;
  if (understood !== undefined) return understood;
  const mistaken = text.trimStart().startsWith("/") ? mistakenCommand(rest) : undefined;
  return mistaken ?? otherWords(rest, inThread);
}

/** A command whose words are apart already, as in the fields of a form: no quote or blank in them means anything. */
export function parseFields(command: "run" | "queue" | "dead-letters", fields: readonly string[]): ChatRequest {
  const words = fields.map((value) => ({ value, typed: value, gap: " " }));
  switch (command) {
    case "run":
      return runRequest(words);
    case "queue":
      return queueRequest(words);
    case "dead-letters":
      return deadLetters(words);
  }
}

function otherWords(text: string, inThread: boolean): ChatRequest {
  const saysSomething = /[\p{L}\p{N}]/u.test(text);
  return inThread || !saysSomething ? { kind: "unknown", text } : { kind: "goal", goal: text.trim() };
}

function plainWords(text: string): ChatRequest | undefined {
  const about = whyAbout(text);
  if (about !== undefined) return { kind: "why", runId: about };
  const sought = findTextOf(text);
  if (sought !== undefined) return { kind: "find_text", text: sought, goal: text.trim() };
  const phrase = phraseIn(text);
  if (phrase !== undefined) return { kind: phrase };
  return looksLikeAnswer(text) ? { kind: "answer", typed: text.trim() } : undefined;
}

/** "Why is run_… still waiting?": the question about "it", with the run named. */
function whyAbout(text: string): RunId | undefined {
  const id = RUN_ID.exec(text)?.[0];
  if (id === undefined || text.length > 200) return undefined;
  const about = text.replace(/(?:\brun\s+)?\brun_[a-z0-9]{8,40}\b/iu, " it ");
  const chinese = text.replace(/(?:运行|任务)?\s*\brun_[a-z0-9]{8,40}\b/u, " ");
  return phraseIn(about) === "why" || phraseIn(chinese) === "why" ? id : undefined;
}

/** Undefined where the first word is no command: then it may be plain words to the one who was addressed. */
function commandIn(rest: string): ChatRequest | undefined {
  const [, name = "", tail = ""] = /^(\S+)\s*([\s\S]*)$/u.exec(rest) ?? [];
  switch (name.toLowerCase()) {
    case "run":
      return withWords(tail, runRequest);
    case "status":
      return aboutRun("status", tail);
    case "cancel":
      return aboutRun("cancel", tail);
    case "queue":
      return withWords(tail, queueRequest);
    case "drain":
      return withWords(`drain ${tail}`, queueRequest);
    case "help":
      return alone("help", tail);
    case "dead-letters":
    case "dead-letter":
      return withWords(tail, deadLetters);
    case "language":
      return withWords(tail, language);
    default:
      return undefined;
  }
}

/** Where each first word leads that is a command, or that somebody may take for one. */
const COMMANDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(QUEUE_VERBS.map((verb) => [verb, `queue ${verb}`])),
  retry: "dead-letters retry",
  discard: "dead-letters discard",
  inspect: "dead-letters inspect",
  ...Object.fromEntries(
    ["run", "status", "cancel", "queue", "drain", "help", "dead-letters", "language"].map((name) => [name, name]),
  ),
};

/** A slash means a command: "/cox pause x" is no goal. Undefined where the first word is like none that there is. */
function mistakenCommand(rest: string): Refused | undefined {
  const came = (rest.split(/\s/u)[0] ?? "").slice(0, 40);
  const word = nearestWord(came, Object.keys(COMMANDS), ({ length }) => Math.max(1, Math.floor(length / 3)));
  const nearest = word === undefined ? undefined : COMMANDS[word];
  return nearest === undefined
    ? undefined
    : refused("chat.no_command", keyed("chat.refused.no_command", { came, nearest }));
}

function withWords(tail: string, read: (words: readonly TypedWord[]) => ChatRequest): ChatRequest {
  const words = splitWords(tail);
  return words === undefined ? refused("chat.open_quote", keyed("chat.refused.open_quote")) : read(words);
}

function alone(kind: "help", tail: string): ChatRequest {
  return tail.trim() === ""
    ? { kind }
    : refused("chat.too_much", keyed("chat.refused.too_much", { came: tail.trim().slice(0, 80), command: kind }));
}

function queueRequest(words: readonly TypedWord[]): ChatRequest {
  if (words.length === 0) return { kind: "queue" };
  const typed = words.map(({ value }) => value);
  const read = queueActIn(typed.join(" ") === "drain --undo" ? ["undrain"] : typed);
  if ("act" in read) return { kind: "queue_act", act: read.act };
  const came = typed.join(" ").slice(0, 80);
  switch (read.problem) {
    case "unknown":
      return refused("chat.bad_queue", keyed("chat.refused.queue", { came, known: QUEUE_VERBS.join(", ") }));
    case "target":
      return refused("chat.no_target", keyed("chat.refused.queue_target"));
    case "weight":
      return refused("chat.bad_weight", keyed("chat.refused.weight", { came }));
    case "too_much":
      return refused("chat.too_much", keyed("chat.refused.too_much", { came, command: "queue" }));
  }
}

function aboutRun(kind: "status" | "cancel", tail: string): ChatRequest {
  const came = tail.trim();
  return came === "" ? { kind } : withRunId(came, (runId) => ({ kind, runId }));
}

function withRunId(came: string, make: (runId: RunId) => ChatRequest): ChatRequest {
  const parsed = RunId.safeParse(came);
  if (parsed.success) return make(parsed.data);
  return refused("chat.bad_run_id", keyed("chat.refused.run_id", { came: came.slice(0, 80) }));
}

function language(words: readonly TypedWord[]): ChatRequest {
  const [tag, ...more] = words;
  if (tag === undefined) {
    return refused("chat.bad_language", keyed("chat.refused.which_language", { known: SHIPPED_LANGUAGES.join(", ") }));
  }
  if (more.length > 0 || !Language.safeParse(tag.value).success) {
    const came = words.map(({ value }) => value).join(" ");
    return refused("chat.bad_language", keyed("chat.refused.language", { came: came.slice(0, 80) }));
  }
  return { kind: "language", tag: tag.value };
}

function deadLetters([first, ...rest]: readonly TypedWord[]): ChatRequest {
  const action = first?.value.toLowerCase() ?? "list";
  switch (action) {
    case "list":
      return rest.length === 0 ? { kind: "dead_letters", action } : badAction(rest[0]?.value ?? "");
    case "inspect":
    case "retry":
    case "discard": {
      const [id, ...more] = rest;
      const named = id !== undefined && id.value.startsWith("run_");
      const words = named ? more : rest;
      if (action === "retry") return retryRequest(named ? id.value : undefined, words);
      if (action !== "discard" && words.length > 0) {
        return refused("chat.bad_run_id", keyed("chat.refused.run_id", { came: words[0]?.value.slice(0, 80) ?? "" }));
      }
      const reason = reasonIn(words);
      const request = { kind: "dead_letters", action, ...(reason === "" ? {} : { reason }) } as const;
      return named ? withRunId(id.value, (runId) => ({ ...request, runId })) : request;
    }
    default:
      return badAction(action);
  }
}

/** One letter, perhaps with other arguments, or all of a macro or code. */
function retryRequest(id: string | undefined, words: readonly TypedWord[]): ChatRequest {
  const args: Record<string, string> = {};
  const filter: { macro?: string; code?: string } = {};
  for (let at = 0; at < words.length; at += 1) {
    const option = optionOf(words[at]);
    if (option === undefined) {
      return refused("chat.bad_run_id", keyed("chat.refused.run_id", { came: words[at]?.value.slice(0, 80) ?? "" }));
    }
    const value = option.value ?? words[(at += 1)]?.value ?? "";
    if (value === "") return refused("chat.no_value", keyed("chat.refused.no_value", { option: `--${option.name}` }));
    if (option.name === "macro" || option.name === "code") filter[option.name] = value;
    else if (option.name === "arg") {
      const problem = setArgument(args, value);
      if (problem !== undefined) return problem;
    } else {
      const known = "--arg, --macro, --code";
      return refused("chat.unknown_option", keyed("chat.refused.option", { came: `--${option.name}`, known }));
    }
  }
  const changes = Object.keys(args).length > 0;
  const many = Object.keys(filter).length > 0;
  if (many && (changes || id !== undefined)) return refused("chat.retry_which", keyed("chat.refused.retry_which"));
  const request = { kind: "dead_letters", action: "retry", ...filter, ...(changes ? { args } : {}) } as const;
  return id === undefined ? request : withRunId(id, (runId) => ({ ...request, runId }));
}

function badAction(came: string): Refused {
  return refused("chat.bad_action", keyed("chat.refused.dead_letters", { came: came.slice(0, 80) }));
}

/** `--reason "not needed"`, or just the words. */
function reasonIn(words: readonly TypedWord[]): string {
  const [option] = words;
  const given = optionOf(option);
  if (given?.name !== "reason") return words.map(({ value }) => value).join(" ");
  return [given.value ?? "", ...words.slice(1).map(({ value }) => value)].join(" ").trim();
}

/** `--name` or `--name=value`; chat programs make one long dash of two. Undefined where the word is no option. */
function optionOf(
  word: TypedWord | undefined,
): { readonly name: string; readonly value: string | undefined } | undefined {
  const [, name, value] = /^(?:--|—|–)([a-z][a-z-]*)(?:=([\s\S]*))?$/u.exec(word?.value ?? "") ?? [];
  return name === undefined ? undefined : { name, value };
}

const RUN_OPTIONS = ["macro", "arg", "workspace", "priority", "deadline"] as const;

interface RunDraft {
  goal: TypedWord[];
  macro?: string;
  args: Record<string, string>;
  workspace?: string;
  priority?: number;
  deadline?: Deadline;
}

function runRequest(words: readonly TypedWord[]): ChatRequest {
  const draft: RunDraft = { goal: [], args: {} };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const option = optionOf(word);
    if (option === undefined) {
      draft.goal.push(word);
      continue;
    }
    const value = option.value ?? words[(at += 1)]?.value;
    const problem = setOption(draft, option.name, value);
    if (problem !== undefined) return problem;
  }
  const { goal: goalWords, ...rest } = draft;
  const goal = goalOf(goalWords);
  if (goal === "") return refused("chat.no_goal", keyed("chat.refused.no_goal"));
  return { kind: "run", goal, ...rest };
}

/** One quoted goal is its content; anything else stays as it was typed, with its quotes and line ends. */
function goalOf(words: readonly TypedWord[]): string {
  const [only, ...more] = words;
  if (only !== undefined && more.length === 0) return only.value.trim();
  return words
    .map(({ gap, typed }) => `${gap}${typed}`)
    .join("")
    .trim();
}

function setOption(draft: RunDraft, name: string, value: string | undefined): Refused | undefined {
  const known = RUN_OPTIONS.find((option) => option === name);
  if (known === undefined) {
    const options = RUN_OPTIONS.map((option) => `--${option}`).join(", ");
    return refused("chat.unknown_option", keyed("chat.refused.option", { came: `--${name}`, known: options }));
  }
  if (value === undefined || value === "") {
    return refused("chat.no_value", keyed("chat.refused.no_value", { option: `--${name}` }));
  }
  if (known !== "arg" && draft[known] !== undefined) {
    return refused("chat.twice", keyed("chat.refused.twice", { option: `--${name}` }));
  }
  switch (known) {
    case "macro":
      if (!Slug.safeParse(value).success)
        return refused("chat.bad_macro", keyed("chat.refused.macro", { came: value.slice(0, 80) }));
      draft.macro = value;
      return undefined;
    case "workspace":
      draft.workspace = value;
      return undefined;
    case "priority":
      if (!/^[+-]?[0-2]$/u.test(value)) {
        return refused("chat.bad_priority", keyed("chat.refused.priority", { came: value.slice(0, 80) }));
      }
      draft.priority = Number(value);
      return undefined;
    case "deadline": {
      const deadline = deadlineIn(value);
      if (deadline === undefined) {
        return refused("chat.bad_deadline", keyed("chat.refused.deadline", { came: value.slice(0, 80) }));
      }
      draft.deadline = deadline;
      return undefined;
    }
    case "arg":
      return setArgument(draft.args, value);
  }
}

function setArgument(args: Record<string, string>, pair: string): Refused | undefined {
  const [, name = "", value = ""] = /^([^=]+)=([\s\S]*)$/u.exec(pair) ?? [];
  if (!Slug.safeParse(name).success)
    return refused("chat.bad_argument", keyed("chat.refused.argument", { came: pair.slice(0, 80) }));
  if (Object.hasOwn(args, name)) return refused("chat.twice", keyed("chat.refused.twice", { option: `--arg ${name}` }));
  args[name] = value;
  return undefined;
}

function refused(code: string, message: Text): Refused {
  return { kind: "refused", code, message };
}
