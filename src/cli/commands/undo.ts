import { commandBase, existingRun, withSession, type Cli } from "../cli.ts";
import { acceptedBy } from "../conduct.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

/** Takes back the permission to keep a change, while the branch is not made yet; the question is then open again. */
export async function undo(cli: Cli, id: string): Promise<ExitCode> {
  return withSession(cli, async (session) => {
    const { runId } = (await existingRun(cli, session, id)).summary;
    const reply = await session.door.handle({ ...commandBase(cli), kind: "decision.undo", runId });
    acceptedBy(reply);
    cli.emit({ type: "run.undone", runId });
    cli.say(reply.kind === "already" ? reply.message : cli.translator.t("keep.cli.undone", { runId }));
    return EXIT.completed;
  });
}
