import type { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import type { Log } from "../../../src/log.ts";
import { createLineSplitter, type Line } from "./line-splitter.ts";
import type { OutputLog } from "./output-log.ts";
import type { ReportCollector } from "./report-collector.ts";
import { hasOpenPrivateKey, type Mask } from "./secret-mask.ts";

/** Characters of the longest line that is read as one. */
const LINE_LIMIT = 1024 * 1024;
/** How much is held back while a private key is open; a longer one is none. */
const HOLD_LIMIT = 16 * 1024;

/**
 * Reads one output stream of a worker to its end: reports go to `reports` (none for plain text), the rest to the
 * log. The next piece is read only when this one is kept, so a fast worker is slowed down and memory stays small.
 */
export async function readOutput(
  stream: Readable,
  to: {
    readonly mask: Mask;
    readonly output: OutputLog;
    readonly reports: ReportCollector | undefined;
    readonly log: Log;
    readonly onReport: () => void;
    /** Called for output that is no report; undefined where that is no sign of life. */
    readonly onLog: (() => void) | undefined;
  },
): Promise<void> {
  const splitter = createLineSplitter(LINE_LIMIT);
  let held = "";

  const keep = async (lines: readonly Line[]): Promise<void> => {
    for (const line of lines) if (line.cut) to.reports?.reject();
    const texts = lines.map(({ text }) => text);
    const log = to.reports === undefined ? texts : await to.reports.take(texts);
    if (log.length < texts.length) to.onReport();
    if (log.length > 0) to.onLog?.();
    held += log.map((line) => `${stripVTControlCharacters(line)}\n`).join("");
    if (hasOpenPrivateKey(held) && held.length < HOLD_LIMIT) return;
    await flush();
  };
  const flush = async (): Promise<void> => {
    const text = held;
    held = "";
    if (text !== "") await to.output.append(await to.mask(text));
  };

  try {
    for await (const chunk of stream) await keep(splitter.push(chunk as Uint8Array));
  } catch (error) {
    // The pipe broke, or was closed on a process that escaped and still holds it: what came before counts.
    to.log.warn({ err: error }, "a worker's output ended early");
  }
  await keep(splitter.end());
  await flush();
}
