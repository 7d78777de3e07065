import stringWidth from "string-width";
import type { NoticeCard } from "../../contracts/card.ts";
import type { RunSummary } from "../../contracts/document.ts";
import { folderName } from "../../commands/folder-name.ts";
import { stageOf } from "../../contracts/stage.ts";
import { translatorFor } from "../../i18n.ts";
import { plainText } from "../../plain-text.ts";
import { existingRun, lookInside, type Cli } from "../cli.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { isWorkedOn } from "../session.ts";

const LISTED = 20;

/** One run where an id is given, else the newest ones. */
export async function status(cli: Cli, id: string | undefined): Promise<ExitCode> {
  return lookInside(cli, id, async (session) => {
    if (id !== undefined) {
      const view = await existingRun(cli, session, id);
      const { runId, status: state } = view.summary;
      cli.emit({ type: "run.status", ...view.envelope, status: state });
      const isParked = state === "active" && !(await isWorkedOn(session, runId));
      cli.say(cli.world.terminal.renderCard(isParked ? parked(view.notice) : view.notice));
      if (state === "waiting")
        cli.say(cli.translator.t("cli.status_waiting", { command: cli.commandLine(`answer ${runId}`) }));
      else if (isParked) {
        cli.say(cli.translator.t("cli.status_parked", { command: cli.commandLine(`resume ${runId}`) }));
      }
      return EXIT.completed;
    }
    const { runs, total } = await session.query.runs({ limit: LISTED, offset: 0 });
    for (const run of runs) cli.emit({ type: "run", ...run });
    listRuns(cli, runs);
    if (total > runs.length) cli.say(cli.translator.t("cli.more", { count: total - runs.length }));
    return EXIT.completed;
  });
}

/** What the run did last is not what happens now. */
function parked(notice: NoticeCard): NoticeCard {
  const words = translatorFor(notice.language);
  const said = { current: words.t("notice.parked"), blocked: words.t("notice.parked_blocked") };
  return {
    ...notice,
    lines: notice.lines.map((line) =>
      line.key === "current" || line.key === "blocked" ? { ...line, value: said[line.key] } : line,
    ),
    workers: notice.workers.map((worker) =>
      worker.state === "running"
        ? { ...worker, state: "waiting", stateLabel: words.t("state.worker.waiting") }
        : worker,
    ),
  };
}

export function listRuns(cli: Cli, runs: readonly RunSummary[]): void {
  const words = cli.translator;
  if (runs.length === 0) return cli.say(words.t("cli.no_runs", { command: cli.commandLine("run") }));
  const rows = runs.map((run) => [
    run.runId,
    words.t(`cli.status.${run.status}`),
    stageOf(run.stage).label,
    words.dateTime(run.updatedAt),
    folderName(run.workspace),
    firstLine(run.goal),
  ]);
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => stringWidth(row[column] ?? "")))) ?? [];
  for (const row of rows) {
    cli.say(
      row
        .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - stringWidth(cell)))
        .join("  ")
        .trimEnd(),
    );
  }
}

/** What somebody else wrote must not move the cursor of who lists it. */
function firstLine(goal: string): string {
  const line = plainText(goal.split("\n", 1)[0] ?? "");
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
