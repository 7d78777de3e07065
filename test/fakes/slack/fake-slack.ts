import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { WebSocketServer, type WebSocket } from "ws";
import { BOT_SCOPES } from "../../../adapters/slack/manifest.ts";
import type { Clock } from "../../../src/ports.ts";
import { PATIENCE_MS } from "../../fixtures/patience.ts";
import { createRates, type Rates } from "./rates.ts";
import { messageProblems, viewProblems } from "./rules.ts";

type Json = Record<string, unknown>;

export interface FakeMessage {
  readonly channel: string;
  readonly ts: string;
  readonly thread: string | undefined;
  text: string;
  blocks: Json[];
  readonly key: string | undefined;
  /** Text that nobody but this user sees. */
  readonly onlyFor?: string;
  readonly file?: { readonly name: string; readonly content: string };
  edits: number;
}

export interface FakeView {
  readonly id: string;
  hash: string;
  view: Json;
  readonly user: string;
}

export interface FakeUser {
  readonly name: string;
  readonly team?: string;
  readonly guest?: boolean;
  readonly bot?: boolean;
  readonly locale?: string;
}

/** What the next calls of a method meet with. */
export type Trouble =
  | { readonly kind: "limited"; readonly seconds: number; readonly channel?: string }
  | { readonly kind: "status"; readonly status: number }
  /** It arrives, and the answer is lost. */
  | { readonly kind: "dropped" }
  | { readonly kind: "slow"; readonly until: Promise<void> }
  | { readonly kind: "refused"; readonly error: string };

/** What came back for something that a person did. */
export interface Outcome {
  /** Undefined: nothing was acknowledged. */
  readonly ack: { readonly payload: Json } | undefined;
}

export interface FakeSlack {
  readonly apiUrl: string;
  readonly calls: { readonly method: string; readonly args: Json; readonly at: number }[];
  /** Payloads that Slack would have refused, with the reasons. */
  readonly problems: string[];
  readonly messages: FakeMessage[];
  readonly views: FakeView[];
  /** The Home tab of each user, as it was published last. */
  readonly homes: Map<string, Json>;
  readonly users: Map<string, FakeUser>;
  readonly groups: Map<string, string[]>;
  /** Channels that the bot was removed from, that are gone or archived: what Slack then says to every call there. */
  readonly closed: Map<string, "not_in_channel" | "channel_not_found" | "is_archived">;
  readonly bot: { readonly user: string; readonly id: string; readonly team: string; readonly token: string };
  /** How many sockets stand. */
  sockets(): number;
  trouble(method: string, ...troubles: Trouble[]): void;
  /** Sends an envelope; `twice` on every socket at once. Resolves with the acknowledgement, or when `patienceMs` is over. */
  deliver(
    type: "events_api" | "interactive" | "slash_commands",
    payload: Json,
    how?: { readonly everywhere?: boolean; readonly retry?: number; readonly patienceMs?: number },
  ): Promise<Outcome>;
  say(
    user: string,
    channel: string,
    text: string,
    more?: Json,
    how?: { readonly retry?: number; readonly everywhere?: boolean; readonly patienceMs?: number },
  ): Promise<{ ts: string; ack: Outcome["ack"] }>;
  click(
    user: string,
    message: FakeMessage,
    action: string,
    how?: { readonly everywhere?: boolean; readonly patienceMs?: number; readonly actionTs?: string },
  ): Promise<Outcome>;
  /** Sends a form with what stands chosen in it, and the changes: by block id. Its acknowledgement is applied to it. */
  submit(view: FakeView, changes?: Json): Promise<Outcome>;
  /** What a form would send now. */
  valuesOf(view: FakeView, changes?: Json): Json;
  /** Opens the Home tab. */
  goHome(user: string): Promise<Outcome>;
  /** Picks something in a control of the Home tab. */
  chooseAtHome(user: string, action: string, value: string): Promise<Outcome>;
  command(user: string, channel: string, text: string): Promise<Outcome>;
  shortcut(user: string, message: FakeMessage, callback: string): Promise<Outcome>;
  /** As Slack does every few hours, to one socket or all. */
  refresh(which: "one" | "all"): void;
  /** New connections are refused. */
  refuseSockets(yes: boolean): void;
  /** The connection is gone without a word. */
  cut(): void;
  /** Triggers are taken no more. */
  expireTriggers(yes: boolean): void;
  revoke(yes: boolean): void;
  /** The rights that the app has; all that it asks for unless said otherwise. */
  grant(...scopes: string[]): void;
  /** From now on Slack limits calls as it documents, by this clock. */
  enforceRates(clock: Pick<Clock, "now">): void;
  /** From now on only the names of calls are kept. */
  forgetArguments(): void;
  /** How many calls were limited so, by method. */
  limited(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

const BOT = { user: "U0BOT", id: "B0BOT", team: "T0HOME", token: "xoxb-fake-0000" } as const;

/** A Slack on loopback: Web API and Socket Mode, for the real Bolt and the real clients. */
export async function startFakeSlack(): Promise<FakeSlack> {
  const calls: FakeSlack["calls"] = [];
  const problems: string[] = [];
  const messages: FakeMessage[] = [];
  const views: FakeView[] = [];
  const homes = new Map<string, Json>();
  const users = new Map<string, FakeUser>();
  const groups = new Map<string, string[]>();
  const closed: FakeSlack["closed"] = new Map();
  const troubles = new Map<string, Trouble[]>();
  const sockets = new Set<WebSocket>();
  const acks = new Map<string, (payload: Json) => void>();
  const uploads = new Map<string, { name: string; content: string }>();
  let counter = 0;
  let expired = false;
  let revoked = false;
  let refusing = false;
  let keepsArguments = true;
  let granted: readonly string[] = BOT_SCOPES;
  let rates: Rates | undefined;
  const limited = new Map<string, number>();
  const next = (): number => (counter += 1);
  const stamp = (): string => `${1_700_000_000 + next()}.000100`;

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const wss = new WebSocketServer({ server, path: "/socket" });
  wss.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => sockets.delete(socket));
    socket.on("message", (data: Buffer) => {
      const { envelope_id, payload } = JSON.parse(data.toString("utf8"));
      acks.get(String(envelope_id))?.(payload ?? {});
    });
    socket.send(JSON.stringify({ type: "hello", num_connections: sockets.size }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  const base = `http://127.0.0.1:${address.port}`;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await read(request);
    const path = request.url ?? "";
    if (path.startsWith("/upload/")) {
      const id = path.slice("/upload/".length);
      uploads.set(id, { name: uploads.get(id)?.name ?? "", content: body });
      response.end("OK");
      return;
    }
    if (path.startsWith("/respond/")) {
      responded(path.slice("/respond/".length), JSON.parse(body));
      response.end("ok");
      return;
    }
    const method = path.slice("/api/".length);
    const args = argsOf(body);
    calls.push({ method, args: keepsArguments ? args : {}, at: Date.now() });
    const send = (result: Json, status = 200, headers: Record<string, string> = {}): void => {
      const rights = { "x-oauth-scopes": granted.join(",") };
      response
        .writeHead(status, { "content-type": "application/json", ...rights, ...headers })
        .end(JSON.stringify(result));
    };
    const retryAfter = rates?.take(method, word(args["channel"])) ?? 0;
    if (retryAfter > 0) {
      limited.set(method, (limited.get(method) ?? 0) + 1);
      return send({ ok: false, error: "ratelimited" }, 429, { "retry-after": `${retryAfter}` });
    }
    const waiting = troubles.get(method) ?? [];
    const at = waiting.findIndex(
      (item) => item.kind !== "limited" || item.channel === undefined || item.channel === args["channel"],
    );
    const trouble = at < 0 ? undefined : waiting.splice(at, 1)[0];
    if (trouble?.kind === "limited")
      return send({ ok: false, error: "ratelimited" }, 429, { "retry-after": `${trouble.seconds}` });
    if (trouble?.kind === "status") return send({ ok: false }, trouble.status);
    if (trouble?.kind === "refused") return send({ ok: false, error: trouble.error });
    if (trouble?.kind === "slow") await trouble.until;
    const result = revoked ? { ok: false, error: "token_revoked" } : respond(method, args);
    if (trouble?.kind === "dropped") {
      response.destroy();
      return;
    }
    send(result);
  };

  const refuse = (method: string, found: readonly string[]): Json => {
    problems.push(...found.map((problem) => `${method}: ${problem}`));
    const tooLong = found.some((problem) => problem.startsWith("msg_blocks_too_long"));
    return {
      ok: false,
      error: tooLong ? "msg_blocks_too_long" : "invalid_blocks",
      response_metadata: { messages: found },
    };
  };

  const respond = (method: string, args: Json): Json => {
    const why = closed.get(word(args["channel"]) || word(args["channel_id"]));
    if (why !== undefined && method === "conversations.info" && why !== "channel_not_found") {
      return { ok: true, channel: { is_member: why === "is_archived", is_archived: why === "is_archived" } };
    }
    if (why !== undefined) return { ok: false, error: why };
    switch (method) {
      case "auth.test":
        return { ok: true, team_id: BOT.team, user_id: BOT.user, bot_id: BOT.id, team: "Home", user: "coxswain" };
      case "conversations.info":
        return { ok: true, channel: { id: args["channel"], name: "work", is_member: args["channel"] !== "C0OUT" } };
      case "apps.connections.open":
        if (refusing) return { ok: false, error: "internal_error" };
        return { ok: true, url: `${base.replace("http", "ws")}/socket?ticket=${next()}` };
      case "chat.postMessage":
      case "chat.postEphemeral": {
        const found = messageProblems(args);
        if (found.length > 0) return refuse(method, found);
        const ts = stamp();
        const only = method === "chat.postEphemeral" ? { onlyFor: String(args["user"]) } : {};
        messages.push({ ...messageOf(args), ts, edits: 0, ...only });
        return { ok: true, ts, channel: args["channel"], message_ts: ts };
      }
      case "chat.update": {
        const found = messageProblems(args);
        if (found.length > 0) return refuse(method, found);
        const message = messages.find(({ ts, channel }) => ts === args["ts"] && channel === args["channel"]);
        if (message === undefined) return { ok: false, error: "message_not_found" };
        const ids = new Set(message.blocks.flatMap((block) => (block["type"] === "input" ? [block["block_id"]] : [])));
        const { blocks, text } = messageOf(args);
        if (blocks.some((block) => ids.has(block["block_id"]))) return refuse(method, ["an input keeps its block_id"]);
        Object.assign(message, { blocks, text, edits: message.edits + 1 });
        return { ok: true, ts: message.ts };
      }
      case "conversations.replies":
      case "conversations.history": {
        const inThread = messages.filter(
          ({ channel, thread, ts, onlyFor }) =>
            onlyFor === undefined &&
            channel === args["channel"] &&
            (method === "conversations.history" ? thread === undefined : thread === args["ts"] || ts === args["ts"]),
        );
        return { ok: true, messages: inThread.map((message) => wire(message)) };
      }
      case "users.info": {
        const id = String(args["user"]);
        const user = users.get(id);
        if (user === undefined) return { ok: false, error: "user_not_found" };
        return { ok: true, user: wireUser(id, user) };
      }
      case "usergroups.list":
        return { ok: true, usergroups: [...groups.keys()].map((id) => ({ id, handle: `handle-of-${id}` })) };
      case "usergroups.users.list":
        return { ok: true, users: groups.get(String(args["usergroup"])) ?? [] };
      case "views.open": {
        const view = parsed(args["view"]);
        const found = viewProblems(view);
        if (found.length > 0) return refuse(method, found);
        const [, user = ""] = String(args["trigger_id"]).split("|");
        if (expired || user === "") return { ok: false, error: "expired_trigger_id" };
        const made: FakeView = { id: `V${next()}`, hash: `${next()}`, view, user };
        views.push(made);
        return { ok: true, view: { id: made.id, hash: made.hash } };
      }
      case "views.update": {
        const view = parsed(args["view"]);
        const found = viewProblems(view);
        if (found.length > 0) return refuse(method, found);
        const known = views.find(({ id }) => id === args["view_id"]);
        if (known === undefined) return { ok: false, error: "not_found" };
        if (args["hash"] !== undefined && args["hash"] !== known.hash) return { ok: false, error: "hash_conflict" };
        Object.assign(known, { view, hash: `${next()}` });
        return { ok: true };
      }
      case "views.publish": {
        const view = parsed(args["view"]);
        const found = viewProblems(view);
        if (found.length > 0) return refuse(method, found);
        homes.set(String(args["user_id"]), view);
        return { ok: true };
      }
      case "files.getUploadURLExternal": {
        const id = `F${next()}`;
        uploads.set(id, { name: String(args["filename"]), content: "" });
        return { ok: true, upload_url: `${base}/upload/${id}`, file_id: id };
      }
      case "files.completeUploadExternal": {
        for (const { id } of JSON.parse(String(args["files"])) as { id: string }[]) {
          const file = uploads.get(id);
          if (file === undefined) return { ok: false, error: "file_not_found" };
          const where = { channel: String(args["channel_id"]), thread: String(args["thread_ts"]) };
          messages.push({ ...where, ts: stamp(), text: "", blocks: [], key: undefined, edits: 0, file });
        }
        return { ok: true };
      }
      default:
        problems.push(`unknown method ${method}`);
        return { ok: false, error: "unknown_method" };
    }
  };

  const responded = (user: string, message: Json): void => {
    const found = messageProblems(message);
    problems.push(...found.map((problem) => `response: ${problem}`));
    const [who = "", channel = "", ts = ""] = user.split("~");
    const { blocks, text } = messageOf(message);
    const known = messages.find((posted) => posted.ts === ts);
    if (message["replace_original"] === true && known !== undefined) {
      Object.assign(known, { blocks, text, edits: known.edits + 1 });
      return;
    }
    messages.push({ channel, ts: stamp(), thread: undefined, text, blocks, key: undefined, onlyFor: who, edits: 0 });
  };

  const deliver: FakeSlack["deliver"] = async (type, payload, how = {}) => {
    const envelope_id = `env-${next()}`;
    const retry = how.retry === undefined ? {} : { retry_attempt: how.retry, retry_reason: "timeout" };
    const envelope = JSON.stringify({
      envelope_id,
      type,
      payload,
      accepts_response_payload: type !== "events_api",
      ...retry,
    });
    const acked = new Promise<Json>((resolve) => acks.set(envelope_id, resolve));
    const targets = how.everywhere === true ? [...sockets] : [...sockets].slice(0, 1);
    if (targets.length === 0) throw new Error("no socket stands");
    for (const socket of targets) socket.send(envelope);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), how.patienceMs ?? PATIENCE_MS);
    });
    const came = await Promise.race([acked, late]);
    clearTimeout(timer);
    return { ack: came === undefined ? undefined : { payload: came } };
  };
  const interaction = (user: string, more: Json): Json => ({
    team: { id: BOT.team },
    user: { id: user, team_id: users.get(user)?.team ?? BOT.team },
    trigger_id: `trigger-${next()}|${user}`,
    ...more,
  });
  const valuesOf: FakeSlack["valuesOf"] = ({ view }, changes = {}) =>
    Object.fromEntries(
      blocksOf(view)
        .filter(({ type }) => type === "input")
        .map((block) => {
          const element = parsed(block["element"]);
          const id = String(block["block_id"]);
          return [id, { [String(element["action_id"])]: id in changes ? changes[id] : standing(element) }];
        }),
    );

  return {
    apiUrl: `${base}/api/`,
    calls,
    problems,
    messages,
    views,
    homes,
    users,
    groups,
    closed,
    bot: BOT,
    sockets: () => sockets.size,
    trouble: (method, ...more) => troubles.set(method, [...(troubles.get(method) ?? []), ...more]),
    deliver,
    say: async (user, channel, text, more = {}, how = {}) => {
      const ts = typeof more["ts"] === "string" ? more["ts"] : stamp();
      const event = {
        type: "message",
        user,
        channel,
        channel_type: "channel",
        ts,
        text,
        team: users.get(user)?.team ?? BOT.team,
        ...more,
      };
      const payload = {
        type: "event_callback",
        team_id: BOT.team,
        event_id: `Ev${next()}`,
        authorizations: [{ team_id: BOT.team }],
        event,
      };
      return { ts, ack: (await deliver("events_api", payload, how)).ack };
    },
    click: (user, message, action, how = {}) => {
      const element = blocksOf(message)
        .flatMap((block) => blocksOf({ blocks: block["elements"] }))
        .find(({ action_id }) => action_id === action);
      const thread = message.thread === undefined ? {} : { thread_ts: message.thread };
      const payload = interaction(user, {
        type: "block_actions",
        response_url: `${base}/respond/${user}~${message.channel}~${message.ts}`,
        container: {
          type: "message",
          message_ts: message.ts,
          channel_id: message.channel,
          is_ephemeral: message.onlyFor !== undefined,
          ...thread,
        },
        channel: { id: message.channel },
        message: { ts: message.ts, ...thread },
        actions: [{ type: "button", action_id: action, value: element?.["value"], action_ts: how.actionTs ?? stamp() }],
      });
      return deliver("interactive", payload, how);
    },
    valuesOf,
    submit: async (form, changes = {}) => {
      const view = { id: form.id, hash: form.hash, ...form.view, state: { values: valuesOf(form, changes) } };
      const outcome = await deliver("interactive", interaction(form.user, { type: "view_submission", view }));
      const action = outcome.ack?.payload["response_action"];
      if (action === "update") {
        const updated = parsed(outcome.ack?.payload["view"]);
        problems.push(...viewProblems(updated).map((problem) => `response_action: ${problem}`));
        Object.assign(form, { view: updated, hash: `${next()}` });
      } else if (action === undefined && outcome.ack !== undefined) views.splice(views.indexOf(form), 1);
      return outcome;
    },
    goHome: (user) =>
      deliver("events_api", {
        type: "event_callback",
        event_id: `Ev${next()}`,
        team_id: BOT.team,
        event: { type: "app_home_opened", user, tab: "home" },
      }),
    chooseAtHome: (user, action_id, value) => {
      const home = homes.get(user) ?? {};
      const block = blocksOf(home).find(({ elements }) =>
        blocksOf({ blocks: elements }).some((element) => element["action_id"] === action_id),
      );
      const chosen = { type: "static_select", action_id, action_ts: stamp(), selected_option: { value } };
      const payload = {
        type: "block_actions",
        container: { type: "view", view_id: `VHOME${user}` },
        view: { id: `VHOME${user}`, hash: `${next()}`, ...home },
        actions: [{ ...chosen, block_id: block?.["block_id"] }],
      };
      return deliver("interactive", interaction(user, payload));
    },
    command: (user, channel, text) => {
      const trigger_id = `trigger-${next()}|${user}`;
      const response_url = `${base}/respond/${user}~${channel}~`;
      const body = {
        command: "/cox",
        text,
        user_id: user,
        channel_id: channel,
        team_id: BOT.team,
        trigger_id,
        response_url,
      };
      return deliver("slash_commands", body);
    },
    shortcut: (user, message, callback_id) => {
      const thread = message.thread === undefined ? {} : { thread_ts: message.thread };
      const about = { ts: message.ts, text: message.text, ...thread };
      const response_url = `${base}/respond/${user}~${message.channel}~`;
      const payload = {
        type: "message_action",
        callback_id,
        channel: { id: message.channel },
        message: about,
        response_url,
      };
      return deliver("interactive", interaction(user, payload));
    },
    refresh: (which) => {
      for (const socket of which === "all" ? sockets : [...sockets].slice(0, 1)) {
        socket.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested" }));
        // Slack sends nothing more there.
        sockets.delete(socket);
      }
    },
    refuseSockets: (yes) => {
      refusing = yes;
    },
    cut: () => {
      for (const socket of sockets) socket.terminate();
      sockets.clear();
    },
    expireTriggers: (yes) => {
      expired = yes;
    },
    revoke: (yes) => {
      revoked = yes;
    },
    grant: (...scopes) => {
      granted = scopes;
    },
    enforceRates: (clock) => {
      rates = createRates(clock);
    },
    forgetArguments: () => {
      keepsArguments = false;
    },
    limited: () => limited,
    close: async () => {
      for (const socket of sockets) socket.terminate();
      wss.close();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };

  function wire(message: FakeMessage): Json {
    return {
      ts: message.ts,
      text: message.text,
      ...(message.thread === undefined ? {} : { thread_ts: message.thread }),
      ...(message.key === undefined ? {} : { metadata: { event_type: "x", event_payload: { key: message.key } } }),
      ...(message.file === undefined ? {} : { files: [{ name: message.file.name }] }),
    };
  }
}

function wireUser(id: string, { name, team, guest, bot, locale }: FakeUser): Json {
  return {
    id,
    team_id: team ?? BOT.team,
    real_name: name,
    name,
    locale: locale ?? "en-US",
    is_restricted: guest ?? false,
    is_bot: bot ?? false,
    profile: { display_name: name },
  };
}

function messageOf(args: Json): Pick<FakeMessage, "channel" | "thread" | "text" | "blocks" | "key"> {
  const key = parsed(parsed(args["metadata"])["event_payload"])["key"];
  return {
    channel: word(args["channel"]),
    thread: args["thread_ts"] === undefined ? undefined : word(args["thread_ts"]),
    text: word(args["text"]),
    blocks: blocksOf(args),
    key: typeof key === "string" ? key : undefined,
  };
}

/** What an input holds without anybody's doing. */
function standing(element: Json): Json {
  return {
    value: element["initial_value"] ?? null,
    selected_option: element["initial_option"] ?? null,
    selected_options: element["initial_options"] ?? [],
  };
}

function word(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function blocksOf({ blocks }: { readonly blocks?: unknown }): Json[] {
  return Array.isArray(blocks) ? blocks.map(parsed) : [];
}

function parsed(value: unknown): Json {
  const known: unknown = typeof value === "string" ? JSON.parse(value) : value;
  return typeof known === "object" && known !== null && !Array.isArray(known) ? { ...known } : {};
}

/** Forms as Slack's own clients send them, with everything that is no text as JSON. */
function argsOf(body: string): Json {
  const fields = Object.fromEntries(new URLSearchParams(body));
  const known = ["blocks", "metadata", "view"];
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, known.includes(name) ? JSON.parse(value) : value]),
  );
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString("utf8");
}
