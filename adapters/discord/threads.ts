import { z } from "zod";
import { RunId } from "../../src/contracts/id.ts";
import type { Log } from "../../src/log.ts";
import { openLines } from "./kept-lines.ts";
import { LIMITS } from "./limits.ts";
import { createRecent } from "./recent.ts";

const Line = z.object({
  /** As the core knows it. */
  thread: z.string(),
  runId: RunId,
  /** Where it is now: another one where the first was deleted. */
  at: z.string(),
});
type Line = z.infer<typeof Line>;

/** Which run a thread is about, so that "where is it?" in a thread needs no id, also after a restart. */
export interface Threads {
  runIn(place: string): RunId | undefined;
  /** Where the core's thread is now; undefined where it was never opened. */
  placeOf(thread: string): string | undefined;
  remember(line: Line): void;
  /** Resolves when everything is written. */
  flush(): Promise<void>;
}

/** The runs hold what matters; a line that is lost comes back with the next card. */
export async function openThreads(file: string, log: Log): Promise<Threads> {
  const most = LIMITS.threadsKept;
  const lines = await openLines({ file, schema: Line, keyOf: ({ thread }) => thread, most }, log);
  const byThread = createRecent<string, Line>(most);
  const byPlace = createRecent<string, RunId>(most);
  const learn = (line: Line): void => {
    byThread.set(line.thread, line);
    byPlace.set(line.at, line.runId);
  };
  lines.known.forEach(learn);
  return {
    runIn: (place) => byPlace.get(place),
    placeOf: (thread) => byThread.get(thread)?.at,
    remember: (line) => {
      const known = byThread.get(line.thread);
      if (known?.at === line.at && known.runId === line.runId) return;
      learn(line);
      lines.keep(line);
    },
    flush: () => lines.flush(),
  };
}
