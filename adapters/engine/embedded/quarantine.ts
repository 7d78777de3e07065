import { lstat, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Log } from "../../../src/log.ts";
import { messageOf } from "../../../src/errors.ts";
import type { RunId } from "../../../src/contracts/id.ts";
import type { SetAside } from "../../../src/contracts/view.ts";
import { isMissing } from "../../files.ts";
import type { Layout } from "./layout.ts";

const REASON = "reason.txt";

/** Puts a damaged file or folder aside with the reason, so that a person can look at it and the engine can start. */
export type Quarantine = (path: string, name: string, reason: unknown) => Promise<void>;

/** `told` hears of everything that was put aside. */
export function createQuarantine(layout: Layout, log: Log, told: (aside: SetAside) => void): Quarantine {
  return async (path, name, reason) => {
    const isFolder = (await lstat(path)).isDirectory();
    const folder = await newFolder(layout.quarantine, name);
    // A folder takes the place of the empty one that was made for it.
    await rename(path, isFolder ? folder : join(folder, basename(path)));
    await writeFile(
      join(folder, REASON),
      `${messageOf(reason)}
`,
      { flush: true },
    );
    told({ name, folder, reason: messageOf(reason) });
    // The terminal program shows nothing milder than this, and would say that there is no such run.
    log.fatal({ path, quarantine: folder, err: reason }, "damaged state was put into quarantine");
  };
}

/** The newest place of a run in quarantine; undefined where it has none. */
export async function setAsideIn({ quarantine }: Layout, runId: RunId): Promise<SetAside | undefined> {
  const names = await readdir(quarantine).catch((error: unknown): string[] => {
    if (isMissing(error)) return [];
    throw error;
  });
  const numbers = names.flatMap((name) =>
    name.startsWith(`${runId}-`) && /^\d+$/.test(name.slice(runId.length + 1))
      ? [Number(name.slice(runId.length + 1))]
      : [],
  );
  if (numbers.length === 0) return undefined;
  const folder = join(quarantine, `${runId}-${Math.max(...numbers)}`);
  // A person may have taken the reason away, or the bot ended before it was written.
  const reason = await readFile(join(folder, REASON), "utf8").catch(() => "");
  return { name: runId, folder, reason: reason.trim() };
}

async function newFolder(parent: string, name: string): Promise<string> {
  for (let n = 1; ; n++) {
    const folder = join(parent, `${name}-${n}`);
    // Not recursive: an existing folder must be an error here, and never be reused.
    const made = await mkdir(folder).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
        return false;
      },
    );
    if (made) return folder;
  }
}
