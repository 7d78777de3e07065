import { withSession, type Cli } from "../cli.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

/** What runs now and what waits, in the order in which it will start. */
export async function queue(cli: Cli): Promise<ExitCode> {
  return withSession(cli, async ({ query }) => {
    const view = await query.queue();
    const words = cli.translator;
    cli.emit({ type: "queue", ...view });
    cli.say(words.t("cli.queue.summary", { running: view.running.length, waiting: view.waitingTotal }));
    for (const { runId, flow } of view.running) cli.say(words.t("cli.queue.running", { runId, flow }));
    for (const { position, runId, flow } of view.waiting)
      cli.say(words.t("cli.queue.waiting", { position, runId, flow }));
    return EXIT.completed;
  });
}
