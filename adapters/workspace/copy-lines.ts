import { readFile, realpath, stat } from "node:fs/promises";
import { resolve, sep } from "node:path";

const LIMIT_BYTES = 5_000_000;

/** Lines of a UTF-8 text file inside `root`, without line ends; undefined for anything else. */
export async function linesOf(root: string, path: string): Promise<string[] | undefined> {
  try {
    const realRoot = await realpath(root);
    // Resolved first: a link in the copy may lead anywhere on the machine.
    const file = await realpath(resolve(realRoot, path));
    if (!file.startsWith(realRoot + sep)) return undefined;
    const { size } = await stat(file);
    return size > LIMIT_BYTES ? undefined : textLines(await readFile(file));
  } catch {
    return undefined;
  }
}

/** Throws for bytes that are no UTF-8: hashes of the lines would not be those of the file. */
function textLines(bytes: Uint8Array): string[] | undefined {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  if (text.includes("\0")) return undefined;
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
