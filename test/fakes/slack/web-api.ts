import { messageOf, parsed, word } from "./payload.ts";
import { messageProblems, viewProblems } from "./rules.ts";
import { BOT, type FakeMessage, type FakeUser, type FakeView, type Json, type World } from "./world.ts";

type Method = (world: World, args: Json) => Json;

/** Every method that the adapter may call. */
const METHODS: Readonly<Record<string, Method>> = {
  "auth.test": () => ({
    ok: true,
    team_id: BOT.team,
    user_id: BOT.user,
    bot_id: BOT.id,
    team: "Home",
    user: "coxswain",
  }),
  "conversations.info": (_, { channel }) => ({
    ok: true,
    channel: { id: channel, name: "work", is_member: channel !== "C0OUT" },
  }),
  "apps.connections.open": ({ refusesSockets, base, next }) =>
    refusesSockets
      ? { ok: false, error: "internal_error" }
      : { ok: true, url: `${base.replace("http", "ws")}/socket?ticket=${next()}` },
  "chat.postMessage": (world, args) => post(world, "chat.postMessage", args, {}),
  "chat.postEphemeral": (world, args) => post(world, "chat.postEphemeral", args, { onlyFor: String(args["user"]) }),
  "chat.update": update,
  "conversations.replies": (world, args) =>
    messagesIn(world, args, ({ thread, ts }) => thread === args["ts"] || ts === args["ts"]),
  "conversations.history": (world, args) => messagesIn(world, args, ({ thread }) => thread === undefined),
  "users.info": ({ users }, args) => {
    const id = String(args["user"]);
    const user = users.get(id);
    return user === undefined ? { ok: false, error: "user_not_found" } : { ok: true, user: wireUser(id, user) };
  },
  "usergroups.list": ({ groups }) => ({
    ok: true,
    usergroups: [...groups.keys()].map((id) => ({ id, handle: `handle-of-${id}` })),
  }),
  "usergroups.users.list": ({ groups }, args) => ({ ok: true, users: groups.get(String(args["usergroup"])) ?? [] }),
  "views.open": openView,
  "views.update": updateView,
  "views.publish": (world, args) => {
    const view = parsed(args["view"]);
    const found = viewProblems(view);
    if (found.length > 0) return refuse(world, "views.publish", found);
    world.homes.set(String(args["user_id"]), view);
    return { ok: true };
  },
  "files.getUploadURLExternal": ({ base, uploads, next }, args) => {
    const id = `F${next()}`;
    uploads.set(id, { name: String(args["filename"]), content: "" });
    return { ok: true, upload_url: `${base}/upload/${id}`, file_id: id };
  },
  "files.completeUploadExternal": completeUpload,
};

/** What Slack answers to a call of its Web API. */
export function answerCall(world: World, method: string, args: Json): Json {
  const why = world.closed.get(word(args["channel"]) || word(args["channel_id"]));
  if (why !== undefined && method === "conversations.info" && why !== "channel_not_found") {
    return { ok: true, channel: { is_member: why === "is_archived", is_archived: why === "is_archived" } };
  }
  if (why !== undefined) return { ok: false, error: why };
  const answer = METHODS[method];
  if (answer !== undefined) return answer(world, args);
  world.problems.push(`unknown method ${method}`);
  return { ok: false, error: "unknown_method" };
}

/** What came to a `response_url`: it changes the message it is about, or says something to one person. */
export function takeResponse(world: World, to: string, message: Json): void {
  world.problems.push(...messageProblems(message).map((problem) => `response: ${problem}`));
  const [onlyFor = "", channel = "", about = ""] = to.split("~");
  const { blocks, text } = messageOf(message);
  const known = world.messages.find(({ ts }) => ts === about);
  if (message["replace_original"] === true && known !== undefined) {
    Object.assign(known, { blocks, text, edits: known.edits + 1 });
    return;
  }
  const ts = world.stamp();
  world.messages.push({ channel, ts, thread: undefined, text, blocks, key: undefined, onlyFor, edits: 0 });
}

function refuse({ problems }: World, method: string, found: readonly string[]): Json {
  problems.push(...found.map((problem) => `${method}: ${problem}`));
  const tooLong = found.some((problem) => problem.startsWith("msg_blocks_too_long"));
  return {
    ok: false,
    error: tooLong ? "msg_blocks_too_long" : "invalid_blocks",
    response_metadata: { messages: found },
  };
}

function post(world: World, method: string, args: Json, only: Pick<FakeMessage, "onlyFor">): Json {
  const found = messageProblems(args);
  if (found.length > 0) return refuse(world, method, found);
  const ts = world.stamp();
  world.messages.push({ ...messageOf(args), ts, edits: 0, ...only });
  return { ok: true, ts, channel: args["channel"], message_ts: ts };
}

function update(world: World, args: Json): Json {
  const found = messageProblems(args);
  if (found.length > 0) return refuse(world, "chat.update", found);
  const message = world.messages.find(({ ts, channel }) => ts === args["ts"] && channel === args["channel"]);
  if (message === undefined) return { ok: false, error: "message_not_found" };
  const ids = new Set(message.blocks.flatMap((block) => (block["type"] === "input" ? [block["block_id"]] : [])));
  const { blocks, text } = messageOf(args);
  if (blocks.some((block) => ids.has(block["block_id"])))
    return refuse(world, "chat.update", ["an input keeps its block_id"]);
  Object.assign(message, { blocks, text, edits: message.edits + 1 });
  return { ok: true, ts: message.ts };
}

function messagesIn({ messages }: World, args: Json, isAskedFor: (message: FakeMessage) => boolean): Json {
  const found = messages.filter(
    (message) => message.onlyFor === undefined && message.channel === args["channel"] && isAskedFor(message),
  );
  return { ok: true, messages: found.map(wireMessage) };
}

function openView(world: World, args: Json): Json {
  const view = parsed(args["view"]);
  const found = viewProblems(view);
  if (found.length > 0) return refuse(world, "views.open", found);
  const [, user = ""] = String(args["trigger_id"]).split("|");
  if (world.triggersExpire || user === "") return { ok: false, error: "expired_trigger_id" };
  const made: FakeView = { id: `V${world.next()}`, hash: `${world.next()}`, view, user };
  world.views.push(made);
  return { ok: true, view: { id: made.id, hash: made.hash } };
}

function updateView(world: World, args: Json): Json {
  const view = parsed(args["view"]);
  const found = viewProblems(view);
  if (found.length > 0) return refuse(world, "views.update", found);
  const known = world.views.find(({ id }) => id === args["view_id"]);
  if (known === undefined) return { ok: false, error: "not_found" };
  if (args["hash"] !== undefined && args["hash"] !== known.hash) return { ok: false, error: "hash_conflict" };
  Object.assign(known, { view, hash: `${world.next()}` });
  return { ok: true };
}

function completeUpload({ uploads, messages, stamp }: World, args: Json): Json {
  for (const { id } of JSON.parse(String(args["files"])) as { id: string }[]) {
    const file = uploads.get(id);
    if (file === undefined) return { ok: false, error: "file_not_found" };
    const where = { channel: String(args["channel_id"]), thread: String(args["thread_ts"]) };
    messages.push({ ...where, ts: stamp(), text: "", blocks: [], key: undefined, edits: 0, file });
  }
  return { ok: true };
}

function wireMessage(message: FakeMessage): Json {
  return {
    ts: message.ts,
    text: message.text,
    ...(message.thread === undefined ? {} : { thread_ts: message.thread }),
    ...(message.key === undefined ? {} : { metadata: { event_type: "x", event_payload: { key: message.key } } }),
    ...(message.file === undefined ? {} : { files: [{ name: message.file.name }] }),
  };
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
