import { doneBy, trailState, whatHappened } from "../../commands/audit-words.ts";
import { setAsideWords } from "../../commands/set-aside.ts";
import { OPERATIONS_TRAIL, type AuditVerdict } from "../../contracts/audit.ts";
import { RunId } from "../../contracts/id.ts";
import { InputError, messageOf } from "../../errors.ts";
import { verifyTrail } from "../../metaagent/audit.ts";
import { plainTranslator } from "../../plain-text.ts";
import { createStory } from "../audit-story.ts";
import type { Cli } from "../cli.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

/** Follows the chain of one trail, or of all, on the files themselves; the bot may run meanwhile. */
export async function verifyAudit(cli: Cli, id: string | undefined): Promise<ExitCode> {
  const runs = id === undefined ? await cli.world.auditTrails(cli.settings.stateRoot) : [id];
  let isGood = true;
  for (const runId of runs) {
    const verdict = await trailOf(cli, runId).catch((error: unknown) => {
      // One file that cannot be read must not hide what the others say.
      if (id !== undefined) throw error;
      return messageOf(error);
    });
    if (typeof verdict === "string") {
      isGood = false;
      cli.world.err(`${cli.translator.t("cli.error", { message: verdict })}\n`);
      cli.emit({ type: "error", runId, message: verdict });
      continue;
    }
    if (verdict.fault !== undefined) isGood = false;
    cli.say(trailState(runId, verdict, cli.translator));
    const { entries, fault, mendable } = verdict;
    cli.emit({ type: "audit.verified", runId, entries: entries.length, mendable, fault: fault ?? null });
  }
  return isGood ? EXIT.completed : EXIT.failed;
}

/** Who did what and when, as far as the trail can be trusted. */
export async function showAudit(cli: Cli, runId: string): Promise<ExitCode> {
  const verdict = await trailOf(cli, runId);
  const words = plainTranslator(cli.translator);
  const tell = createStory(words);
  for (const entry of verdict.entries) {
    cli.emit({ type: "audit.entry", ...entry });
    const params = { number: entry.number, when: words.dateTime(entry.at), what: whatHappened(entry, words) };
    const who = doneBy(entry);
    cli.say(who === undefined ? words.t("audit.line", params) : words.t("audit.line.by", { ...params, who }));
    for (const line of tell(entry)) cli.say(`   ${line}`);
  }
  if (verdict.fault === undefined && verdict.entries.length > 0) return EXIT.completed;
  cli.say(trailState(runId, verdict, cli.translator));
  return verdict.fault === undefined ? EXIT.completed : EXIT.failed;
}

async function trailOf({ world, settings, translator, commandLine }: Cli, id: string): Promise<AuditVerdict> {
  const isTrail = id === OPERATIONS_TRAIL || RunId.safeParse(id).success;
  const stored = !isTrail ? undefined : await world.auditTrail(settings.stateRoot, id);
  if (stored !== undefined) return verifyTrail(stored.lines, stored.head);
  const aside = isTrail ? await world.setAside(settings.stateRoot, id) : undefined;
  throw aside === undefined
    ? new InputError("run.unknown", translator.t("cli.run_unknown", { id, command: commandLine("status") }))
    : new InputError("run.set_aside", setAsideWords(aside, translator));
}
