import { z } from "zod";
import { decodeToken, type ButtonAction } from "../../src/commands/token.ts";
import { FormValues } from "./modals/inputs.ts";
import { memoryOf, type FormMemory } from "./modals/metadata.ts";

/** The control of the Home tab for one's own language. */
export const LANGUAGE_CONTROL = "cx.language";

/** Where something was done, and how to answer there. */
export interface Spot {
  readonly channel: string;
  readonly thread: string | undefined;
  readonly responseUrl: string | undefined;
}

/** Who did it, by ids that Slack vouches for. */
export interface Who {
  readonly user: string;
  readonly team: string | undefined;
}

export interface Clicked {
  readonly who: Who;
  readonly spot: Spot;
  /** The message that was clicked on. */
  readonly message: string | undefined;
  readonly trigger: string;
  /** The same for a click that is delivered again. */
  readonly id: string;
  readonly meaning:
    | { readonly kind: "button"; readonly button: ButtonAction }
    | { readonly kind: "form" | "ask" | "retry_with"; readonly button: ButtonAction }
    | { readonly kind: "language"; readonly tag: string }
    | { readonly kind: "offer"; readonly goal: string }
    /** Another kind of work was picked in the form that starts runs. */
    | {
        readonly kind: "macro";
        readonly view: { readonly id: string; readonly hash: string };
        readonly memory: FormMemory;
        readonly values: FormValues;
        readonly macro: string;
      }
    | { readonly kind: "unknown" };
}

export interface Sent {
  readonly who: Who;
  readonly view: { readonly id: string; readonly hash: string };
  /** Undefined where the form is of another version. */
  readonly memory: FormMemory | undefined;
  readonly values: FormValues;
  /** Input blocks of the form, to which a problem can be pinned. */
  readonly inputs: readonly string[];
}

const Id = z.string().min(1).max(200);
const User = z.object({ id: Id, team_id: Id.nullish() });
const View = z.object({
  id: Id,
  hash: z.string(),
  callback_id: z.string().default(""),
  private_metadata: z.string().default(""),
  state: z.object({ values: FormValues }).optional(),
  blocks: z.array(z.object({ type: z.string(), block_id: z.string().optional() })).default([]),
});
const Actions = z.object({
  user: User,
  team: z.object({ id: Id }).nullish(),
  trigger_id: z.string().default(""),
  response_url: z.string().optional(),
  container: z
    .object({
      message_ts: Id.optional(),
      channel_id: Id.optional(),
      thread_ts: Id.optional(),
      view_id: Id.optional(),
      is_ephemeral: z.boolean().optional(),
    })
    .default({}),
  channel: z.object({ id: Id }).nullish(),
  message: z.object({ ts: Id, thread_ts: Id.optional() }).optional(),
  view: View.optional(),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        block_id: z.string().optional(),
        action_ts: z.string().default(""),
        value: z.string().optional(),
        selected_option: z.object({ value: z.string() }).nullish(),
      }),
    )
    .min(1),
});
const Submission = z.object({ user: User, team: z.object({ id: Id }).nullish(), view: View });

export function clickedIn(body: unknown): Clicked | undefined {
  const parsed = Actions.safeParse(body);
  if (!parsed.success) return undefined;
  const { user, team, container, channel, message, view, actions, trigger_id, response_url } = parsed.data;
  const [action] = actions;
  if (action === undefined) return undefined;
  const stood = container.message_ts ?? message?.ts;
  const stands = stood ?? container.view_id ?? view?.id ?? "";
  const spot: Spot = {
    channel: channel?.id ?? container.channel_id ?? "",
    // What only one person sees opens no thread.
    thread: container.thread_ts ?? message?.thread_ts ?? (container.is_ephemeral === true ? undefined : stood),
    responseUrl: response_url,
  };
  return {
    who: { user: user.id, team: user.team_id ?? team?.id },
    spot,
    message: stood,
    trigger: trigger_id,
    id: `slack:click:${stands}:${action.action_id}:${user.id}:${action.action_ts}`.slice(0, 300),
    meaning: meaningOf(action, view),
  };
}

function meaningOf(
  action: z.infer<typeof Actions>["actions"][number],
  view: z.infer<typeof View> | undefined,
): Clicked["meaning"] {
  const unknown = { kind: "unknown" } as const;
  const { action_id, block_id, value = "", selected_option } = action;
  if (view !== undefined && block_id === "macro") {
    const memory = memoryOf(view.private_metadata);
    if (memory === undefined) return unknown;
    const { id, hash, state } = view;
    return {
      kind: "macro",
      view: { id, hash },
      memory,
      values: state?.values ?? {},
      macro: selected_option?.value ?? "",
    };
  }
  if (action_id === LANGUAGE_CONTROL) return { kind: "language", tag: selected_option?.value ?? "" };
  if (action_id === "cx.offer") return value === "" ? unknown : { kind: "offer", goal: value };
  const decoded = decodeToken(value);
  if (decoded.kind === "unknown") return unknown;
  if (action_id === "cx.answer") return { kind: "form", button: decoded.button };
  if (action_id === "cx.retry_with") return { kind: "retry_with", button: decoded.button };
  if (action_id === "cx.ask") return { kind: "ask", button: decoded.button };
  return action_id.startsWith("cx.do.") ? { kind: "button", button: decoded.button } : unknown;
}

export function sentIn(body: unknown): Sent | undefined {
  const parsed = Submission.safeParse(body);
  if (!parsed.success) return undefined;
  const { user, team, view } = parsed.data;
  return {
    who: { user: user.id, team: user.team_id ?? team?.id },
    view: { id: view.id, hash: view.hash },
    memory: memoryOf(view.private_metadata),
    values: view.state?.values ?? {},
    inputs: view.blocks.flatMap(({ type, block_id }) => (type === "input" && block_id !== undefined ? [block_id] : [])),
  };
}

/** A message in a channel, a thread or a direct conversation. */
export interface Spoken {
  readonly who: Who;
  readonly channel: string;
  readonly thread: string | undefined;
  readonly ts: string;
  readonly isDirect: boolean;
  readonly text: string;
}

const MessageEvent = z.object({
  event: z.object({
    type: z.enum(["message", "app_mention"]),
    subtype: z.enum(["thread_broadcast", "file_share", "me_message"]).optional(),
    user: Id,
    bot_id: z.undefined().optional(),
    user_team: Id.nullish(),
    team: Id.nullish(),
    channel: Id,
    channel_type: z.string().optional(),
    thread_ts: Id.optional(),
    ts: Id,
    text: z.string().max(100_000).default(""),
  }),
});

/** Undefined for what is no sentence of a person: edits, deletions, joins, and what bots say. */
export function spokenIn(body: unknown): Spoken | undefined {
  const parsed = MessageEvent.safeParse(body);
  if (!parsed.success) return undefined;
  const { user, user_team, team, channel, channel_type, thread_ts, ts, text } = parsed.data.event;
  const isDirect = channel_type === "im" || channel.startsWith("D");
  return { who: { user, team: user_team ?? team ?? undefined }, channel, thread: thread_ts, ts, isDirect, text };
}

export interface Typed {
  readonly who: Who;
  readonly spot: Spot;
  readonly text: string;
  readonly trigger: string;
}

const SlashCommand = z.object({
  team_id: Id.optional(),
  channel_id: Id,
  user_id: Id,
  text: z.string().max(20_000).default(""),
  trigger_id: Id,
  response_url: z.string().optional(),
});

export function typedIn(body: unknown): Typed | undefined {
  const parsed = SlashCommand.safeParse(body);
  if (!parsed.success) return undefined;
  const { team_id, channel_id, user_id, text, trigger_id, response_url } = parsed.data;
  return {
    who: { user: user_id, team: team_id },
    spot: { channel: channel_id, thread: undefined, responseUrl: response_url },
    text: text.trim(),
    trigger: trigger_id,
  };
}

export interface Shortcut {
  readonly who: Who;
  readonly spot: Spot;
  readonly name: string;
  readonly trigger: string;
  readonly text: string;
}

const MessageShortcut = z.object({
  user: User,
  team: z.object({ id: Id }).nullish(),
  callback_id: z.string(),
  trigger_id: Id,
  response_url: z.string().optional(),
  channel: z.object({ id: Id }),
  message: z.object({ ts: Id, thread_ts: Id.optional(), text: z.string().max(100_000).default("") }),
});

export function shortcutIn(body: unknown): Shortcut | undefined {
  const parsed = MessageShortcut.safeParse(body);
  if (!parsed.success) return undefined;
  const { user, team, callback_id, trigger_id, response_url, channel, message } = parsed.data;
  return {
    who: { user: user.id, team: user.team_id ?? team?.id },
    spot: { channel: channel.id, thread: message.thread_ts ?? message.ts, responseUrl: response_url },
    name: callback_id,
    trigger: trigger_id,
    text: message.text,
  };
}

/** By what a delivery is known when it comes again; undefined: it cannot be told, and the core tells by the command. */
export function deliveryKey(body: unknown): string | undefined {
  const known = Delivery.safeParse(body);
  if (!known.success) return undefined;
  const { event, event_id, trigger_id, type, view, user, actions } = known.data;
  if (event !== undefined) {
    // A mention comes as `app_mention` and as `message`, with an id each, and is one sentence.
    const isSentence = (event.type === "message" || event.type === "app_mention") && event.subtype === undefined;
    return isSentence && event.ts !== undefined ? `said:${event.channel ?? ""}:${event.ts}` : `event:${event_id ?? ""}`;
  }
  const action = actions?.[0];
  return trigger_id === undefined && view === undefined
    ? undefined
    : `did:${type ?? "command"}:${trigger_id ?? view?.id ?? ""}:${user?.id ?? ""}:${action?.action_id ?? ""}:${action?.action_ts ?? ""}`;
}

const Delivery = z.object({
  type: z.string().optional(),
  event_id: z.string().optional(),
  event: z
    .object({
      type: z.string(),
      subtype: z.string().optional(),
      channel: z.unknown().optional(),
      ts: z.string().optional(),
    })
    .transform(({ channel, ...rest }) => ({ ...rest, channel: typeof channel === "string" ? channel : undefined }))
    .optional(),
  trigger_id: z.string().optional(),
  view: z.object({ id: z.string() }).optional(),
  user: z.object({ id: z.string() }).optional(),
  actions: z.array(z.object({ action_id: z.string(), action_ts: z.string().optional() })).optional(),
});
