import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Child {
  readonly process: ChildProcess;
  readonly lines: Interface;
  /** Everything that it printed; complete once `ended` has resolved. */
  readonly printed: readonly string[];
  readonly ended: Promise<unknown>;
}

/** Starts a script as a process of its own. */
export function startChild(script: URL, root: string): Child {
  const child = spawn(process.execPath, [fileURLToPath(script), root], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const printed: string[] = [];
  lines.on("line", (line) => printed.push(line));
  return { process: child, lines, printed, ended: Promise.all([once(child, "close"), once(lines, "close")]) };
}
