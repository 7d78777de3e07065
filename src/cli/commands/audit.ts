import { OPERATIONS_TRAIL } from "../../contracts/audit.ts";
import { RunId } from "../../contracts/id.ts";
import { InputError, messageOf } from "../../errors.ts";
import { isMessageKey } from "../../i18n.ts";
import { verifyTrail, type AuditVerdict } from "../../metaagent/audit.ts";
import { plainTranslator } from "../../plain-text.ts";
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
    cli.say(sentenceOf(cli, runId, verdict));
    const { entries, fault, mendable } = verdict;
    cli.emit({ type: "audit.verified", runId, entries: entries.length, mendable, fault: fault ?? null });
  }
  return isGood ? EXIT.completed : EXIT.failed;
}

/** Who did what and when, as far as the trail can be trusted. */
export async function showAudit(cli: Cli, runId: string): Promise<ExitCode> {
  const verdict = await trailOf(cli, runId);
  const words = plainTranslator(cli.translator);
  for (const entry of verdict.entries) {
    cli.emit({ type: "audit.entry", ...entry });
    const key = `audit.event.${entry.what}`;
    const what = isMessageKey(key) ? words.t(key) : entry.what;
    const params = { number: entry.number, when: words.dateTime(entry.at), what };
    const who = entry.by === undefined ? undefined : (entry.by.displayName ?? entry.by.user);
    cli.say(who === undefined ? words.t("audit.line", params) : words.t("audit.line.by", { ...params, who }));
    if (Object.keys(entry.detail).length > 0)
      cli.say(`   ${words.say({ kind: "raw", raw: JSON.stringify(entry.detail) })}`);
  }
  if (verdict.fault === undefined && verdict.entries.length > 0) return EXIT.completed;
  cli.say(sentenceOf(cli, runId, verdict));
  return verdict.fault === undefined ? EXIT.completed : EXIT.failed;
}

async function trailOf({ world, settings, translator }: Cli, id: string): Promise<AuditVerdict> {
  const isTrail = id === OPERATIONS_TRAIL || RunId.safeParse(id).success;
  const stored = !isTrail ? undefined : await world.auditTrail(settings.stateRoot, id);
  if (stored === undefined) throw new InputError("run.unknown", translator.t("cli.run_unknown", { id }));
  return verifyTrail(stored.lines, stored.head);
}

function sentenceOf({ translator }: Cli, run: string, { entries, fault, mendable }: AuditVerdict): string {
  if (fault !== undefined) return translator.t(`audit.fault.${fault.kind}`, { run, number: fault.number });
  const count = entries.length;
  if (count === 0) return translator.t("audit.none", { run });
  if (mendable > 0) return translator.t("audit.mendable", { run, count, missing: mendable });
  return translator.t("audit.good", { run, count });
}
