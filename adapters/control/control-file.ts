import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../files.ts";
import { ControlFile } from "./protocol.ts";

function pathIn(stateRoot: string): string {
  return join(stateRoot, "control.json");
}

/** What the owner of a state root says about itself; undefined where there is no such file or it is not valid. */
export async function readControlFile(stateRoot: string): Promise<ControlFile | undefined> {
  try {
    return ControlFile.safeParse(JSON.parse(await readFile(pathIn(stateRoot), "utf8"))).data;
  } catch {
    return undefined;
  }
}

/** A reader never sees half a file; only the user can read the token. */
export async function writeControlFile(stateRoot: string, content: ControlFile): Promise<void> {
  await mkdir(stateRoot, { recursive: true });
  await replaceFile({ path: pathIn(stateRoot), content: JSON.stringify(content), mode: 0o600, flush: false });
}

/** Removes the file if it is still the one with this token: a successor's file stays. */
export async function removeControlFile(stateRoot: string, token: string): Promise<void> {
  if ((await readControlFile(stateRoot))?.token === token) await rm(pathIn(stateRoot), { force: true });
}
