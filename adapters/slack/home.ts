import type { ActionsBlock, HomeView, KnownBlock } from "@slack/types";
import { z } from "zod";
import { queueLines, runLines } from "../../src/commands/run-lists.ts";
import type { RunSummary } from "../../src/contracts/document.ts";
import { messageOf } from "../../src/errors.ts";
import { bullets, header, line, rich, span } from "./blocks.ts";
import { visitorOf, type Desk, type Visitor } from "./desk.ts";
import { option } from "./modals/inputs.ts";
import { AS_IN_SLACK, languageChoices } from "./own-language.ts";
import { LANGUAGE_CONTROL } from "./translate.ts";

const HomeOpened = z.object({ event: z.object({ user: z.string(), tab: z.string().optional() }) });
/** Of the newest runs, so many are looked through for one's own. */
const LOOKED_THROUGH = 200;
const LISTED = 10;

/** The Home tab: what waits for an answer, one's own runs, the queue, and what failed for good. */
export async function showHome(desk: Desk, body: unknown): Promise<void> {
  const opened = HomeOpened.safeParse(body).data?.event;
  if (opened !== undefined && (opened.tab ?? "home") === "home") await publishHome(desk, opened.user);
}

/** As it is for this person now. */
export async function publishHome(desk: Desk, user: string): Promise<void> {
  const visitor = await visitorOf(desk, { user, team: undefined });
  const view = visitor.refusal === undefined ? await homeView(desk, visitor) : noteView(visitor.refusal);
  try {
    await desk.pace.turn("views", "");
    await desk.api.call("views.publish", { user_id: user, view }, { rate: "views", answer: z.unknown() });
  } catch (error) {
    // It is only looked at; opening it again is all that is lost.
    desk.log.warn({ err: messageOf(error) }, "the Home tab was not shown");
  }
}

async function homeView(desk: Desk, visitor: Visitor): Promise<HomeView> {
  const { query } = desk;
  const { actor, words } = visitor;
  const all = { limit: LOOKED_THROUGH, offset: 0 };
  const [waiting, dead, newest, queue] = await Promise.all([
    query.runs({ ...all, status: "waiting" }),
    query.runs({ ...all, limit: LISTED, status: "dead_letter" }),
    query.runs(all),
    query.queue(),
  ]);
  const forMe = waiting.runs.filter(
    ({ requestedBy }) => desk.refusalOf("decision.answer", actor, requestedBy) === undefined,
  );
  const mine = newest.runs.filter(
    ({ requestedBy: by }) => by !== undefined && by.surface === actor.surface && by.user === actor.user,
  );
  const isOperator = desk.refusalOf("dead_letter.retry", actor, undefined) === undefined;
  const none = [words.t("chat.no_runs")];
  const list = (runs: readonly RunSummary[], total: number): string[] =>
    runs.length === 0 ? none : runLines(runs.slice(0, LISTED), total, words);
  const sections: [string, readonly string[]][] = [
    [words.t("slack.home.waiting"), list(forMe, forMe.length)],
    [words.t("slack.home.mine"), list(mine, mine.length)],
    [words.t("slack.home.queue"), queueLines(queue, words)],
    ...(isOperator ? [[words.t("slack.home.dead"), list(dead.runs, dead.total)] satisfies [string, string[]]] : []),
  ];
  const blocks: KnownBlock[] = [
    rich("home.hint", line(span(words.t("slack.home.hint"), "italic"))),
    ...sections.flatMap(([heading, lines], at) => [
      header(`home.${at}`, heading),
      rich(`home.${at}.lines`, bullets(lines)),
    ]),
    header("home.language", words.t("slack.home.language")),
    ...(desk.language === undefined
      ? [languageControl(visitor)]
      : [rich("home.language.fixed", line(span(words.t("slack.home.language_fixed"))))]),
  ];
  return { type: "home", blocks };
}

/** Ids that change with the choice: Slack keeps what was selected in a block whose id stays. */
function languageControl({ words, chosen }: Visitor): ActionsBlock {
  const options = [
    option(AS_IN_SLACK, words.t("slack.home.language_auto")),
    ...languageChoices().map(({ language, name }) => option(language, name)),
  ];
  const standing = options.find(({ value }) => value === (chosen ?? AS_IN_SLACK));
  return {
    type: "actions",
    block_id: `home.language.${chosen ?? AS_IN_SLACK}`,
    elements: [
      {
        type: "static_select",
        action_id: LANGUAGE_CONTROL,
        options,
        ...(standing === undefined ? {} : { initial_option: standing }),
      },
    ],
  };
}

function noteView(text: string): HomeView {
  return { type: "home", blocks: [rich("home.note", line(span(text)))] };
}
