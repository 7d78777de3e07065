import { commandBase, existingRun, withSession, type Cli } from "../cli.ts";
import { acceptedBy } from "../conduct.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

export async function cancel(cli: Cli, id: string): Promise<ExitCode> {
  return withSession(cli, async (session) => {
    const { runId } = (await existingRun(cli, session, id)).summary;
    const reply = await session.door.handle({ ...commandBase(cli), kind: "run.cancel", runId });
    acceptedBy(reply);
    cli.emit({ type: "run.canceled", runId });
    cli.say(reply.kind === "already" ? reply.message : cli.translator.t("cli.canceled", { runId }));
    return EXIT.completed;
  });
}
