import { argumentsOfRun } from "../../commands/arguments-in-force.ts";
import { REASON_LIMIT } from "../../contracts/command.ts";
import type { RunId } from "../../contracts/id.ts";
import { InputError } from "../../errors.ts";
import type { RunView } from "../../contracts/view.ts";
import { translatorFor } from "../../i18n.ts";
import { bulkRetryLines, retryLetters, type LetterFilter } from "../../commands/bulk-retry.ts";
import { parseArguments } from "../argument-values.ts";
import { commandBase, existingRun, lookInside, withSession, type Cli } from "../cli.ts";
import { acceptedBy, conductRun } from "../conduct.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { Session } from "../session.ts";
import { answeringOf } from "./run.ts";
import { listRuns } from "./status.ts";

const LISTED = 1000;

export async function listDeadLetters(cli: Cli): Promise<ExitCode> {
  return lookInside(cli, undefined, async ({ query }) => {
    const { runs, total } = await query.runs({ status: "dead_letter", limit: LISTED, offset: 0 });
    for (const { failureCode: code, ...run } of runs) cli.emit({ type: "dead_letter", ...run, code });
    if (runs.length === 0) cli.say(cli.translator.t("cli.dead_letters.none"));
    else listRuns(cli, runs);
    if (total > runs.length) cli.say(cli.translator.t("cli.more", { count: total - runs.length }));
    return EXIT.completed;
  });
}

export async function inspectDeadLetter(cli: Cli, id: string): Promise<ExitCode> {
  return lookInside(cli, id, async (session) => {
    const { summary, failure, deadLetter, findings, artifacts, folder, envelope } = await deadLetterOf(
      cli,
      session,
      id,
    );
    const words = failure && { ...failure, text: translatorFor(envelope.resolvedOutputLanguage).say(failure.text) };
    const kept = await keptOf(session, summary.runId);
    cli.emit({
      type: "dead_letter",
      ...summary,
      failure: words,
      card: deadLetter,
      findings,
      artifacts,
      folder,
      ...kept,
    });
    cli.say(deadLetter === null ? (words?.text ?? "") : cli.world.terminal.renderCard(deadLetter));
    return EXIT.completed;
  });
}

/** What a program may want to look into: every attempt with its failure, what went in, and the packets (M8). */
async function keptOf({ query }: Session, runId: RunId) {
  const run = (await query.document(runId))?.run;
  return run && { task: run.task, inputs: argumentsOfRun(run), dispatches: run.dispatches, packets: run.packets };
}

export interface RetryOptions extends LetterFilter {
  readonly answers?: string;
  readonly arg?: readonly string[];
}

/** Takes one run up again at the stage that failed and goes along with it, or sends back all that a filter means. */
export async function retryDeadLetters(cli: Cli, id: string | undefined, options: RetryOptions): Promise<ExitCode> {
  const { macro, code, arg, answers } = options;
  const filtered = macro !== undefined || code !== undefined;
  if (id === undefined ? !filtered || arg !== undefined || answers !== undefined : filtered) {
    throw new InputError("dead_letters.which", cli.translator.t("cli.dead_letters.which"));
  }
  return id === undefined ? retryMany(cli, { macro, code }) : retryOne(cli, id, options);
}

async function retryMany(cli: Cli, filter: LetterFilter): Promise<ExitCode> {
  return withSession(cli, async (session) => {
    const { id: commandId, by } = commandBase(cli);
    const outcome = await retryLetters(session, filter, { commandId, by });
    cli.emit({ type: "dead_letters.retried", ...outcome });
    for (const line of bulkRetryLines(outcome, cli.translator)) cli.say(line);
    // Without a bot nobody works on them: this program works on one run at a time.
    if (session.owner && outcome.retried.length > 0)
      cli.say(cli.translator.t("cli.dead_letters.need_bot", { command: cli.commandLine("resume <runId>") }));
    return outcome.refused.length === 0 ? EXIT.completed : EXIT.failed;
  });
}

async function retryOne(cli: Cli, id: string, { answers, arg = [] }: RetryOptions): Promise<ExitCode> {
  const answering = answeringOf(cli, answers);
  return withSession(cli, async (session) => {
    const { runId, macroId } = (await deadLetterOf(cli, session, id)).summary;
    const changed = arg.length === 0 ? {} : { args: await argumentsFrom(cli, arg, macroId) };
    const reply = await session.door.handle({ ...commandBase(cli), kind: "dead_letter.retry", runId, ...changed });
    const { version } = acceptedBy(reply);
    cli.emit({ type: "dead_letter.retried", runId });
    return conductRun(cli, session, { runId, answering, since: version });
  });
}

async function argumentsFrom({ world, settings, translator }: Cli, pairs: readonly string[], macroId: string | null) {
  return parseArguments(pairs, macroId ?? undefined, await world.macros(settings), translator);
}

export async function discardDeadLetter(
  cli: Cli,
  id: string,
  { reason }: { readonly reason: string },
): Promise<ExitCode> {
  if (reason.trim() === "" || reason.length > REASON_LIMIT) {
    throw new InputError("input.reason", cli.translator.t("cli.dead_letters.reason", { limit: REASON_LIMIT }));
  }
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
  const command = cli.commandLine("dead-letters list");
  throw new InputError("run.no_dead_letter", cli.translator.t("cli.dead_letters.not_one", { id, status, command }));
}
