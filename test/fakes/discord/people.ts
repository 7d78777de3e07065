import { setTimeout as delay } from "node:timers/promises";
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ComponentType,
  GatewayDispatchEvents,
  GatewayIntentBits,
  InteractionContextType,
  InteractionResponseType,
  InteractionType,
  Locale,
  MessageType,
  type APIInteraction,
  type APIModalInteractionResponseCallbackComponent,
  type APIModalSubmissionComponent,
  type APIUser,
} from "discord-api-types/v10";
import { readCustomId } from "../../../adapters/discord/custom-id.ts";
import type { ButtonAction } from "../../../src/commands/token.ts";
import { PATIENCE_MS } from "../../fixtures/patience.ts";
import type { FakeDiscord } from "./discord.ts";
import { localeNamed } from "./locale.ts";
import { isGivenUp, type Began, type RestState } from "./rest.ts";
import { withNested } from "./rules.ts";
import { textIn, type StoredMessage } from "./world.ts";

type Options = Readonly<Record<string, string | number>>;
type Texts = Readonly<Record<string, string>>;
type Fields = Readonly<Record<string, string | readonly string[]>>;

interface Saying {
  readonly mention?: boolean;
  readonly replyTo?: StoredMessage;
}

/** Somebody in the server, who can do what people do there. Every act resolves when Discord has the first answer. */
export interface Somebody {
  readonly user: APIUser;
  click(message: StoredMessage, customId: string): Promise<Began>;
  select(message: StoredMessage, customId: string, values: readonly string[]): Promise<Began>;
  /** Sends the form that was opened by `opened`. */
  submit(opened: Began, fields: Fields): Promise<Began>;
  /** `/cox <subcommand>`. */
  slash(channel: string, subcommand: string, options?: Options): Promise<Began>;
  /** What is offered while `focused` is typed. */
  complete(channel: string, subcommand: string, options: Texts, focused: string): Promise<string[]>;
  /** A command of a message's context menu. */
  menu(name: string, target: StoredMessage): Promise<Began>;
  /** The same person in another server, where the bot was added too. */
  elsewhere(guildId: string): Somebody;
  /**
   * Writes a message, by default with a mention of the bot; its text reaches the bot only where it is mentioned, or the
   * intent is given. `replyTo`: an answer to that message, whose author is pinged by it.
   */
  say(channel: string, text: string, how?: Saying): StoredMessage;
}

export function somebody(
  discord: FakeDiscord,
  name: string,
  roles: readonly string[] = [],
  locale = "en-US",
  guildId = discord.world.guildId,
): Somebody {
  const { world, gateway, state } = discord;
  const user = world.person(name);

  /** What every interaction has, whatever it is. */
  const envelope = (channel: string, id = world.newId()) => ({
    id,
    application_id: world.applicationId,
    token: `token-${id}`,
    version: 1 as const,
    guild_id: guildId,
    channel_id: channel,
    channel: world.asChannel(channel),
    member: { ...world.member(user, roles), permissions: "0" },
    locale: localeNamed(locale),
    guild_locale: Locale.EnglishUS,
    app_permissions: String(world.permissionsIn(channel)),
    entitlements: [],
    authorizing_integration_owners: {},
    attachment_size_limit: 10_000_000,
    context: InteractionContextType.Guild,
  });
  const begin = async (interaction: APIInteraction): Promise<Began> => {
    const { id, token, message } = interaction;
    const began: Began = {
      id,
      token,
      message: message?.id,
      channel: interaction.channel?.id ?? "",
      beganAt: state.clock.now(),
      response: undefined,
      original: undefined,
      followUps: [],
    };
    state.began.set(id, began);
    gateway.dispatch(GatewayDispatchEvents.InteractionCreate, interaction);
    await heard(state, began);
    return began;
  };
  const answerTo = (message: StoredMessage) => ({
    type: MessageType.Reply,
    message_reference: { message_id: message.id, channel_id: message.channel, guild_id: guildId },
    referenced_message: world.asMessage(message),
  });
  return {
    user,
    elsewhere: (other) => somebody(discord, name, roles, locale, other),
    click: (message, customId) =>
      begin({
        ...envelope(message.channel === "nowhere" ? (world.channels[0] ?? "") : message.channel),
        type: InteractionType.MessageComponent,
        data: { custom_id: customId, component_type: ComponentType.Button },
        message: world.asMessage(message),
      }),
    select: (message, customId, values) =>
      begin({
        ...envelope(message.channel),
        type: InteractionType.MessageComponent,
        data: { custom_id: customId, component_type: ComponentType.StringSelect, values: [...values] },
        message: world.asMessage(message),
      }),
    submit: ({ response, channel, message: from }, fields) => {
      if (response?.type !== InteractionResponseType.Modal) throw new Error("no form was opened");
      const message = world.messages.get(from ?? "");
      const { custom_id: id, components } = response.data;
      return begin({
        ...envelope(channel),
        type: InteractionType.ModalSubmit,
        data: { custom_id: id, components: components.map((component) => filledIn(component, fields)) },
        ...(message === undefined ? {} : { message: world.asMessage(message) }),
      });
    },
    slash: (channel, subcommand, options = {}) =>
      begin({
        ...envelope(channel),
        type: InteractionType.ApplicationCommand,
        data: {
          ...cox(world.newId()),
          options: [{ ...sub(subcommand), options: Object.entries(options).map(optionOf) }],
        },
      }),
    complete: async (channel, subcommand, options, focused) => {
      const { response } = await begin({
        ...envelope(channel),
        type: InteractionType.ApplicationCommandAutocomplete,
        data: { ...cox(world.newId()), options: [{ ...sub(subcommand), options: typing(options, focused) }] },
      });
      if (response?.type !== InteractionResponseType.ApplicationCommandAutocompleteResult) return [];
      return (response.data.choices ?? []).map((choice) => choice.name);
    },
    menu: (menuName, target) =>
      begin({
        ...envelope(target.channel),
        type: InteractionType.ApplicationCommand,
        data: {
          id: world.newId(),
          name: menuName,
          type: ApplicationCommandType.Message,
          target_id: target.id,
          resolved: { messages: { [target.id]: world.asMessage(target) } },
        },
      }),
    say: (channel, text, { replyTo, mention = replyTo === undefined } = {}) => {
      const content = mention ? `<@${world.bot.id}> ${text}` : text;
      const message = world.addMessage({ channel, author: user, nonce: undefined, body: { content }, files: [] });
      // Whoever writes in a thread takes it out of the archive.
      if (world.threads.get(channel)?.archived === true) world.changeThread(channel, { archived: false });
      const isHeard = mention || replyTo?.author.id === world.bot.id;
      const mayRead = isHeard || (gateway.intents() & GatewayIntentBits.MessageContent) !== 0;
      const { user: _, ...member } = world.member(user, roles);
      gateway.dispatch(GatewayDispatchEvents.MessageCreate, {
        ...world.asMessage(message),
        content: mayRead ? content : "",
        guild_id: guildId,
        member,
        mentions: isHeard ? [world.bot] : [],
        ...(replyTo === undefined ? {} : answerTo(replyTo)),
      });
      return message;
    },
  };
}

/** `/cox`, as it was registered. */
const cox = (id: string) => ({ id, name: "cox", type: ApplicationCommandType.ChatInput }) as const;
const sub = (name: string) => ({ name, type: ApplicationCommandOptionType.Subcommand }) as const;

function textOption(name: string, value: string) {
  return { name, type: ApplicationCommandOptionType.String, value } as const;
}

/** What is typed so far is text, whatever it will be. */
function typing(options: Texts, focused: string) {
  return Object.entries(options).map(([name, value]) => ({
    ...textOption(name, value),
    ...(name === focused ? { focused: true } : {}),
  }));
}

function optionOf([name, value]: readonly [string, string | number]) {
  return typeof value === "string"
    ? textOption(name, value)
    : ({ name, type: ApplicationCommandOptionType.Integer, value } as const);
}

/** A part of a form as it is sent: what nobody touched is sent as it was opened. */
function filledIn(part: APIModalInteractionResponseCallbackComponent, fields: Fields): APIModalSubmissionComponent {
  if (part.type === ComponentType.TextDisplay) return { type: part.type, id: 0 };
  if (part.type !== ComponentType.Label) throw new Error(`a form with a component of type ${part.type}`);
  const { component } = part;
  const filled = fields[component.custom_id];
  if (component.type === ComponentType.TextInput) {
    const value = typeof filled === "string" ? filled : (filled?.join(", ") ?? component.value ?? "");
    return {
      type: part.type,
      id: 0,
      component: { type: component.type, id: 0, custom_id: component.custom_id, value },
    };
  }
  if (component.type !== ComponentType.StringSelect) throw new Error(`a field of type ${component.type}`);
  const chosen = component.options.filter((option) => option.default === true).map(({ value }) => value);
  const values = typeof filled === "string" ? [filled] : [...(filled ?? chosen)];
  return { type: part.type, id: 0, component: { type: component.type, id: 0, custom_id: component.custom_id, values } };
}

/** Resolves with the first answer, or when Discord has given up waiting for it. */
async function heard(state: RestState, began: Began): Promise<void> {
  for (const until = Date.now() + PATIENCE_MS; began.response === undefined && !isGivenUp(state, began);) {
    if (Date.now() > until) throw new Error(`nobody answered interaction ${began.id}`);
    await delay(10);
  }
}

/** What a person reads on a message, with nothing of the markup. */
export function textOf(message: StoredMessage): string {
  const displays = componentsOf(message).map((component) => {
    const { content, label, options, placeholder } = component as {
      content?: string;
      label?: string;
      placeholder?: string;
      options?: { label: string; description?: string }[];
    };
    return [content, label, placeholder, ...(options ?? []).flatMap((option) => [option.label, option.description])]
      .filter((part) => part !== undefined)
      .join("\n");
  });
  return [textIn(message.body["content"]), ...displays]
    .join("\n")
    .replaceAll(/\\([^\p{L}\p{N}\s])/gu, "$1")
    .replaceAll("\u{2060}", "");
}

/** Everything that somebody was told in answer to an act. */
export function answerText({ original, followUps, response }: Began): string {
  const modal = response !== undefined && "data" in response ? response.data : undefined;
  const told = [...(original === undefined ? [] : [original]), ...followUps].map(textOf);
  return [...told, ...(modal !== undefined && "title" in modal ? [modal.title] : [])].join("\n").trim();
}

/** The ids of a message's controls. */
export function controlsOf(message: StoredMessage): string[] {
  return componentsOf(message).flatMap(({ custom_id: id }) => (typeof id === "string" ? [id] : []));
}

/** A control with this meaning on one of the messages; throws where none has it. */
export function controlIn(
  messages: readonly StoredMessage[],
  action: ButtonAction["action"],
  question?: number,
): { message: StoredMessage; id: string } {
  for (const message of messages) {
    const id = controlsOf(message).find((customId) => {
      const control = readCustomId(customId);
      if (control.kind !== "action" || control.button.action !== action) return false;
      return question === undefined || ("question" in control.button && control.button.question === question);
    });
    if (id !== undefined) return { message, id };
  }
  throw new Error(`no control ${action}`);
}

function componentsOf(message: StoredMessage): ReturnType<typeof withNested> {
  const components = (message.body["components"] ?? []) as Parameters<typeof withNested>[0][];
  return components.flatMap(withNested);
}
