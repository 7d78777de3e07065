import { open, rm } from "node:fs/promises";
import { messageOf } from "../../../src/errors.ts";

/** Characters of the output that are kept in memory for people. */
const TAIL_LENGTH = 4000;

/** The log file of one worker, bounded; and the end of it in memory. */
export interface OutputLog {
  /** Appends whole, masked lines; resolves when they are handed to the disk, which holds back a fast worker. */
  append(text: string): Promise<void>;
  tail(): string;
  /** Lines that did not fit any more. */
  cutLines(): number;
  /** Notes what was cut, and closes the file. Returns why the file is not whole, if writing failed. */
  close(): Promise<string | undefined>;
}

export async function openOutputLog(path: string, limitBytes: number): Promise<OutputLog> {
  // Made anew: an earlier worker could have left a link here that leads out of the folder.
  await rm(path, { force: true });
  const file = await open(path, "wx", 0o600);
  const cut = { lines: 0, bytes: 0 };
  let written = 0;
  let tail = "";
  let problem: string | undefined;
  let queue = Promise.resolve();

  const write = async (text: string): Promise<void> => {
    const { kept, rest } = splitAt(text, limitBytes - written);
    cut.bytes += Buffer.byteLength(rest);
    cut.lines += rest.split("\n").length - 1;
    written += Buffer.byteLength(kept);
    if (problem !== undefined || kept === "") return;
    try {
      await file.appendFile(kept);
    } catch (error) {
      problem = messageOf(error);
    }
  };
  return {
    append: (text) => {
      tail = (tail + text).slice(-TAIL_LENGTH).replace(/^[\uDC00-\uDFFF]/, "");
      // One after the other: both streams of the worker write here.
      queue = queue.then(() => write(text));
      return queue;
    },
    tail: () => tail,
    cutLines: () => cut.lines,
    close: async () => {
      await queue;
      try {
        if (cut.bytes > 0)
          await file.appendFile(`[output.cut lines=${cut.lines} bytes=${cut.bytes} limit=${limitBytes}]\n`);
        await file.close();
        // A worker that printed nothing leaves nothing; an empty file among the results only asks to be opened.
        if (written === 0 && cut.bytes === 0) await rm(path, { force: true });
      } catch (error) {
        problem ??= messageOf(error);
      }
      return problem;
    },
  };
}

/** The whole lines of a text that fit into `bytes`, and the rest. Once something was cut, nothing more fits. */
function splitAt(text: string, bytes: number): { kept: string; rest: string } {
  if (Buffer.byteLength(text) <= bytes) return { kept: text, rest: "" };
  const end = Buffer.from(text).subarray(0, Math.max(0, bytes)).lastIndexOf("\n") + 1;
  const kept = Buffer.from(text).subarray(0, end).toString();
  return { kept, rest: text.slice(kept.length) };
}
