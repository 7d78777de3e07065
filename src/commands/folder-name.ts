import { plainText, shorten } from "../plain-text.ts";

const LONGEST = 40;

/** The folder that a run is about, as people call it: the last part of its path. */
export function folderName(path: string): string {
  const last = path.split(/[/\\]/u).findLast((part) => part !== "");
  return shorten(plainText(last ?? path), LONGEST);
}
