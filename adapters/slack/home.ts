import type { HomeView, KnownBlock } from "@slack/types";
import { z } from "zod";
import { queueLines, runLines } from "../../src/commands/run-lists.ts";
import type { RunSummary } from "../../src/contracts/document.ts";
import { messageOf } from "../../src/errors.ts";
import { bullets, header, line, rich, span } from "./blocks.ts";
import { visitorOf, type Desk, type Visitor } from "./desk.ts";
import { SURFACE_NAME } from "./surface.ts";

const HomeOpened = z.object({ event: z.object({ user: z.string(), tab: z.string().optional() }) });
/** Of the newest runs, so many are looked through for one's own. */
const LOOKED_THROUGH = 200;
const LISTED = 10;

/** The Home tab: what waits for an answer, one's own runs, the queue, and what failed for good. */
export async function showHome(desk: Desk, body: unknown): Promise<void> {
  const opened = HomeOpened.safeParse(body).data?.event;
  if (opened === undefined || (opened.tab ?? "home") !== "home") return;
  const visitor = await visitorOf(desk, { user: opened.user, team: undefined });
  const view = visitor.refusal === undefined ? await homeView(desk, visitor) : noteView(visitor.refusal);
  try {
    await desk.pace.turn("views", "");
    await desk.api.call("views.publish", { user_id: opened.user, view }, { rate: "views", answer: z.unknown() });
  } catch (error) {
    // It is only looked at; opening it again is all that is lost.
    desk.log.warn({ err: messageOf(error) }, "the Home tab was not shown");
  }
}

async function homeView({ query }: Desk, { actor, words }: Visitor): Promise<HomeView> {
  const [waiting, dead, newest, queue] = await Promise.all([
    query.runs({ status: "waiting", limit: LISTED, offset: 0 }),
    query.runs({ status: "dead_letter", limit: LISTED, offset: 0 }),
    query.runs({ limit: LOOKED_THROUGH, offset: 0 }),
    query.queue(),
  ]);
  const mine = newest.runs.filter(({ tenant }) => tenant === `${SURFACE_NAME}:${actor.user}`);
  const none = [words.t("chat.no_runs")];
  const list = (runs: readonly RunSummary[], total: number): string[] =>
    runs.length === 0 ? none : runLines(runs.slice(0, LISTED), total, words);
  const sections: [string, readonly string[]][] = [
    [words.t("slack.home.waiting"), list(waiting.runs, waiting.total)],
    [words.t("slack.home.mine"), list(mine, mine.length)],
    [words.t("slack.home.queue"), queueLines(queue, words)],
    [words.t("slack.home.dead"), list(dead.runs, dead.total)],
  ];
  const blocks: KnownBlock[] = [
    rich("home.hint", line(span(words.t("slack.home.hint"), "italic"))),
    ...sections.flatMap(([heading, lines], at) => [
      header(`home.${at}`, heading),
      rich(`home.${at}.lines`, bullets(lines)),
    ]),
  ];
  return { type: "home", blocks };
}

function noteView(text: string): HomeView {
  return { type: "home", blocks: [rich("home.note", line(span(text)))] };
}
