import { setTimeout as delay } from "node:timers/promises";
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ComponentType,
  GatewayDispatchEvents,
  GatewayIntentBits,
  InteractionType,
  MessageType,
  type APIUser,
} from "discord-api-types/v10";
import { readCustomId } from "../../../adapters/discord/custom-id.ts";
import type { ButtonAction } from "../../../src/commands/token.ts";
import { PATIENCE_MS } from "../../fixtures/patience.ts";
import type { FakeDiscord } from "./discord.ts";
import { isGivenUp, type Began, type RestState } from "./rest.ts";
import { withNested } from "./rules.ts";
import { textIn, type StoredMessage } from "./world.ts";

type Options = Readonly<Record<string, string | number>>;

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
  submit(opened: Began, fields: Readonly<Record<string, string | readonly string[]>>): Promise<Began>;
  /** `/cox <subcommand>`. */
  slash(channel: string, subcommand: string, options?: Options): Promise<Began>;
  /** What is offered while `focused` is typed. */
  complete(channel: string, subcommand: string, options: Options, focused: string): Promise<string[]>;
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

  const begin = async (
    channel: string,
    type: InteractionType,
    data: object,
    message?: StoredMessage,
  ): Promise<Began> => {
    const id = world.newId();
    const began: Began = {
      id,
      token: `token-${id}`,
      message: message?.id,
      channel,
      beganAt: state.clock.now(),
      response: undefined,
      original: undefined,
      followUps: [],
    };
    state.began.set(id, began);
    gateway.dispatch(GatewayDispatchEvents.InteractionCreate, {
      id,
      application_id: world.applicationId,
      type,
      token: began.token,
      version: 1,
      guild_id: guildId,
      channel_id: channel,
      channel: world.asChannel(channel),
      member: { ...world.member(user, roles), permissions: "0" },
      locale,
      guild_locale: "en-US",
      app_permissions: String(world.permissionsIn(channel)),
      entitlements: [],
      authorizing_integration_owners: {},
      attachment_size_limit: 10_000_000,
      context: 0,
      data,
      ...(message === undefined ? {} : { message: world.asMessage(message) }),
    });
    await heard(state, began);
    return began;
  };
  const answerTo = (message: StoredMessage) => ({
    type: MessageType.Reply,
    message_reference: { message_id: message.id, channel_id: message.channel, guild_id: guildId },
    referenced_message: world.asMessage(message),
  });
  const slashData = (subcommand: string, options: Options, focused?: string): object => ({
    id: world.newId(),
    name: "cox",
    type: ApplicationCommandType.ChatInput,
    options: [
      {
        name: subcommand,
        type: ApplicationCommandOptionType.Subcommand,
        options: Object.entries(options).map(([option, value]) => ({
          name: option,
          type: typeof value === "number" ? ApplicationCommandOptionType.Integer : ApplicationCommandOptionType.String,
          value,
          ...(option === focused ? { focused: true } : {}),
        })),
      },
    ],
  });
  return {
    user,
    elsewhere: (other) => somebody(discord, name, roles, locale, other),
    click: (message, customId) =>
      begin(
        message.channel === "nowhere" ? (world.channels[0] ?? "") : message.channel,
        InteractionType.MessageComponent,
        { custom_id: customId, component_type: ComponentType.Button },
        message,
      ),
    select: (message, customId, values) =>
      begin(
        message.channel,
        InteractionType.MessageComponent,
        { custom_id: customId, component_type: ComponentType.StringSelect, values },
        message,
      ),
    submit: (opened, fields) => {
      const data = opened.response !== undefined && "data" in opened.response ? opened.response.data : undefined;
      const modal = (data ?? {}) as {
        custom_id?: string;
        components?: { type: ComponentType; component?: { type: ComponentType; custom_id: string } }[];
      };
      const components = (modal.components ?? []).map((label) => {
        if (label.component === undefined) return { type: label.type };
        const value = fields[label.component.custom_id] ?? "";
        return {
          type: label.type,
          component: { ...label.component, ...(typeof value === "string" ? { value } : { values: value }) },
        };
      });
      const message = opened.message === undefined ? undefined : world.messages.get(opened.message);
      return begin(opened.channel, InteractionType.ModalSubmit, { custom_id: modal.custom_id, components }, message);
    },
    slash: (channel, subcommand, options = {}) =>
      begin(channel, InteractionType.ApplicationCommand, slashData(subcommand, options)),
    complete: async (channel, subcommand, options, focused) => {
      const began = await begin(
        channel,
        InteractionType.ApplicationCommandAutocomplete,
        slashData(subcommand, options, focused),
      );
      const data = began.response !== undefined && "data" in began.response ? began.response.data : undefined;
      return ((data ?? {}) as { choices?: { name: string }[] }).choices?.map((choice) => choice.name) ?? [];
    },
    menu: (menuName, target) =>
      begin(target.channel, InteractionType.ApplicationCommand, {
        id: world.newId(),
        name: menuName,
        type: ApplicationCommandType.Message,
        target_id: target.id,
        resolved: { messages: { [target.id]: world.asMessage(target) } },
      }),
    say: (channel, text, { replyTo, mention = replyTo === undefined } = {}) => {
      const content = mention ? `<@${world.bot.id}> ${text}` : text;
      const message = world.addMessage({ channel, author: user, nonce: undefined, body: { content }, files: [] });
      // Whoever writes in a thread takes it out of the archive.
      if (world.threads.get(channel)?.archived === true) world.changeThread(channel, { archived: false });
      const isHeard = mention || replyTo?.author.id === world.bot.id;
      const mayRead = isHeard || (gateway.intents() & GatewayIntentBits.MessageContent) !== 0;
      gateway.dispatch(GatewayDispatchEvents.MessageCreate, {
        ...world.asMessage(message),
        content: mayRead ? content : "",
        guild_id: guildId,
        member: { ...world.member(user, roles), user: undefined },
        mentions: isHeard ? [world.bot] : [],
        ...(replyTo === undefined ? {} : answerTo(replyTo)),
      });
      return message;
    },
  };
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
