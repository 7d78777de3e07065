import { InputError } from "../../errors.ts";
import { answersFor } from "../answers-file.ts";
import { existingRun, withSession, type Cli } from "../cli.ts";
import { conductRun } from "../conduct.ts";
import type { ExitCode } from "../exit-code.ts";
import { answeringOf } from "./run.ts";

/** Answers the open card of a run, and goes along with the run from there. */
export async function answer(cli: Cli, id: string, options: { readonly answers?: string }): Promise<ExitCode> {
  const answering = answeringOf(cli, options.answers, false);
  return withSession(cli, async (session) => {
    const view = await existingRun(cli, session, id);
    const { runId, status } = view.summary;
    const card = view.decision;
    if (status !== "waiting" || card === null) {
      // Somebody was faster, or it was answered in advance: who and when says more than the state does.
      if (card?.resolved != null) throw new InputError("run.not_waiting", card.resolved.line);
      const words = cli.translator.t(`cli.status.${status}`);
      const command = cli.commandLine(`status ${runId}`);
      throw new InputError("run.not_waiting", cli.translator.t("cli.not_waiting", { runId, status: words, command }));
    }
    // A file that says nothing about this card would pass as an answer to a later one; here it is a mistake.
    if (answering.kind === "file") answersFor(answering.file, card, cli.translator);
    return conductRun(cli, session, { runId, answering });
  });
}
