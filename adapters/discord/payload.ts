import { ApplicationCommandOptionType, ApplicationCommandType, ComponentType, InteractionType } from "discord.js";
import { z } from "zod";
import { isThread } from "./api.ts";
import { missingToShowARun } from "./permissions.ts";

const SUBCOMMAND: number = ApplicationCommandOptionType.Subcommand;
const CHAT_INPUT: number = ApplicationCommandType.ChatInput;

/** What arrives from Discord, as far as it is used; everything else is left unread. */
const Id = z.string().regex(/^\d{15,22}$/u);
const User = z.object({
  id: Id,
  username: z.string().max(200),
  global_name: z.string().max(200).nullish(),
  bot: z.boolean().optional(),
});
const Member = z.object({ user: User, roles: z.array(Id).max(500), nick: z.string().max(200).nullish() });
const Channel = z.object({ id: Id, type: z.number(), parent_id: Id.nullish() });

interface RawOption {
  name: string;
  type: number;
  value?: string | number | boolean | undefined;
  focused?: boolean | undefined;
  options?: RawOption[] | undefined;
}
const RawOption: z.ZodType<RawOption> = z.lazy(() =>
  z.object({
    name: z.string(),
    type: z.number(),
    value: z.union([z.string(), z.number(), z.boolean()]).optional(),
    focused: z.boolean().optional(),
    options: z.array(RawOption).optional(),
  }),
);

const envelope = {
  id: Id,
  application_id: Id,
  token: z.string().min(1),
  locale: z.string().default("en"),
  /** What the bot may where it was asked. */
  app_permissions: z
    .string()
    .regex(/^\d{1,40}$/u)
    .optional(),
  guild_id: Id,
  channel: Channel,
  member: Member,
};
const TargetMessage = z.object({ id: Id, content: z.string().default("") });
const OwnMessage = z.object({ id: Id, components: z.array(z.unknown()).default([]) });
const Field = z.object({
  component: z
    .object({ custom_id: z.string(), value: z.string().optional(), values: z.array(z.string()).optional() })
    .optional(),
});

const Raw = z.discriminatedUnion("type", [
  z.object({
    ...envelope,
    type: z.literal(InteractionType.ApplicationCommand),
    data: z.object({
      name: z.string(),
      type: z.number(),
      options: z.array(RawOption).default([]),
      target_id: Id.optional(),
      resolved: z.object({ messages: z.record(Id, TargetMessage).optional() }).optional(),
    }),
  }),
  z.object({
    ...envelope,
    type: z.literal(InteractionType.MessageComponent),
    data: z.object({ custom_id: z.string(), values: z.array(z.string()).default([]) }),
    message: OwnMessage,
  }),
  z.object({
    ...envelope,
    type: z.literal(InteractionType.ApplicationCommandAutocomplete),
    data: z.object({ options: z.array(RawOption).default([]) }),
  }),
  z.object({
    ...envelope,
    type: z.literal(InteractionType.ModalSubmit),
    data: z.object({ custom_id: z.string(), components: z.array(Field).default([]) }),
    message: OwnMessage.optional(),
  }),
]);

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export interface Place {
  /** The channel, also where it was said in one of its threads. */
  readonly channel: string;
  readonly thread: string | undefined;
}

interface Envelope extends Place {
  readonly id: string;
  readonly guildId: string;
  readonly applicationId: string;
  readonly token: string;
  readonly locale: string;
  readonly who: Person;
  /** Names of the permissions that the bot lacks there, and without which nobody would see a run. */
  readonly missing: readonly string[];
}

type Options = Readonly<Record<string, string>>;

/** What somebody did with the bot. */
export type Interaction = Envelope &
  (
    | { readonly kind: "slash"; readonly subcommand: string; readonly options: Options }
    | { readonly kind: "menu"; readonly name: string; readonly target: { readonly id: string; readonly text: string } }
    | { readonly kind: "complete"; readonly subcommand: string; readonly options: Options; readonly focused: string }
    | {
        readonly kind: "control";
        readonly customId: string;
        readonly values: readonly string[];
        readonly message: string;
        readonly components: readonly unknown[];
      }
    | {
        readonly kind: "form";
        readonly customId: string;
        readonly fields: Readonly<Record<string, readonly string[]>>;
        readonly message: string | undefined;
      }
    | { readonly kind: "unknown" }
  );

/** Reads an INTERACTION_CREATE; undefined for what cannot even be answered. */
export function readInteraction(payload: unknown): Interaction | undefined {
  const parsed = Raw.safeParse(payload);
  if (!parsed.success) return unreadable(payload);
  const raw = parsed.data;
  const base = envelopeOf(raw);
  switch (raw.type) {
    case InteractionType.ApplicationCommand: {
      const { name, type, options, target_id: id, resolved } = raw.data;
      if (type === CHAT_INPUT) {
        const [given] = options;
        return { ...base, kind: "slash", subcommand: given?.name ?? "", options: valuesIn(given?.options ?? []) };
      }
      const target = id === undefined ? undefined : resolved?.messages?.[id];
      if (target === undefined) return { ...base, kind: "unknown" };
      return { ...base, kind: "menu", name, target: { id: target.id, text: target.content } };
    }
    case InteractionType.MessageComponent: {
      const { custom_id: customId, values } = raw.data;
      return {
        ...base,
        kind: "control",
        customId,
        values,
        message: raw.message.id,
        components: raw.message.components,
      };
    }
    case InteractionType.ApplicationCommandAutocomplete: {
      const [given] = raw.data.options;
      const focused = given?.options?.find((option) => option.focused === true)?.name ?? "";
      return {
        ...base,
        kind: "complete",
        subcommand: given?.name ?? "",
        options: valuesIn(given?.options ?? []),
        focused,
      };
    }
    case InteractionType.ModalSubmit: {
      const { custom_id: customId, components } = raw.data;
      const fields = components.flatMap(({ component }) =>
        component === undefined ? [] : [[component.custom_id, component.values ?? [component.value ?? ""]] as const],
      );
      return { ...base, kind: "form", customId, fields: Object.fromEntries(fields), message: raw.message?.id };
    }
  }
}

/** Of a kind that is not known here, or without what is needed: answered politely where that is possible. */
function unreadable(payload: unknown): Interaction | undefined {
  const parsed = z.object(envelope).safeParse(payload);
  return parsed.success ? { ...envelopeOf(parsed.data), kind: "unknown" } : undefined;
}

function envelopeOf(raw: z.infer<z.ZodObject<typeof envelope>>): Envelope {
  const { id, application_id: applicationId, token, locale, guild_id: guildId, channel, member } = raw;
  const { app_permissions: own } = raw;
  const missing = own === undefined ? [] : missingToShowARun(BigInt(own));
  return {
    id,
    guildId,
    applicationId,
    token,
    locale,
    ...placeOf(channel),
    who: personOf(member.user, member),
    missing,
  };
}

function placeOf({ id, type, parent_id: parent }: z.infer<typeof Channel>): Place {
  return isThread(type) && typeof parent === "string"
    ? { channel: parent, thread: id }
    : { channel: id, thread: undefined };
}

function personOf(
  user: z.infer<typeof User>,
  member: { nick?: string | null | undefined; roles: readonly string[] } | undefined,
): Person {
  return { id: user.id, name: member?.nick ?? user.global_name ?? user.username, roles: member?.roles ?? [] };
}

function valuesIn(options: readonly RawOption[]): Options {
  const values = options.filter(({ type }) => type !== SUBCOMMAND);
  return Object.fromEntries(values.map(({ name, value }) => [name, String(value ?? "")]));
}

const RawMessage = z.object({
  id: Id,
  channel_id: Id,
  guild_id: Id,
  author: User,
  member: Member.omit({ user: true }).optional(),
  content: z.string().default(""),
  mentions: z.array(User.pick({ id: true })).default([]),
});

/** Something that a person wrote. */
export interface Said {
  readonly id: string;
  readonly channelId: string;
  readonly guildId: string;
  readonly who: Person;
  readonly text: string;
  readonly mentioned: boolean;
}

/** Reads a MESSAGE_CREATE; undefined for what programs write, and what holds no words for us. */
export function readMessage(payload: unknown, botId: string): Said | undefined {
  const parsed = RawMessage.safeParse(payload);
  if (!parsed.success || parsed.data.author.bot === true) return undefined;
  const { id, channel_id: channelId, guild_id: guildId, author, member, content, mentions } = parsed.data;
  const mentioned = mentions.some((user) => user.id === botId);
  const text = content.replaceAll(new RegExp(`<@!?${botId}>`, "gu"), " ").trim();
  return { id, channelId, guildId, who: personOf(author, member), text, mentioned };
}

/** The text of one display of our own message, by the number that it was given. */
export function displayIn(components: readonly unknown[], id: number): string | undefined {
  const Display = z.object({ type: z.literal(ComponentType.TextDisplay), id: z.number(), content: z.string() });
  for (const component of components) {
    const display = Display.safeParse(component);
    if (display.success && display.data.id === id) return display.data.content;
    const nested = z.object({ components: z.array(z.unknown()) }).safeParse(component);
    const found = nested.success ? displayIn(nested.data.components, id) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
