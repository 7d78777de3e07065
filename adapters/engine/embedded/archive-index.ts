import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { RunSummary } from "../../../src/contracts/document.ts";
import type { RunId } from "../../../src/contracts/id.ts";
import type { Log } from "../../../src/log.ts";
import { isMissing } from "../../files.ts";
import { createRounds } from "../../../src/rounds.ts";

const INDEX_NAME = "index.jsonl";
const MONTH = /^\d{4}-\d{2}$/;

type Month = Map<RunId, RunSummary>;

/** One line for each archived run, a file a month. A month is read when it is first asked for, never at the start. */
export interface ArchiveIndex {
  /** Adds a line, durably; a later line of the same run replaces an earlier one. */
  add(month: string, summary: RunSummary): Promise<void>;
  /** Newest first. */
  months(): Promise<string[]>;
  read(month: string): Promise<ReadonlyMap<RunId, RunSummary>>;
}

export function createArchiveIndex(archive: string, log: Log): ArchiveIndex {
  const known = new Map<string, Promise<Month>>();
  const fileOf = (month: string): string => join(archive, month, INDEX_NAME);

  const append = async (month: string, lines: readonly string[]): Promise<void> => {
    const file = await open(fileOf(month), "a");
    try {
      // The line end in front keeps a line apart from what a full disk may have left unfinished before it.
      await file.writeFile(`\n${lines.join("\n")}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  };
  const appendInRounds = createRounds<{ readonly month: string; readonly line: string }>(async (added) => {
    for (const [month, of] of Map.groupBy(added, (each) => each.month))
      await append(
        month,
        of.map(({ line }) => line),
      );
  });

  return {
    async add(month, summary) {
      await appendInRounds({ month, line: JSON.stringify(summary) });
      (await known.get(month))?.set(summary.runId, summary);
    },
    async months() {
      return (await readdir(archive))
        .filter((name) => MONTH.test(name))
        .toSorted()
        .toReversed();
    },
    read(month) {
      const loaded = known.get(month) ?? readMonth(fileOf(month), log);
      known.set(month, loaded);
      loaded.catch(() => known.delete(month));
      return loaded;
    },
  };
}

async function readMonth(path: string, log: Log): Promise<Month> {
  const month: Month = new Map();
  const file = await open(path, "r").catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (file === undefined) return month;
  let damaged = 0;
  for await (const line of file.readLines()) {
    if (line === "") continue;
    const summary = parseLine(line);
    if (summary === undefined) damaged++;
    else month.set(summary.runId, summary);
  }
  if (damaged > 0) log.warn({ path, lines: damaged }, "lines of the archive index are damaged and were passed over");
  return month;
}

function parseLine(line: string): RunSummary | undefined {
  try {
    return RunSummary.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
