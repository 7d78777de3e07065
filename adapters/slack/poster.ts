import type { KnownBlock } from "@slack/types";
import { z } from "zod";
import { BusyError, CoxswainError } from "../../src/errors.ts";
import type { Clock } from "../../src/ports.ts";
import { SlackRefusal, SlackSilence, type SlackApi } from "./api.ts";
import type { Channels } from "./channels.ts";
import type { Journal } from "./journal.ts";
import type { Pace, Urgency } from "./pace.ts";

export interface Post {
  /** The same key is the same message, however often it is asked for. */
  readonly key: string;
  readonly channel: string;
  readonly thread: string | undefined;
  /** Of the card; the same key and version say the same. */
  readonly version?: number | undefined;
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

export interface Standing {
  readonly thread: string;
  readonly message: string;
  /** It had been posted before, and may show an older version. */
  readonly isOld: boolean;
}

interface Attachment {
  readonly key: string;
  readonly channel: string;
  readonly thread: string;
  readonly name: string;
  readonly title: string;
  readonly content: Buffer;
}

export interface Poster {
  /** Posts once; after a lost answer it looks for the message before it posts again. */
  post(post: Post): Promise<Standing>;
  /** Replaces a message. Safe to repeat. */
  update(post: Post & { readonly message: string }, urgency: Urgency): Promise<void>;
  /** Shares a text as a file in a thread, once; resolves where Slack will not take it, after a word in the log. */
  attach(file: Attachment): Promise<void>;
}

const EVENT_TYPE = "coxswain_message";
const Posted = z.object({ ts: z.string() });
const Messages = z.object({
  messages: z
    .array(
      z.object({
        ts: z.string(),
        thread_ts: z.string().optional(),
        metadata: z.object({ event_payload: z.object({ key: z.string().optional() }) }).optional(),
        files: z.array(z.object({ name: z.string().nullish() })).optional(),
      }),
    )
    .default([]),
});
const Anything = z.unknown();

/** With what every message is sent: nothing in its text becomes a link, a ping or a preview. */
export const INERT = {
  unfurl_links: false,
  unfurl_media: false,
  link_names: false,
  parse: "none",
  mrkdwn: false,
} as const;

export function createPoster(means: {
  readonly api: SlackApi;
  readonly pace: Pace;
  readonly journal: Journal;
  readonly channels: Channels;
  readonly clock: Clock;
}): Poster {
  const { api, pace, journal, channels, clock } = means;
  const underWay = new Map<string, Promise<Standing>>();

  const found = async (post: Post, since: number) => {
    const { channel, thread, key } = post;
    // Slack's clock and ours may differ.
    const oldest = `${Math.max(0, Math.floor(since / 1000) - 120)}.000000`;
    pace.take("read", "", "important", key);
    const [method, where] =
      thread === undefined ? ["conversations.history", {}] : ["conversations.replies", { ts: thread }];
    const args = { channel, ...where, oldest, limit: 200, include_all_metadata: true };
    const { messages } = await api.call(method, args, { rate: "read", answer: Messages });
    return messages.find(({ metadata, ts }) => metadata?.event_payload.key === key && ts !== thread);
  };
  const attempt = async (post: Post): Promise<Standing> => {
    const { key, channel, thread, version } = post;
    const known = journal.post(key);
    if (known?.state === "posted") {
      const isOld = known.version === undefined || known.version !== version;
      return { thread: known.thread, message: known.message, isOld };
    }
    if (known?.state === "started") {
      const there = await found(post, known.at);
      if (there !== undefined) {
        await journal.posted(key, thread ?? there.ts, there.ts);
        return { thread: thread ?? there.ts, message: there.ts, isOld: true };
      }
    }
    pace.take("post", channel, "important", key);
    if (known === undefined) await journal.start(key, clock.now());
    const { ts } = await sent(post);
    await journal.posted(key, thread ?? ts, ts, version);
    return { thread: thread ?? ts, message: ts, isOld: false };
  };
  const sent = async ({ key, channel, thread, text, blocks }: Post): Promise<{ ts: string }> => {
    const args = {
      ...INERT,
      channel,
      text,
      blocks,
      metadata: markOf(key),
      ...(thread === undefined ? {} : { thread_ts: thread }),
    };
    try {
      return await api.call("chat.postMessage", args, { rate: "post", lane: channel, answer: Posted });
    } catch (error) {
      // An answer, and a no: then it stands nowhere, and there is nothing to look for.
      if (error instanceof BusyError || (error instanceof SlackRefusal && !error.retryable)) journal.failed(key);
      throw error;
    }
  };

  const edit = async (
    { key, channel, message, text, blocks }: Post & { readonly message: string },
    urgency: Urgency,
  ): Promise<void> => {
    pace.take("update", "", urgency, key);
    // Both: with the text alone Slack would take the blocks away.
    // With its key: an edit without it could take the mark away by which the message is found again.
    const args = { ...INERT, channel, ts: message, text, blocks, metadata: markOf(key) };
    await api.call("chat.update", args, { rate: "update", answer: Anything });
  };
  const share = async ({ key, channel, thread, name, title, content }: Attachment): Promise<void> => {
    const known = journal.post(key);
    if (known?.state === "posted") return;
    if (known?.state === "started") {
      pace.take("read", "", "important", key);
      const args = { channel, ts: thread, limit: 200 };
      const { messages } = await api.call("conversations.replies", args, { rate: "read", answer: Messages });
      const there = messages.find(({ files }) => files?.some((file) => file.name === name) === true);
      if (there !== undefined) return journal.posted(key, thread, there.ts);
    }
    pace.take("files", "", "important", key);
    if (known === undefined) await journal.start(key, clock.now());
    const address = z.object({ upload_url: z.string(), file_id: z.string() });
    const wanted = { filename: name, length: content.length };
    const { upload_url, file_id } = await api.call("files.getUploadURLExternal", wanted, {
      rate: "files",
      answer: address,
    });
    await api.upload(upload_url, content);
    const files = [{ id: file_id, title }];
    const share = { files, channel_id: channel, thread_ts: thread };
    await api.call("files.completeUploadExternal", share, { rate: "files", answer: Anything });
    await journal.posted(key, thread, file_id);
  };

  return {
    post: (post) => {
      // Two deliveries at once, as of a card and of its repetition, are one post.
      const running = underWay.get(post.key);
      if (running !== undefined) return running;
      const made = channels.into(post.channel, () => attempt(post)).finally(() => underWay.delete(post.key));
      underWay.set(post.key, made);
      return made;
    },
    update: (update, urgency) => channels.into(update.channel, () => edit(update, urgency)),
    attach: (file) => channels.into(file.channel, () => share(file)),
  };
}

/** Ids only: everybody in the workspace can read it. */
function markOf(key: string): { event_type: string; event_payload: { key: string } } {
  return { event_type: EVENT_TYPE, event_payload: { key } };
}

/** A refusal that no repetition will change: Slack has no such channel, no such right, or does not take the content. */
export function isFinal(error: unknown): boolean {
  return error instanceof CoxswainError && !error.retryable && !(error instanceof SlackSilence);
}
