import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

/** Written beside and renamed, so that a reader never sees half a file; only the user can read the token. */
export async function writeControlFile(stateRoot: string, content: ControlFile): Promise<void> {
  await mkdir(stateRoot, { recursive: true });
  const temporary = `${pathIn(stateRoot)}.${randomUUID()}`;
  await writeFile(temporary, JSON.stringify(content), { mode: 0o600, flag: "wx" });
  await rename(temporary, pathIn(stateRoot));
}

/** Removes the file if it is still the one with this token: a successor's file stays. */
export async function removeControlFile(stateRoot: string, token: string): Promise<void> {
  if ((await readControlFile(stateRoot))?.token === token) await rm(pathIn(stateRoot), { force: true });
}
