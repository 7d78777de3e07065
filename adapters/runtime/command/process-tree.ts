import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** What belongs to one worker. */
export interface Tree {
  /** Process id of the worker; also its process group and session. */
  readonly pid: number;
  /** `NAME=value` that only this worker's processes carry in their environment. */
  readonly marker: string;
}

const POLL_MS = 25;
/** A tree that forks faster than it can be killed is given up after so many rounds. */
const KILL_ROUNDS = 200;

/** Ends every process of a tree: SIGTERM, then SIGKILL when `graceMs` have passed. Resolves when none is left. */
export async function endTree(tree: Tree, graceMs: number): Promise<void> {
  const survivors = createSearch(tree);
  signalTree(tree, survivors(), "SIGTERM");
  const graceEnds = performance.now() + graceMs;
  while (survivors().length > 0 && performance.now() < graceEnds) await delay(POLL_MS);
  for (let round = 0; round < KILL_ROUNDS; round += 1) {
    const left = survivors();
    if (left.length === 0) return;
    signalTree(tree, left, "SIGKILL");
    await delay(POLL_MS);
  }
}

function signalTree(tree: Tree, members: readonly number[], signal: NodeJS.Signals): void {
  // The group at once: its processes could fork between the look and the signal.
  send(-tree.pid, signal);
  for (const pid of members) send(pid, signal);
}

/** Signal targets of what still runs. Only Linux can see a process that left the group; elsewhere it is the group. */
function createSearch(tree: Tree): () => number[] {
  if (process.platform !== "linux") return () => (send(-tree.pid, 0) ? [-tree.pid] : []);
  // Whoever was seen once stays a member: its parent, which told that it belongs here, may end before it.
  const seen = new Map<number, string>();
  return () => {
    const members = livingMembers(tree, seen);
    for (const { pid, startedAt } of members) seen.set(pid, startedAt);
    return members.map(({ pid }) => pid);
  };
}

function livingMembers(tree: Tree, seen: ReadonlyMap<number, string>): ProcessLine[] {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? readProcess(Number(name)) : []));
  const belongs = ({ pid, group, session, startedAt }: ProcessLine): boolean =>
    group === tree.pid || session === tree.pid || seen.get(pid) === startedAt || hasMarker(pid, tree.marker);
  const members = new Set(all.filter(belongs).map(({ pid }) => pid));
  // A child may have cleared its environment and left the session, but its parent still tells.
  let before: number;
  do {
    before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  } while (members.size > before);
  return all.filter(({ pid }) => members.has(pid) && pid !== process.pid);
}

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** In clock ticks since boot: tells a process from a later one with the same id. */
  readonly startedAt: string;
}

/** Fields of `/proc/<pid>/stat` (proc(5)); nothing for a zombie, which has ended and waits for its parent only. */
function readProcess(pid: number): ProcessLine[] {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, and may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group, session] = fields;
  if (state === undefined || state === "" || state === "Z" || state === "X") return [];
  const startedAt = fields[19] ?? "";
  return [{ pid, parent: Number(parent), group: Number(group), session: Number(session), startedAt }];
}

function hasMarker(pid: number, marker: string): boolean {
  return readOrEmpty(`/proc/${pid}/environ`).split("\0").includes(marker);
}

/** Processes end while they are looked at, and other users' are closed to us: both are no members. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** True when the signal found somebody. */
function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch {
    return false;
  }
}
