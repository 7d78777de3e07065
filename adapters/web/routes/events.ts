import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { RouteOptions } from "../app.ts";
import type { LaneProgress, News, Topic } from "../changes.ts";
import { plainText } from "../../../src/plain-text.ts";
import { LIMITS } from "../limits.ts";
import { viewerOf, type Viewer } from "../viewer.ts";

const TOPIC =
  /^(?:runs|run:run_[a-z0-9]{8,40}|channel:[a-z][a-z0-9_-]{0,63}|thread:[a-z][a-z0-9_-]{0,63}\/[a-z0-9_]{1,60})$/;
const TOPICS_OF_A_PAGE = 10;

/** Tells a browser that something on its page changed; what it is, the browser then fetches. */
export function eventRoutes(options: RouteOptions): Hono {
  const { changes, keepAliveMs, problem } = options;
  const app = new Hono();
  app.get("/events", (c) => {
    const topics = new Set((c.req.query("topics") ?? "").split(" ").filter(isTopic).slice(0, TOPICS_OF_A_PAGE));
    if (topics.size === 0) return problem(c, "unknown");
    if (changes.size >= LIMITS.streams) return c.text("", 503);
    const viewer = viewerOf(c, options);
    return streamSSE(c, async (stream) => {
      const { mailbox, leave } = changes.open(topics);
      const timer = setInterval(() => mailbox.beat(), keepAliveMs);
      stream.onAbort(leave);
      try {
        // The browser may have gone before the listener above was there.
        if (stream.aborted) return;
        // After a restart of the bot a browser is back within a second; by itself it would wait for three or more.
        await stream.write("retry: 1000\n\n");
        for (let mail = await mailbox.take(); mail !== undefined; mail = await mailbox.take()) {
          if (mail.kind === "beat") await stream.write(": \n\n");
          else await stream.writeSSE(eventOf(mail.message, viewer));
        }
      } finally {
        clearInterval(timer);
        leave();
      }
    });
  });
  return app;
}

function eventOf(news: News, viewer: Viewer): { event: string; data: string } {
  if (news.kind === "changed") return { event: "changed", data: news.topic };
  return { event: "progress", data: JSON.stringify(shown(news.progress, viewer)) };
}

function shown({ laneId, done, total, text }: LaneProgress, { words }: Viewer): { laneId: string; text: string } {
  const count =
    total === null
      ? words.t("web.progress.done", { done: words.number(done) })
      : words.t("web.progress.of", { done: words.number(done), total: words.number(total) });
  // The script puts it into the page as it is, past the tag that makes hidden characters of everything else visible.
  return { laneId, text: text === null ? count : `${count} · ${plainText(words.say(text))}` };
}

function isTopic(name: string): name is Topic {
  return TOPIC.test(name);
}
