import { isAbsolute } from "node:path";
import { Hono, type Context } from "hono";
import { RunId } from "../../../src/contracts/id.ts";
import type { RouteOptions } from "../app.ts";
import { asDecided } from "../as-decided.ts";
import { LIMITS } from "../limits.ts";
import { channelPage, threadPage, type ChannelContent } from "../pages/chat.ts";
import { completions, HOME_CHANNEL, talk } from "../talk.ts";
import { ChannelName, CHANNELS, LOBBY } from "../thread.ts";
import { field } from "../translate.ts";
import { remember, viewerOf, type Viewer } from "../viewer.ts";
import { backWith, pageNumber, sceneOf, sentForm, showPage } from "./request.ts";

/** Channels, threads, and what people say in them. */
export function chatRoutes(options: RouteOptions): Hono {
  const { store, query, notes, formToken, problem } = options;
  const app = new Hono();

  app.get("/chat/:channel", async (c) => {
    const content = await contentOf(c, false);
    if (content === undefined) return problem(c, "not_found");
    const scene = sceneOf(c, options);
    return showPage(c, options, scene, channelPage(content, await store.thread(content.channel, LOBBY), scene));
  });

  app.get("/chat/:channel/:thread", async (c) => {
    const content = await contentOf(c, true);
    const id = RunId.safeParse(c.req.param("thread"));
    const thread = content === undefined || !id.success ? undefined : await store.thread(content.channel, id.data);
    if (content === undefined || thread === undefined) return problem(c, "not_found");
    const scene = sceneOf(c, options);
    return showPage(c, options, scene, threadPage(content, asDecided(thread, await query.run(thread.thread)), scene));
  });

  app.post("/chat/:channel/say", (c) => say(c, undefined));
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
    const workspace = field(fields, "workspace") ?? viewer.workspace;
    const wrong = problemWith(text, workspace, viewer);
    const here = runId === undefined ? `/chat/${channel}` : `/chat/${channel}/${runId}`;
    if (wrong !== undefined) {
      notes.add(click, { tone: "refused", text: wrong, about: undefined, values: fields });
      return backWith(c, here, click);
    }
    if (runId === undefined) remember(c, "workspace", workspace);
    const commandId = `web:${viewer.persona.id}:${click}`;
    const reply = await talk(options, viewer, { text, channel, runId, workspace, commandId });
    const started = reply.kind === "started";
    const thread = started ? reply.runId : (runId ?? LOBBY);
    const where = started ? HOME_CHANNEL : channel;
    const who = viewer.persona.name;
    const room = await store.addLine(where, thread, { kind: "said", key: `${click}/said`, who, text });
    // A run that was started shows itself; every other reply is words.
    if (room && !started)
      await store.addLine(where, thread, { kind: "reply", key: `${click}/reply`, text: reply.text });
    if (!room) {
      const full = viewer.words.t("web.say.full", { limit: LIMITS.linesInThread });
      notes.add(click, { tone: "refused", text: full, about: undefined, values: {} });
      return backWith(c, here, click);
    }
    const page = thread === LOBBY ? `/chat/${where}` : `/chat/${where}/${thread}`;
    return c.redirect(started ? page : `${page}#at-${click}-reply`, 303);
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
