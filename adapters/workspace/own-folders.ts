import { realpath } from "node:fs/promises";
import { relative, sep } from "node:path";

/** Tells the bot's own state apart from the workspace, where a state root lies inside of it. */
export type IsOwn = (absolutePath: string) => boolean;

/** `folders`: absolute paths of the bot's own; folders called `.meta-kim` in the workspace are its own as well. */
export async function createIsOwn(workspace: string, folders: readonly string[]): Promise<IsOwn> {
  const real = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  // A workspace that lies in a folder of the bot (a copy, say) is a workspace all the same.
  const inWorkspace = real.filter((folder) => folder.startsWith(workspace + sep));
  return (path) =>
    relative(workspace, path).split(sep).includes(".meta-kim") ||
    inWorkspace.some((folder) => path === folder || path.startsWith(folder + sep));
}
