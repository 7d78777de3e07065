import { resolve, sep } from "node:path";
import type { Actor } from "../contracts/id.ts";
import type { Channel } from "../contracts/channel.ts";

/** Who sits at this machine, or holds a token that only its user can read, could look into every folder by hand. */
const AT_THE_MACHINE: readonly string[] = ["terminal", "web", "api"];

/** May somebody start a run about this absolute path? */
export type MayUseWorkspace = (by: Actor, folder: string) => boolean;

/**
 * The rule of the settings `channels` and `workspaces`. It compares names: a symbolic link inside an allowed folder
 * leads where its owner has put it.
 */
export function allowedWorkspaces(given: {
  readonly channels: readonly Channel[];
  readonly workspaces: readonly string[] | null;
}): MayUseWorkspace {
  const roots = [...given.channels.map(({ workspace }) => workspace), ...(given.workspaces ?? [])].map((root) =>
    resolve(root),
  );
  return ({ surface }, folder) => {
    if (surface === "terminal" || (given.workspaces === null && AT_THE_MACHINE.includes(surface))) return true;
    const wanted = resolve(folder);
    return roots.some((root) => wanted === root || wanted.startsWith(root.endsWith(sep) ? root : `${root}${sep}`));
  };
}
