import { open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { tryLock } from "fs-native-extensions";
import { z } from "zod";
import { CoxswainError } from "../../../src/errors.ts";

const Holder = z.object({ pid: z.number().int(), startedAt: z.iso.datetime() });

/** Holds a state root until it is released or the process ends, however it ends. */
export interface RootLock {
  release(): Promise<void>;
}

/**
 * Takes the root's one lock; throws `engine.root_in_use` where another process has it.
 * A kernel lock and no pid file: it dies with its process, and containers give every bot the same pid.
 */
export async function lockRoot(path: string, now: number): Promise<RootLock> {
  const file = await open(path, "a+");
  try {
    if (!tryLock(file.fd)) throw inUse(path, await holderOf(file));
    await file.truncate(0);
    await file.writeFile(JSON.stringify({ pid: process.pid, startedAt: new Date(now).toISOString() }));
  } catch (error) {
    await file.close();
    throw error;
  }
  return { release: () => file.close() };
}

async function holderOf(file: FileHandle): Promise<string> {
  try {
    const { pid, startedAt } = Holder.parse(JSON.parse(await file.readFile("utf8")));
    return `process ${pid} (since ${startedAt})`;
  } catch {
    // The holder writes it right after it got the lock, so it may not be there yet.
    return "another process";
  }
}

function inUse(path: string, holder: string): CoxswainError {
  return new CoxswainError(
    "engine.root_in_use",
    `The state folder ${dirname(path)} is in use by ${holder}, and only one process may own it. ` +
      "Stop that process, or choose another folder with --state-root or another profile with --profile.",
  );
}
