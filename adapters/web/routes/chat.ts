import { isAbsolute } from "node:path";
import { Hono, type Context } from "hono";
import { parseChat } from "../../../src/commands/chat.ts";
import { startOffered } from "../../../src/commands/converse.ts";
import { RunId } from "../../../src/contracts/id.ts";
import type { RouteOptions } from "../app.ts";
import { asDecided } from "../as-decided.ts";
import { LIMITS } from "../limits.ts";
import { channelPage, threadPage, type ChannelContent } from "../pages/chat.ts";
import { previewPage } from "../pages/preview.ts";
import { completions, HOME_CHANNEL, talk } from "../talk.ts";
import { ChannelName, CHANNELS, LOBBY } from "../thread.ts";
import { field } from "../translate.ts";
import { rememberWorkspace, viewerOf, type Viewer } from "../viewer.ts";
import { backWith, pageNumber, sceneOf, sentForm, showPage } from "./request.ts";

/** Channels, threads, and what people say in them. */
export function chatRoutes(options: RouteOptions): Hono {
  const { store, query, notes, formToken, previews, problem } = options;
  const app = new Hono();

  app.get("/chat/:channel", async (c) => {
    const content = await contentOf(c, false);
    if (content === undefined) return problem(c, "not_found");
    const scene = sceneOf(c, options);
    return showPage(c, options, scene, channelPage(content, await store.thread(content.channel, LOBBY), scene));
  });

  app.get("/chat/:channel/preview", async (c) => {
    const channel = channelOf(c);
    const lobby = channel === undefined ? undefined : await store.thread(channel, LOBBY);
    const entry = lobby?.entries.find(({ key }) => key === c.req.query("key"));
    if (entry?.kind !== "card") return problem(c, "not_found");
    const scene = sceneOf(c, options);
    const back = { href: `/chat/${channel}`, key: "web.preview.back_to_channel" } as const;
    return showPage(c, options, scene, await previewPage(entry.card, previews, back, scene));
  });

  app.get("/chat/:channel/:thread", async (c) => {
    const content = await contentOf(c, true);
    const id = RunId.safeParse(c.req.param("thread"));
    const thread = content === undefined || !id.success ? undefined : await store.thread(content.channel, id.data);
    if (content === undefined || thread === undefined) return problem(c, "not_found");
    const scene = sceneOf(c, options);
    const run = await query.run(thread.thread);
    const aside = run === undefined ? await query.setAside(thread.thread) : undefined;
    return showPage(c, options, scene, threadPage(content, asDecided(thread, run), { run, aside }, scene));
  });

  app.post("/chat/:channel/say", (c) => say(c, undefined));
  app.post("/chat/:channel/start", (c) => start(c));
  app.post("/chat/:channel/:thread/say", async (c) => {
    const id = RunId.safeParse(c.req.param("thread"));
    return id.success ? say(c, id.data) : problem(c, "not_found");
  });

  const say = async (c: Context, runId: RunId | undefined): Promise<Response> => {
    const sent = await sentForm(c, formToken);
    if (sent === undefined) return problem(c, "stale_form");
    const channel = channelOf(c);
    if (channel === undefined) return problem(c, "not_found");
    const { fields, click } = sent;
    const viewer = viewerOf(c, options);
    const text = (field(fields, "text") ?? "").trim();
    // What is said in a thread is about the folder of its run, whatever was written elsewhere meanwhile.
    const about = runId === undefined ? undefined : (await query.run(runId))?.summary.workspace;
    const workspace = about ?? field(fields, "workspace") ?? viewer.workspace;
    const wrong = problemWith(text, workspace, viewer);
    const here = runId === undefined ? `/chat/${channel}` : `/chat/${channel}/${runId}`;
    if (wrong !== undefined) {
      notes.add(click, { tone: "refused", text: wrong, about: undefined, values: fields });
      return backWith(c, here, click);
    }
    if (runId === undefined) rememberWorkspace(c, viewer, workspace);
    const commandId = `web:${viewer.persona.id}:${click}`;
    const request = parseChat(text, { inThread: runId !== undefined });
    const reply = await talk(options, viewer, { text, request, channel, runId, workspace, commandId });
    const who = viewer.persona.name;
    if (reply.kind === "started") return toRun(c, reply.runId, { kind: "said", key: `${click}/said`, who, text });
    const thread = runId ?? LOBBY;
    const room = await store.addLine(channel, thread, { kind: "said", key: `${click}/said`, who, text });
    if (!room) return noRoom(c, click, here, viewer);
    if (reply.kind === "text") {
      await store.addLine(channel, thread, { kind: "reply", key: `${click}/reply`, text: reply.text });
      return c.redirect(`${here}#at-${click}-reply`, 303);
    }
    await store.addLine(channel, thread, { ...reply, key: `${click}/offer`, workspace, runId: null });
    // At its button, so that Enter starts it.
    return c.redirect(`${here}#start-${click}-offer`, 303);
  };

  /** The button of an offer. One offer is one run, however often and by whomever it is clicked. */
  const start = async (c: Context): Promise<Response> => {
    const sent = await sentForm(c, formToken);
    const channel = channelOf(c);
    const lobby = sent === undefined || channel === undefined ? undefined : await store.thread(channel, LOBBY);
    const key = field(sent?.fields ?? {}, "offer");
    const offer = lobby?.entries.find((entry) => entry.kind === "offer" && entry.key === key);
    if (sent === undefined || channel === undefined || offer?.kind !== "offer") return problem(c, "stale_form");
    const viewer = viewerOf(c, options);
    const { goal: text, workspace } = offer;
    const said = { text, request: startOffered(text), channel, runId: undefined, workspace };
    const reply = await talk(options, viewer, { ...said, commandId: `web:offer:${offer.key}` });
    if (reply.kind !== "started") {
      notes.add(sent.click, { tone: "refused", text: reply.text, about: undefined, values: {} });
      return backWith(c, `/chat/${channel}`, sent.click);
    }
    await store.offerTaken(channel, offer.key, reply.runId);
    const who = viewer.persona.name;
    return toRun(c, reply.runId, { kind: "said", key: `${offer.key}/said`, who, text });
  };

  /** A run that was started shows itself; what was asked for stands in its thread. */
  const toRun = async (c: Context, runId: RunId, line: Parameters<typeof store.addLine>[2]): Promise<Response> => {
    await store.addLine(HOME_CHANNEL, runId, line);
    return c.redirect(`/chat/${HOME_CHANNEL}/${runId}`, 303);
  };

  const noRoom = (c: Context, click: string, here: string, { words }: Viewer): Response => {
    const full = words.t("web.say.full", { limit: LIMITS.linesInThread });
    notes.add(click, { tone: "refused", text: full, about: undefined, values: {} });
    return backWith(c, here, click);
  };

  const contentOf = async (c: Context, inThread: boolean): Promise<ChannelContent | undefined> => {
    const channel = channelOf(c);
    if (channel === undefined) return undefined;
    const page = pageNumber(c);
    const listed = await store.threads(channel, LIMITS.threadsListed, (page - 1) * LIMITS.threadsListed);
    // A channel of another name exists where a setting has named it and something was posted there.
    if (listed.total === 0 && !CHANNELS.some((known) => known === channel)) return undefined;
    return {
      channel,
      ...listed,
      page,
      completions: completions(options.catalog, inThread, viewerOf(c, options).words),
    };
  };
  return app;
}

function channelOf(c: Context): string | undefined {
  return ChannelName.safeParse(c.req.param("channel")).data;
}

function problemWith(text: string, workspace: string, { words }: Viewer): string | undefined {
  if (text === "") return words.t("web.say.empty");
  if (text.length > LIMITS.lineCharacters) {
    return words.t("web.say.too_long", { limit: LIMITS.lineCharacters, length: text.length });
  }
  return isAbsolute(workspace) ? undefined : words.t("web.say.workspace", { came: workspace });
}
