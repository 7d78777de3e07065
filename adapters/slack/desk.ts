import type { ModalView } from "@slack/types";
import { z } from "zod";
import type { CommandReply } from "../../src/contracts/command.ts";
import type { Actor } from "../../src/contracts/id.ts";
import { messageOf } from "../../src/errors.ts";
import { translatorFor, type Translator } from "../../src/i18n.ts";
import type { Log } from "../../src/log.ts";
import { plainTranslator } from "../../src/plain-text.ts";
import type { Catalog, Clock, Door, Query, RefusalOf } from "../../src/ports.ts";
import { SlackRefusal, type SlackApi } from "./api.ts";
import type { Channels } from "./channels.ts";
import type { Journal } from "./journal.ts";
import type { Pace } from "./pace.ts";
import type { People } from "./people.ts";
import type { Poster } from "./poster.ts";
import { replyMessages } from "./reply.ts";
import { SURFACE_NAME } from "./surface-name.ts";
import type { Spot, Who } from "./translate.ts";

/** What everything that people do in Slack is answered with. */
export interface Desk {
  readonly door: Door;
  readonly query: Query;
  /** What the door would say, for what is shown; the door decides again. */
  readonly refusalOf: RefusalOf;
  readonly catalog: Pick<Catalog, "macros">;
  readonly api: SlackApi;
  readonly pace: Pace;
  readonly poster: Poster;
  readonly journal: Journal;
  readonly people: People;
  readonly clock: Clock;
  readonly log: Log;
  /** The language that the bot is set to; undefined: each person's own. */
  readonly language: string | undefined;
  readonly workspaceOf: (channel: string) => string | undefined;
  readonly botUser: () => string;
  readonly channels: Channels;
}

/** Somebody who may be answered, with the words of their language; `refusal` says why they may do nothing. */
export interface Visitor {
  readonly actor: Actor;
  readonly words: Translator;
  readonly refusal: string | undefined;
  /** The language that they chose, where they may. */
  readonly chosen: string | undefined;
}

/** Looks at who it is, at the time of the click; roles are for the door to judge. */
export async function visitorOf(desk: Desk, { user }: Who): Promise<Visitor> {
  const [person] = await Promise.all([desk.people.person(user), desk.people.refreshGroups()]);
  const chosen = desk.language === undefined ? desk.journal.languageOf(user) : undefined;
  const words = plainTranslator(translatorFor(desk.language ?? chosen ?? person?.language ?? "en"));
  const actor: Actor = { surface: SURFACE_NAME, user, ...(person === undefined ? {} : { displayName: person.name }) };
  if (person === undefined) return { actor, words, chosen, refusal: words.t("slack.refused.unknown") };
  const { refusedAs } = person;
  return { actor, words, chosen, refusal: refusedAs === undefined ? undefined : words.t(`slack.refused.${refusedAs}`) };
}

/** How long a click may wait for the disk; Slack itself waits three seconds. */
const SAVED_WITHIN_MS = 1500;

/** `late`: nothing may be said to be accepted. What comes of it later is in `reply` all the same. */
export async function savedInTime<T>(clock: Clock, reply: Promise<T>): Promise<{ readonly reply: T } | "late"> {
  let callOff: () => void = () => undefined;
  const late = new Promise<"late">((resolve) => {
    callOff = clock.after(SAVED_WITHIN_MS, () => resolve("late"));
  });
  try {
    return await Promise.race([reply.then((value) => ({ reply: value })), late]);
  } finally {
    callOff();
  }
}

/** Words of the door where the card does not say it by itself. */
export function wordsOf(reply: CommandReply): string | undefined {
  return reply.kind === "accepted" ? undefined : reply.message;
}

/** Says something to one person alone. That it did not arrive is no reason to do the rest again. */
export async function tell(
  desk: Desk,
  { channel, thread, responseUrl }: Spot,
  user: string,
  text: string,
): Promise<void> {
  try {
    for (const message of replyMessages(text)) {
      if (responseUrl !== undefined) {
        await respond(responseUrl, {
          response_type: "ephemeral",
          replace_original: false,
          ...threadOf(thread),
          ...message,
        });
        continue;
      }
      await desk.pace.turn("ephemeral", "");
      const args = { channel, user, ...threadOf(thread), ...message };
      await desk.api.call("chat.postEphemeral", args, { rate: "ephemeral", answer: z.unknown() });
    }
  } catch (error) {
    desk.log.warn({ err: messageOf(error), channel }, "an answer to one person did not reach Slack");
  }
}

function threadOf(thread: string | undefined): { thread_ts?: string } {
  return thread === undefined ? {} : { thread_ts: thread };
}

/** To the address that came with a click or command: five times within 30 minutes. */
export async function respond(url: string, message: Record<string, unknown>): Promise<void> {
  const headers = { "content-type": "application/json" };
  const sent = await fetch(url, {
    method: "POST",
    headers,
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(5000),
  });
  if (!sent.ok) throw new Error(`the response address answered with status ${sent.status}`);
}

/** False where Slack does not open a form any more: it takes a trigger for three seconds, and once. */
export async function openForm(desk: Desk, trigger: string, view: ModalView): Promise<boolean> {
  try {
    await desk.pace.turn("views", "");
    await desk.api.call("views.open", { trigger_id: trigger, view }, { rate: "views", answer: z.unknown() });
    return true;
  } catch (error) {
    const expected = error instanceof SlackRefusal && /trigger/.test(error.problem);
    desk.log[expected ? "info" : "warn"]({ err: messageOf(error) }, "a form was not opened");
    return false;
  }
}
