import { InputError } from "../../errors.ts";
import type { RunView } from "../../contracts/view.ts";
import { translatorFor } from "../../i18n.ts";
import { commandBase, existingRun, withSession, type Cli } from "../cli.ts";
import { acceptedBy, conductRun } from "../conduct.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { Session } from "../session.ts";
import { answeringOf } from "./run.ts";
import { listRuns } from "./status.ts";

const LISTED = 1000;

export async function listDeadLetters(cli: Cli): Promise<ExitCode> {
  return withSession(cli, async ({ query }) => {
    const { runs, total } = await query.runs({ status: "dead_letter", limit: LISTED, offset: 0 });
    for (const run of runs) cli.emit({ type: "dead_letter", ...run });
    if (runs.length === 0) cli.say(cli.translator.t("cli.dead_letters.none"));
    else listRuns(cli, runs);
    if (total > runs.length) cli.say(cli.translator.t("cli.more", { count: total - runs.length }));
    return EXIT.completed;
  });
}

export async function inspectDeadLetter(cli: Cli, id: string): Promise<ExitCode> {
  return withSession(cli, async (session) => {
    const { summary, failure, deadLetter, findings, artifacts, folder, envelope } = await deadLetterOf(
      cli,
      session,
      id,
    );
    const words = failure && { ...failure, text: translatorFor(envelope.resolvedOutputLanguage).say(failure.text) };
    cli.emit({ type: "dead_letter", ...summary, failure: words, card: deadLetter, findings, artifacts, folder });
    cli.say(deadLetter === null ? (words?.text ?? "") : cli.world.terminal.renderCard(deadLetter));
    return EXIT.completed;
  });
}

/** Takes the run up again at the stage that failed, and goes along with it. */
export async function retryDeadLetter(cli: Cli, id: string, options: { readonly answers?: string }): Promise<ExitCode> {
  const answering = answeringOf(cli, options.answers);
  return withSession(cli, async (session) => {
    const { runId } = (await deadLetterOf(cli, session, id)).summary;
    const reply = await session.door.handle({ ...commandBase(cli), kind: "dead_letter.retry", runId });
    const { version } = acceptedBy(reply);
    cli.emit({ type: "dead_letter.retried", runId });
    return conductRun(cli, session, { runId, answering, since: version });
  });
}

export async function discardDeadLetter(
  cli: Cli,
  id: string,
  { reason }: { readonly reason: string },
): Promise<ExitCode> {
  return withSession(cli, async (session) => {
    const { runId } = (await deadLetterOf(cli, session, id)).summary;
    acceptedBy(await session.door.handle({ ...commandBase(cli), kind: "dead_letter.discard", runId, reason }));
    cli.emit({ type: "dead_letter.discarded", runId, reason });
    cli.say(cli.translator.t("cli.dead_letters.discarded", { runId }));
    return EXIT.completed;
  });
}

async function deadLetterOf(cli: Cli, session: Session, id: string): Promise<RunView> {
  const view = await existingRun(cli, session, id);
  if (view.summary.status === "dead_letter") return view;
  const status = cli.translator.t(`cli.status.${view.summary.status}`);
  throw new InputError("run.no_dead_letter", cli.translator.t("cli.dead_letters.not_one", { id, status }));
}
