import { InteractionResponseType, MessageFlags, type APIInteractionResponse } from "discord-api-types/v10";
import type { Clock } from "../../../src/ports.ts";
import { problemsOfCommands } from "./command-rules.ts";
import { problemsOfChoices, problemsOfMessage, problemsOfModal, problemsOfThread } from "./rules.ts";
import type { StoredMessage, World } from "./world.ts";

type Body = Record<string, unknown>;

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: Body;
  readonly files: readonly string[];
  readonly query: URLSearchParams;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

/** An interaction that a person has begun, and what came back. */
export interface Began {
  readonly id: string;
  readonly token: string;
  /** The message whose control was used, or that was pointed at. */
  readonly message: string | undefined;
  readonly channel: string;
  /** By Discord's clock. */
  readonly beganAt: number;
  response: APIInteractionResponse | undefined;
  /** The answer as a message, seen by one person or by all. */
  original: StoredMessage | undefined;
  readonly followUps: StoredMessage[];
}

export function fault(status: number, code: number, message: string): Reply {
  return { status, body: { code, message } };
}

/** How long an interaction waits for its first answer, and how long more of it can follow. */
const FIRST_ANSWER_MS = 3000;
const TOKEN_MS = 15 * 60_000;

/** Nobody waits any more; who began it was told that the application did not answer. */
export function isGivenUp({ clock }: RestState, { beganAt, response }: Began): boolean {
  return response === undefined && clock.now() - beganAt > FIRST_ANSWER_MS;
}

const NO_CONTENT: Reply = { status: 204 };

export interface RestState {
  readonly world: World;
  /** Discord's own, which is not the bot's. */
  readonly clock: Pick<Clock, "now">;
  readonly began: Map<string, Began>;
  /** Bodies that Discord would have refused, with the reasons. */
  readonly violations: string[];
  commands: { scope: string; list: Body[] }[];
  application: Body;
  readonly gatewayUrl: () => string;
}

type Route = (state: RestState, call: Call, ...ids: string[]) => Reply;

/** Every route that the adapter may use; anything else is a 404. */
const ROUTES: readonly (readonly [string, RegExp, Route])[] = [
  [
    "GET",
    /^\/gateway\/bot$/,
    ({ gatewayUrl }) =>
      ok({
        url: gatewayUrl(),
        shards: 1,
        session_start_limit: { total: 1000, remaining: 999, reset_after: 1, max_concurrency: 1 },
      }),
  ],
  ["GET", /^\/users\/@me$/, ({ world }) => ok(world.bot)],
  ["GET", /^\/applications\/@me$/, ({ application }) => ok(application)],
  ["GET", /^\/applications\/(\d+)(\/guilds\/\d+)?\/commands$/, (state, _, __, guild) => ok(commandsOf(state, guild))],
  [
    "PUT",
    /^\/applications\/(\d+)(\/guilds\/\d+)?\/commands$/,
    (state, call, __, guild) => {
      const list = Object.values(call.body) as Body[];
      if (!judge(state, call, problemsOfCommands(list))) return fault(400, 50_035, "Invalid Form Body");
      state.commands = [...state.commands.filter(({ scope }) => scope !== (guild ?? "")), { scope: guild ?? "", list }];
      return ok(list);
    },
  ],
  ["GET", /^\/guilds\/(\d+)$/, ({ world }) => ok(world.guild())],
  [
    "GET",
    /^\/guilds\/(\d+)\/members\/(\d+)$/,
    ({ world }) =>
      ok(
        world.member(
          world.bot,
          world.roles.slice(1).map(({ id }) => id),
        ),
      ),
  ],
  [
    "GET",
    /^\/channels\/(\d+)$/,
    ({ world }, _, id) => (isKnown(world, id) ? ok(world.asChannel(id)) : fault(404, 10_003, "Unknown Channel")),
  ],
  [
    "PATCH",
    /^\/channels\/(\d+)$/,
    ({ world }, { body }, id) => {
      if (!world.threads.has(id)) return fault(404, 10_003, "Unknown Channel");
      world.changeThread(id, { archived: body["archived"] === true });
      return ok(world.asChannel(id));
    },
  ],
  ["POST", /^\/channels\/(\d+)\/messages$/, postMessage],
  [
    "GET",
    /^\/channels\/(\d+)\/messages$/,
    ({ world }, { query }, channel) => {
      const newest = world.messagesIn(channel).slice(-Number(query.get("limit") ?? 50));
      return ok(newest.toReversed().map((message) => world.asMessage(message)));
    },
  ],
  ["PATCH", /^\/channels\/(\d+)\/messages\/(\d+)$/, editMessage],
  [
    "DELETE",
    /^\/channels\/(\d+)\/messages\/(\d+)$/,
    ({ world }, _, __, id) => {
      const nonce = world.messages.get(id)?.nonce;
      if (!world.messages.delete(id)) return fault(404, 10_008, "Unknown Message");
      // The nonce of a message that was deleted gives an error, on purpose (discord-api-docs#6647).
      if (nonce !== undefined) world.deletedNonces.add(nonce);
      return NO_CONTENT;
    },
  ],
  ["POST", /^\/channels\/(\d+)\/messages\/(\d+)\/threads$/, openThread],
  ["POST", /^\/interactions\/(\d+)\/([^/]+)\/callback$/, acknowledge],
  [
    "POST",
    /^\/webhooks\/\d+\/([^/]+)$/,
    (state, call, token) => {
      const began = openWith(state, token);
      if (began === undefined) return fault(401, 50_027, "Invalid Webhook Token");
      judge(state, call, problemsOfMessage(call.body, call));
      const message = state.world.addMessage({
        channel: placeOf(call.body, began),
        author: state.world.bot,
        nonce: undefined,
        body: call.body,
        files: call.files,
      });
      began.followUps.push(message);
      return ok(state.world.asMessage(message));
    },
  ],
  [
    "DELETE",
    /^\/webhooks\/\d+\/([^/]+)\/messages\/@original$/,
    (state, _call, token) => {
      const began = openWith(state, token);
      if (began === undefined) return fault(401, 50_027, "Invalid Webhook Token");
      if (began.original === undefined) return fault(404, 10_015, "Unknown Webhook");
      state.world.messages.delete(began.original.id);
      began.original = undefined;
      return NO_CONTENT;
    },
  ],
  [
    "PATCH",
    /^\/webhooks\/\d+\/([^/]+)\/messages\/@original$/,
    (state, call, token) => {
      const began = openWith(state, token);
      if (began === undefined) return fault(401, 50_027, "Invalid Webhook Token");
      if (began.original === undefined) return fault(404, 10_015, "Unknown Webhook");
      judge(state, call, problemsOfMessage(call.body, { isEdit: true, files: began.original.files }));
      change(began.original, call.body);
      return ok(state.world.asMessage(began.original));
    },
  ],
];

/** Nothing is written in a channel that is closed to the bot, and one that is not seen is not read either. */
function closedTo({ world }: RestState, { method, path }: Call): Reply | undefined {
  const id = /^\/channels\/(\d+)/.exec(path)?.[1] ?? "";
  const closed = world.closed.get(world.threads.get(id)?.parent ?? id);
  if (closed === "gone") return fault(404, 10_003, "Unknown Channel");
  if (closed === "unseen") return fault(403, 50_001, "Missing Access");
  return closed === "mute" && method === "POST" ? fault(403, 50_013, "Missing Permissions") : undefined;
}

export function answerCall(state: RestState, call: Call): Reply {
  const closed = closedTo(state, call);
  if (closed !== undefined) return closed;
  for (const [method, pattern, route] of ROUTES) {
    const match = method === call.method ? pattern.exec(call.path) : null;
    if (match !== null) return route(state, call, ...match.slice(1));
  }
  state.violations.push(`${call.method} ${call.path} is no route of Discord that is known here`);
  return fault(404, 0, "404: Not Found");
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

/** A body that breaks a rule is answered as Discord does, and remembered so that a test fails even if nobody looks. */
function judge(state: RestState, call: Call, problems: readonly string[]): boolean {
  for (const problem of problems) state.violations.push(`${call.method} ${call.path}: ${problem}`);
  return problems.length === 0;
}

function isKnown(world: World, id: string): boolean {
  return world.channels.includes(id) || world.threads.has(id) || world.rooms.has(id);
}

function commandsOf({ commands }: RestState, guild: string | undefined): Body[] {
  return commands.find(({ scope }) => scope === (guild ?? ""))?.list ?? [];
}

function postMessage(state: RestState, call: Call, channel: string): Reply {
  const { world } = state;
  if (!isKnown(world, channel)) return fault(404, 10_003, "Unknown Channel");
  if (!judge(state, call, problemsOfMessage(call.body, call))) return fault(400, 50_035, "Invalid Form Body");
  const thread = world.threads.get(channel);
  if (thread?.locked === true && thread.archived) return fault(403, 50_083, "Thread is archived");
  if (thread?.archived === true) world.changeThread(channel, { archived: false });
  const nonce = call.body["enforce_nonce"] === true ? String(call.body["nonce"]) : undefined;
  if (nonce !== undefined && world.deletedNonces.has(nonce)) return fault(404, 10_008, "Unknown Message");
  const same =
    nonce === undefined || world.forgetsNonces
      ? undefined
      : world.messagesIn(channel).find((message) => message.nonce === nonce);
  const message = same ?? world.addMessage({ channel, author: world.bot, nonce, body: call.body, files: call.files });
  return ok(world.asMessage(message));
}

function editMessage(state: RestState, call: Call, channel: string, id: string): Reply {
  const { world } = state;
  if (!isKnown(world, channel)) return fault(404, 10_003, "Unknown Channel");
  const message = world.messages.get(id);
  if (message === undefined || message.channel !== channel) return fault(404, 10_008, "Unknown Message");
  if (world.threads.get(channel)?.archived === true) return fault(400, 50_083, "Thread is archived");
  const wasV2 = (Number(message.body["flags"] ?? 0) & MessageFlags.IsComponentsV2) !== 0;
  const files = [...message.files, ...call.files];
  if (!judge(state, call, problemsOfMessage(call.body, { wasV2, isEdit: true, files })))
    return fault(400, 50_035, "Invalid Form Body");
  change(message, call.body);
  return ok(world.asMessage(message));
}

function openThread(state: RestState, call: Call, channel: string, id: string): Reply {
  const { world } = state;
  const message = world.messages.get(id);
  if (message === undefined || message.channel !== channel) return fault(404, 10_008, "Unknown Message");
  if (world.threads.has(id)) return fault(400, 160_004, "A thread has already been created for this message");
  if (!judge(state, call, problemsOfThread(call.body))) return fault(400, 50_035, "Invalid Form Body");
  if (world.threads.has(channel)) return fault(400, 50_024, "Cannot execute action on this channel type");
  world.openThread({ id, parent: channel, name: String(call.body["name"]) });
  return ok(world.asChannel(id));
}

function acknowledge(state: RestState, call: Call, id: string): Reply {
  const began = state.began.get(id);
  if (began === undefined || isGivenUp(state, began)) return fault(404, 10_062, "Unknown interaction");
  if (began.response !== undefined) return fault(400, 40_060, "Interaction has already been acknowledged.");
  const response = call.body as unknown as APIInteractionResponse;
  const data: Body = "data" in response && response.data !== undefined ? { ...response.data } : {};
  switch (response.type) {
    case InteractionResponseType.ChannelMessageWithSource:
      if (!judge(state, call, problemsOfMessage(data))) return fault(400, 50_035, "Invalid Form Body");
      began.original = state.world.addMessage({
        channel: placeOf(data, began),
        author: state.world.bot,
        nonce: undefined,
        body: data,
        files: [],
      });
      break;
    case InteractionResponseType.DeferredChannelMessageWithSource:
      if ((Number(data["flags"] ?? 0) & MessageFlags.IsComponentsV2) !== 0)
        judge(state, call, ["Components V2 on a deferred answer"]);
      began.original = state.world.addMessage({
        channel: placeOf(data, began),
        author: state.world.bot,
        nonce: undefined,
        body: data,
        files: [],
      });
      break;
    case InteractionResponseType.UpdateMessage: {
      const message = state.world.messages.get(began.message ?? "");
      if (message === undefined) return fault(404, 10_008, "Unknown Message");
      if (!judge(state, call, problemsOfMessage(data, { isEdit: true, files: message.files })))
        return fault(400, 50_035, "Invalid Form Body");
      change(message, data);
      began.original = message;
      break;
    }
    case InteractionResponseType.Modal:
      if (!judge(state, call, problemsOfModal(data))) return fault(400, 50_035, "Invalid Form Body");
      break;
    case InteractionResponseType.ApplicationCommandAutocompleteResult:
      judge(state, call, problemsOfChoices((data["choices"] ?? []) as Body[]));
      break;
    case InteractionResponseType.Pong:
    case InteractionResponseType.DeferredMessageUpdate:
    case InteractionResponseType.PremiumRequired:
    case InteractionResponseType.LaunchActivity:
      began.original = state.world.messages.get(began.message ?? "");
      break;
  }
  began.response = response;
  if (call.query.get("with_response") !== "true") return NO_CONTENT;
  const message = began.original;
  return ok({
    interaction: { id, type: 2 },
    ...(message === undefined ? {} : { resource: { type: response.type, message: state.world.asMessage(message) } }),
  });
}

/** What only one person sees stands in no channel. */
function placeOf(body: Body, { channel }: Began): string {
  return (Number(body["flags"] ?? 0) & MessageFlags.Ephemeral) === 0 ? channel : "nowhere";
}

function change(message: StoredMessage, body: Body): void {
  // Whether only one person sees it cannot be changed.
  const ephemeral = Number(message.body["flags"] ?? 0) & MessageFlags.Ephemeral;
  message.body = { ...message.body, ...body, flags: Number(body["flags"] ?? message.body["flags"] ?? 0) | ephemeral };
  message.edits += 1;
}

/** The interaction to which more can be said with a token: it was answered, and not too long ago. */
function openWith({ began, clock }: RestState, token: string): Began | undefined {
  const found = [...began.values()].find((one) => one.token === token);
  return found !== undefined && clock.now() - found.beganAt <= TOKEN_MS ? found : undefined;
}
