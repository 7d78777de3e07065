import { Hono } from "hono";
import { bulkRetryLines, retryLetters } from "../../../src/commands/bulk-retry.ts";
import { queueActIn } from "../../../src/commands/queue-words.ts";
import type { DecisionCard } from "../../../src/contracts/card.ts";
import { Command, REASON_LIMIT } from "../../../src/contracts/command.ts";
import { RunId } from "../../../src/contracts/id.ts";
import type { RouteOptions } from "../app.ts";
import { noteOf, type Note } from "../notes.ts";
import { field, translateClick, type Fields } from "../translate.ts";
import { HOME_CHANNEL } from "../talk.ts";
import { actorOf, remember, viewerOf, type Viewer } from "../viewer.ts";
import { shippedLanguageFor } from "../../../src/i18n.ts";
import { backWith, sentForm } from "./request.ts";

/** Clicks on cards, and the choice of who you are. */
export function actRoutes(options: RouteOptions): Hono {
  const { door, query, store, notes, personas, formToken, problem, refusalOf } = options;
  const app = new Hono();

  app.post("/act", async (c) => {
    const sent = await sentForm(c, formToken);
    if (sent === undefined) return problem(c, "stale_form");
    const { fields, click, back } = sent;
    const viewer = viewerOf(c, options);
    const { decision, letter } = await cardsOf(field(fields, "run"));
    const meant = translateClick(fields, `web:${viewer.persona.id}:${click}`, actorOf(viewer), decision, letter);
    if (meant.kind === "unknown") return problem(c, "unknown");
    if (meant.kind === "inspect") return c.redirect(`/runs/${meant.runId}`, 303);
    const command = Command.safeParse(meant.command);
    const about = meant.command.runId;
    if (!command.success) {
      // Who may is said first: somebody who may not has no use for what is missing.
      const owner = (await query.run(about))?.requestedBy;
      const refusal = refusalOf(meant.command.kind, actorOf(viewer), owner);
      const text =
        refusal === undefined
          ? viewer.words.t("web.act.invalid", { limit: reasonLimit(decision(about)) })
          : viewer.words.say(refusal);
      notes.add(click, { tone: "refused", text, about, values: fields });
      return backWith(c, back, click);
    }
    const reply = await door.handle(command.data);
    const note = noteOf(reply) ?? doneNote(command.data, viewer);
    if (note !== undefined) notes.add(click, { ...note, about, values: note.tone === "refused" ? fields : {} });
    if (reply.kind === "accepted" && command.data.kind === "decision.undo") await tellUndo(about, click, viewer);
    return backWith(c, back, note === undefined ? undefined : click);
  });

  app.post("/dead-letters/retry", async (c) => {
    const sent = await sentForm(c, formToken);
    if (sent === undefined) return problem(c, "stale_form");
    const { fields, click, back } = sent;
    const viewer = viewerOf(c, options);
    const filter = { macro: filled(fields, "macro"), code: filled(fields, "code") };
    // All of everything at once is nothing that a button may mean.
    if (filter.macro === undefined && filter.code === undefined) return problem(c, "unknown");
    const who = { commandId: `web:${viewer.persona.id}:${click}`, by: actorOf(viewer) };
    const outcome = await retryLetters({ door, query }, filter, who);
    const tone = outcome.refused.length === 0 ? "info" : "refused";
    const text = bulkRetryLines(outcome, viewer.words).join(" ");
    notes.add(click, { tone, text, about: undefined, values: {} });
    return backWith(c, back, click);
  });

  app.post("/queue/act", async (c) => {
    const sent = await sentForm(c, formToken);
    if (sent === undefined) return problem(c, "stale_form");
    const { fields, click, back } = sent;
    const viewer = viewerOf(c, options);
    const names = (["tenant", "macro"] as const).map((kind) => [kind, filled(fields, kind)] as const);
    const target = names.flatMap(([kind, name]) => (name === undefined ? [] : [`--${kind}=${name}`]));
    const read = queueActIn([field(fields, "verb") ?? "", ...target]);
    if ("problem" in read) return problem(c, "unknown");
    const { language } = viewer.words;
    const command = { ...read.act, id: `web:${viewer.persona.id}:${click}`, by: actorOf(viewer), language };
    const note = noteOf(await door.handle(command));
    if (note !== undefined) notes.add(click, { ...note, about: undefined, values: {} });
    return backWith(c, back, note === undefined ? undefined : click);
  });

  app.post("/me", async (c) => {
    const sent = await sentForm(c, formToken);
    if (sent === undefined) return problem(c, "stale_form");
    const persona = personas.find(({ id }) => id === field(sent.fields, "persona"));
    const language = shippedLanguageFor(field(sent.fields, "language") ?? "");
    if (persona !== undefined) remember(c, "persona", persona.id);
    if (language !== undefined) remember(c, "language", language);
    return c.redirect(sent.back, 303);
  });

  /** The question is asked anew, and its card would not tell that somebody had allowed it and thought again. */
  const tellUndo = async (runId: RunId, click: string, { persona, words }: Viewer): Promise<void> => {
    if ((await store.thread(HOME_CHANNEL, runId)) === undefined) return;
    const text = words.t("web.act.undone", { who: persona.name });
    await store.addLine(HOME_CHANNEL, runId, { kind: "reply", key: `${click}/undone`, text });
  };

  /** The run's cards as they stand, read before the click is understood. */
  const cardsOf = async (named: string | undefined) => {
    const id = RunId.safeParse(named);
    const run = id.success ? await query.run(id.data) : undefined;
    const ifMeant =
      <T>(card: T | undefined) =>
      (runId: RunId) =>
        run?.summary.runId === runId ? card : undefined;
    return { decision: ifMeant(run?.decision), letter: ifMeant(run?.deadLetter) };
  };
  return app;
}

/** What was done where no card shows it: it is gone from the list, or looks as it did before. */
function doneNote({ kind }: Command, { words }: Viewer): Pick<Note, "tone" | "text"> | undefined {
  const isTold = kind === "dead_letter.retry" || kind === "dead_letter.discard" || kind === "decision.undo";
  return isTold ? { tone: "info", text: words.t(`web.act.done.${kind}`) } : undefined;
}

function filled(fields: Fields, name: string): string | undefined {
  const value = field(fields, name);
  return value === "" ? undefined : value;
}

/** A reason that a card asks for, as for a waiver, may be shorter than one to give something up for. */
function reasonLimit(decision: DecisionCard | null | undefined): number {
  const asked = decision?.args.find(({ id }) => id === "reason")?.definition;
  return asked?.type === "string" ? asked.maxLength : REASON_LIMIT;
}
