import { existingRun, lookInside, type Cli } from "../cli.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

/** The run with all its packets as one JSON document: an explicit request to see what is internal (G38). */
export async function exportRun(cli: Cli, id: string): Promise<ExitCode> {
  return lookInside(cli, id, async (session) => {
    const { runId } = (await existingRun(cli, session, id)).summary;
    const document = await session.query.document(runId);
    cli.world.out(`${JSON.stringify(document, null, cli.json ? undefined : 2)}\n`);
    return EXIT.completed;
  });
}
