import { converse } from "../../src/commands/converse.ts";
import { Command, type CommandReply } from "../../src/contracts/command.ts";
import { translatorFor } from "../../src/i18n.ts";
import { plainTranslator } from "../../src/plain-text.ts";
import { contextOf } from "./context.ts";
import { savedInTime, tell, visitorOf, wordsOf, type Desk, type Visitor } from "./desk.ts";
import { argumentsIn } from "./modals/inputs.ts";
import { decisionView, readDecision } from "./modals/decision.ts";
import type { FormMemory } from "./modals/metadata.ts";
import { readReason, textView } from "./modals/notes.ts";
import { readRun } from "./modals/run.ts";
import type { Sent } from "./translate.ts";

type Ack = (response?: unknown) => Promise<void>;

/**
 * A form that was sent. The acknowledgement carries the new state: the form closes when what it asked for is saved, and
 * stays open with a word where it is not, so that pressing once more is all that is to be done.
 */
export async function handleForm(desk: Desk, sent: Sent, ack: Ack): Promise<void> {
  const { who, memory } = sent;
  const visitor = await visitorOf(desk, who);
  if (visitor.refusal !== undefined) return ack(noteFor(visitor, visitor.refusal));
  if (memory === undefined) return ack(noteFor(visitor, visitor.words.t("slack.stale_form")));
  switch (memory.form) {
    case "decision":
      return answer(desk, sent, memory, visitor, ack);
    case "run":
      return start(desk, sent, memory, visitor, ack);
    case "retry":
      return retry(desk, sent, memory, visitor, ack);
    case "discard": {
      const reason = readReason(sent.values);
      const { runId, place } = memory;
      const command = Command.safeParse({ ...baseOf(sent, visitor), kind: "dead_letter.discard", runId, reason });
      if (!command.success)
        return ack(problemFor(sent, visitor, visitor.words.t("chat.refused.no_reason", { run: runId })));
      return save(desk, sent, visitor, ack, place, desk.door.handle(command.data));
    }
  }
}

async function answer(
  desk: Desk,
  sent: Sent,
  memory: Extract<FormMemory, { form: "decision" }>,
  visitor: Visitor,
  ack: Ack,
): Promise<void> {
  const { runId, decisionId, place } = memory;
  const card = (await desk.query.run(runId))?.decision ?? null;
  if (card === null || card.decisionId !== decisionId) {
    return ack(noteFor(visitor, visitor.words.t("slack.stale_form")));
  }
  const words = plainTranslator(translatorFor(card.language));
  const read = readDecision(card, memory, sent.values, words);
  if (read.kind === "next") {
    const { answers, page } = read;
    return ack({ response_action: "update", view: decisionView(card, { place, answers, page }, words) });
  }
  const { answers, args } = read;
  const command = { ...baseOf(sent, visitor), kind: "decision.answer", runId, decisionId, answers, args } as const;
  return save(desk, sent, visitor, ack, place, desk.door.handle(command));
}

/** The values that the run failed with, as they were changed; those that were not are left out. */
async function retry(
  desk: Desk,
  sent: Sent,
  { runId, place }: Extract<FormMemory, { form: "retry" }>,
  visitor: Visitor,
  ack: Ack,
): Promise<void> {
  const card = (await desk.query.run(runId))?.deadLetter ?? null;
  if (card === null) return ack(noteFor(visitor, visitor.words.t("slack.stale_form")));
  const args = argumentsIn(sent.values, card.args);
  const command = { ...baseOf(sent, visitor), kind: "dead_letter.retry", runId, args } as const;
  return save(desk, sent, visitor, ack, place, desk.door.handle(command));
}

async function start(
  desk: Desk,
  sent: Sent,
  { place }: Extract<FormMemory, { form: "run" }>,
  visitor: Visitor,
  ack: Ack,
): Promise<void> {
  const { goal, macro, args } = readRun(desk.catalog.macros, sent.values, visitor.words);
  if (goal === "") return ack(problemFor(sent, visitor, visitor.words.t("chat.refused.no_goal")));
  const typed = Object.fromEntries(
    Object.entries(args).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : String(value)]),
  );
  const request = { kind: "run", goal, args: typed, ...(macro === undefined ? {} : { macro }) } as const;
  const about = { commandId: baseOf(sent, visitor).id, said: `/cox run ${goal}` };
  const said = converse(request, contextOf(desk, visitor, place, about));
  const saved = await savedInTime(desk.clock, said);
  if (saved === "late") await ack(problemFor(sent, visitor, visitor.words.t("slack.not_saved")));
  else if (saved.reply.kind === "started") await ack();
  else await ack(problemFor(sent, visitor, saved.reply.text));
}

/** Refusals of what was entered. */
const MENDABLE = /^(?:answer|redrive|macro)\./;

async function save(
  desk: Desk,
  sent: Sent,
  visitor: Visitor,
  ack: Ack,
  place: FormMemory["place"],
  handled: Promise<CommandReply>,
): Promise<void> {
  const saved = await savedInTime(desk.clock, handled);
  if (saved === "late") {
    await ack(problemFor(sent, visitor, visitor.words.t("slack.not_saved")));
    return;
  }
  const words = wordsOf(saved.reply);
  if (words === undefined) return ack();
  // What can be mended in the form stays in the form; everything else is said in its place, and to the person.
  const isMendable = saved.reply.kind === "refused" && MENDABLE.test(saved.reply.code);
  await ack(isMendable ? problemFor(sent, visitor, words) : noteFor(visitor, words));
  if (saved.reply.kind === "already") {
    await tell(desk, { channel: place.channel, thread: place.thread, responseUrl: undefined }, sent.who.user, words);
  }
}

/** The same form sent twice is one command. */
function baseOf({ view }: Sent, { actor }: Visitor): { id: string; by: Visitor["actor"] } {
  return { id: `slack:form:${view.id}:${view.hash}:${actor.user}`.slice(0, 300), by: actor };
}

function problemFor(sent: Sent, visitor: Visitor, text: string): unknown {
  const block = sent.inputs.at(-1);
  if (block === undefined) return noteFor(visitor, text);
  return { response_action: "errors", errors: { [block]: text.slice(0, 2900) } };
}

function noteFor({ words }: Visitor, text: string): unknown {
  return { response_action: "update", view: textView(words.t("slack.form.note"), text, words) };
}
