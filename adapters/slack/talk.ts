import type { KnownBlock } from "@slack/types";
import { isClosedError } from "../../src/closed-channels.ts";
import { parseChat, type ChatRequest } from "../../src/commands/chat.ts";
import { converse, type ChatReply } from "../../src/commands/converse.ts";
import { BusyError, messageOf } from "../../src/errors.ts";
import { pause } from "../../src/pause.ts";
import { button, buttons } from "./blocks.ts";
import { wantsRunForm } from "./clicks.ts";
import { contextOf } from "./context.ts";
import { openForm, savedInTime, tell, visitorOf, type Desk, type Visitor } from "./desk.ts";
import { runView } from "./modals/run.ts";
import { textView } from "./modals/notes.ts";
import { LIMITS } from "./limits.ts";
import { isFinal } from "./poster.ts";
import { chooseLanguage } from "./own-language.ts";
import { replyMessages } from "./reply.ts";
import { textFromSlack } from "./slack-text.ts";
import type { Shortcut, Spoken, Spot, Typed } from "./translate.ts";

type Ack = (response?: unknown) => Promise<void>;

/**
 * What somebody says where Coxswain can hear it: in the thread of a run, to Coxswain in person, or with a mention.
 * Everything else in a channel is between people. Resolves when all that was asked for is saved and answered.
 */
export async function handleSpoken(desk: Desk, spoken: Spoken): Promise<void> {
  const { channel, thread, ts, who } = spoken;
  const bot = desk.botUser();
  if (who.user === bot) return;
  const known = thread === undefined ? undefined : desk.journal.runIn(channel, thread);
  const isToUs = spoken.isDirect || spoken.text.includes(`<@${bot}`);
  if (!isToUs && known === undefined) return;
  const text = textFromSlack(spoken.text, bot);
  const request = parseChat(text, { inThread: known !== undefined });
  const runId = known?.runId;
  if (request.kind === "unknown" && !isToUs) {
    // People talk with each other there, too; but who may have meant to answer must not believe that they did.
    const open = runId === undefined ? null : ((await desk.query.run(runId))?.decision ?? null);
    if (open === null || open.resolved !== null) return;
  }
  const visitor = await visitorOf(desk, who);
  const spot: Spot = { channel, thread: thread ?? ts, responseUrl: undefined };
  if (visitor.refusal !== undefined) return tell(desk, spot, who.user, visitor.refusal);
  // A second run in the thread of another one would mix their cards, so it opens a thread of its own.
  const home = { channel, ...(known === undefined ? { thread: thread ?? ts } : {}) };
  const about = { commandId: `slack:said:${channel}:${ts}`, said: text, ...(runId === undefined ? {} : { runId }) };
  const reply = await converse(request, contextOf(desk, visitor, home, about));
  if (request.kind === "unknown" && !isToUs) return tell(desk, spot, who.user, reply.text);
  await publicReply(desk, spot, `slack/reply/${channel}/${ts}`, reply);
}

/** In the thread, for everybody who follows the run. A run that was started shows itself by its cards. */
async function publicReply(desk: Desk, { channel, thread }: Spot, key: string, reply: ChatReply): Promise<void> {
  if (reply.kind === "started") return;
  for (const [at, message] of replyMessages(reply.text).entries()) {
    const blocks = [...message.blocks, ...(at === 0 ? offerOf(reply) : [])];
    try {
      await inTurn(desk, () => desk.poster.post({ key: `${key}/${at}`, channel, thread, text: message.text, blocks }));
    } catch (error) {
      // Delivered again it would be refused again; what was asked for is saved.
      if (!isFinal(error) && !isUnreachable(error)) throw error;
      desk.log.warn({ channel, err: messageOf(error) }, "Slack does not take a reply");
    }
  }
}

/** The button under an offer. A goal that no button can carry is left to be written with `/cox run`. */
function offerOf(reply: ChatReply): KnownBlock[] {
  if (reply.kind !== "offer" || reply.goal.length > LIMITS.buttonValue) return [];
  return buttons("offer", [button("offer", reply.label, reply.goal, "primary")]);
}

/** Who asked is gone by then; and a bot that is told to stop would wait for it. */
const LONGEST_WAIT_MS = 60_000;

function isUnreachable(error: unknown): boolean {
  return isClosedError(error) || (error instanceof BusyError && error.retryAfterMs > LONGEST_WAIT_MS);
}

/** Replies wait for their turn; somebody waits for them, and nothing asks for them again. */
async function inTurn(desk: Desk, post: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await post();
      return;
    } catch (error) {
      if (!(error instanceof BusyError) || isUnreachable(error)) throw error;
      await pause(desk.clock, error.retryAfterMs);
    }
  }
}

const STARTING: ReadonlySet<ReturnType<typeof parseChat>["kind"]> = new Set(["run", "find_text", "goal"]);

/** `/cox …`: answered to the one who typed it; Slack gives no thread with it. */
export async function handleTyped(desk: Desk, typed: Typed, ack: Ack): Promise<void> {
  const { who, spot, trigger } = typed;
  const { channel } = spot;
  const visitor = await visitorOf(desk, who);
  if (visitor.refusal !== undefined) return ack(ephemeral({ kind: "text", text: visitor.refusal }));
  if (wantsRunForm(typed.text)) {
    if (!(await desk.channels.isMember(channel))) {
      return ack(ephemeral({ kind: "text", text: visitor.words.t("slack.cannot_post") }));
    }
    await ack();
    const view = runView(desk.catalog.macros, { place: { channel }, goal: "", macro: undefined }, visitor.words);
    const opened = await openForm(desk, trigger, view);
    return opened ? undefined : tell(desk, spot, who.user, visitor.words.t("slack.form_expired"));
  }
  const text = textFromSlack(typed.text, desk.botUser());
  const request = parseChat(`/cox ${text}`, { inThread: false });
  // Without the bot in it, the channel would see nothing of a run that goes on all the same.
  if (STARTING.has(request.kind) && !(await desk.channels.isMember(channel))) {
    return ack(ephemeral({ kind: "text", text: visitor.words.t("slack.cannot_post") }));
  }
  const said = typedReply(desk, typed, visitor, request, text);
  const saved = await savedInTime(desk.clock, said);
  if (saved !== "late") return ack(ephemeral(saved.reply));
  await ack(ephemeral({ kind: "text", text: visitor.words.t("slack.not_saved") }));
  await tell(desk, spot, who.user, (await said).text);
}

async function typedReply(
  desk: Desk,
  { who, spot: { channel }, trigger }: Typed,
  visitor: Visitor,
  request: ChatRequest,
  text: string,
): Promise<ChatReply> {
  // No thread comes with it, so no run can be meant: it is the person's own language.
  const chosen = request.kind === "language" ? await chooseLanguage(desk, who.user, request.tag) : undefined;
  if (chosen !== undefined) return { kind: "text", text: chosen };
  const about = { commandId: `slack:typed:${trigger}`, said: `/cox ${text}` };
  return converse(request, contextOf(desk, visitor, { channel }, about));
}

export const SHORTCUTS = { run: "cx.run_message", status: "cx.run_status" } as const;

/** "Run with Coxswain" makes a goal of a message; "Run status" says where the run of its thread is. */
export async function handleShortcut(desk: Desk, shortcut: Shortcut, ack: Ack): Promise<void> {
  const { who, spot, trigger, name } = shortcut;
  await ack();
  const visitor = await visitorOf(desk, who);
  const { words } = visitor;
  if (visitor.refusal !== undefined) return tell(desk, spot, who.user, visitor.refusal);
  const { channel, thread } = spot;
  const place = { channel, ...(thread === undefined ? {} : { thread }) };
  const known = thread === undefined ? undefined : desk.journal.runIn(channel, thread);
  if (name === SHORTCUTS.run) {
    const goal = textFromSlack(shortcut.text, desk.botUser());
    const where = known === undefined ? place : { channel };
    const opened = await openForm(
      desk,
      trigger,
      runView(desk.catalog.macros, { place: where, goal, macro: undefined }, words),
    );
    return opened ? undefined : tell(desk, spot, who.user, words.t("slack.form_expired"));
  }
  if (known === undefined) return tell(desk, spot, who.user, words.t("slack.no_run_here"));
  const { text } = await converse(
    { kind: "status", runId: known.runId },
    contextOf(desk, visitor, { channel }, { commandId: `slack:shortcut:${trigger}`, said: "/cox status" }),
  );
  if (await openForm(desk, trigger, textView(words.t("slack.form.note"), text, words))) return;
  await tell(desk, spot, who.user, text);
}

function ephemeral(reply: ChatReply): unknown {
  const [shown] = replyMessages(reply.text);
  return { response_type: "ephemeral", ...shown, blocks: [...(shown?.blocks ?? []), ...offerOf(reply)] };
}
