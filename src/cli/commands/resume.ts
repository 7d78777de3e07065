import { existingRun, withSession, type Cli } from "../cli.ts";
import { conductRun } from "../conduct.ts";
import type { ExitCode } from "../exit-code.ts";
import { answeringOf } from "./run.ts";

/** Continues a parked run, or goes along with one that the bot works on. */
export async function resume(cli: Cli, id: string, options: { readonly answers?: string }): Promise<ExitCode> {
  const answering = answeringOf(cli, options.answers);
  return withSession(cli, async (session) => {
    const { summary } = await existingRun(cli, session, id);
    return conductRun(cli, session, { runId: summary.runId, answering });
  });
}
