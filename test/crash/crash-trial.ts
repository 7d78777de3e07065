import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { CrashOrder } from "./crash-order.ts";
import { PART_WITH, WORST_MOMENTS, type CrashPart } from "./crash-parts.ts";
import { readTrail } from "../../adapters/engine/embedded/audit-file.ts";
import { RunDocument } from "../../src/contracts/document.ts";
import { OperationsDocument } from "../../src/contracts/operations.ts";
import type { RunId } from "../../src/contracts/id.ts";

export interface TrialReport {
  readonly kills: number;
  /** Kills by where they hit: at a `change`, at any `moment`, or around one of the worst moments. */
  readonly hits: Readonly<Record<string, number>>;
  readonly documents: RunDocument[];
  /** The audit trail of a run as the last bot left it. */
  readonly trailOf: (runId: RunId) => ReturnType<typeof readTrail>;
  /** Lines of `run lane dispatch begins|ends`, from the workers themselves. */
  readonly ledger: string[];
  readonly operations: OperationsDocument;
  /** Lines of `run decision|event what`, for everything that the bot had acknowledged. */
  readonly acknowledged: string[];
  /** Processes of workers that are left at the end. */
  readonly orphans: () => string[];
  readonly dispose: () => void;
}

const BOT = resolve(import.meta.dirname, "crash-bot.ts");

/** The turns go round: of three kills one is around a worst moment, and every other one of those when it was saved. */
const TURNS = WORST_MOMENTS.flatMap((worst) => ["change", "moment", worst] as const);

/**
 * Kills a bot `kills` times with SIGKILL, in turn at a commit boundary, at a random moment, and around each of the
 * worst moments, starting it again each time on the same state; then lets it end in peace. `random` is between 0 and 1.
 */
export async function crashTrial(kills: number, random: () => number): Promise<TrialReport> {
  const folder = mkdtempSync(join(tmpdir(), "coxswain-crash-"));
  const files = { workspace: join(folder, "workspace"), acks: join(folder, "acks"), ended: join(folder, "ended") };
  const paths = { ...files, stateRoot: join(folder, "state"), ledger: join(folder, "ledger") };
  mkdirSync(paths.stateRoot);
  for (const file of [paths.acks, paths.ended, paths.ledger]) writeFileSync(file, "");
  makeRepository(paths.workspace);
  const parts: CrashPart[] = ["plain", "plain"];
  const { stateRoot, workspace, acks, ended } = paths;
  const start = (kill: CrashOrder["kill"]) =>
    spawn(
      process.execPath,
      [BOT, JSON.stringify({ stateRoot, workspace, parts, kill, acks, ended } satisfies CrashOrder)],
      {
        stdio: ["ignore", "pipe", "inherit"],
        // Most of a short life is compiling; the cache makes room for more kills in the same time.
        env: { ...process.env, CRASH_LEDGER: paths.ledger, NODE_COMPILE_CACHE: join(folder, "compiled") },
      },
    );

  const hits: Record<string, number> = {};
  let killed = 0;
  for (let turn = 0; killed < kills; turn += 1) {
    const where = TURNS[turn % TURNS.length] ?? "change";
    // So that it is still to come, however far the others are.
    if (where !== "change" && where !== "moment") parts.push(PART_WITH[where]);
    const bot = start(killAt(where, turn, random));
    if (where === "moment") {
      bot.stdout.once("data", () => setTimeout(() => bot.kill("SIGKILL"), random() * 900));
    }
    const { code, signal } = await endOf(bot);
    if (code !== null && code !== 0) throw new Error(`a bot ended with ${code}`);
    if (signal !== "SIGKILL") {
      // All runs ended before the kill came: more to do.
      parts.push("plain", "plain");
      continue;
    }
    killed += 1;
    hits[where] = (hits[where] ?? 0) + 1;
    if (killed % 6 === 0) parts.push("plain");
  }
  // The last one is told of all runs once more.
  writeFileSync(paths.ended, "");
  const { code } = await endOf(start({ at: "never" }));
  if (code !== 0) throw new Error(`the last bot ended with ${code}`);

  const documents = readdirSync(join(stateRoot, "runs")).map((runId) =>
    RunDocument.parse(JSON.parse(readFileSync(join(stateRoot, "runs", runId, "run.json"), "utf8"))),
  );
  const lines = (path: string): string[] =>
    readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  return {
    kills: killed,
    hits,
    documents,
    trailOf: (runId) => readTrail(stateRoot, runId),
    ledger: lines(paths.ledger),
    operations: OperationsDocument.parse(JSON.parse(readFileSync(join(stateRoot, "operations.json"), "utf8"))),
    acknowledged: lines(paths.acks),
    orphans: () => processesOf(documents.map((document) => document.run.runId)),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function killAt(where: (typeof TURNS)[number], turn: number, random: () => number): CrashOrder["kill"] {
  if (where === "moment") return { at: "never" };
  if (where === "change") return { at: "change", count: 1 + Math.floor(random() * 30) };
  if (turn % 2 === 0) return { at: "saved", moment: where };
  return { at: "sent", moment: where, afterMs: Math.floor(random() * 20) };
}

function endOf(bot: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((done) => bot.once("exit", (...[code, signal]) => done({ code, signal })));
}

function makeRepository(folder: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, "README.md"), "# Crash\n");
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, stdio: "ignore" });
  git("init", "-q");
  git("add", ".");
  git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "first");
}

/** Processes that carry a dispatch of one of these runs in their environment (Linux). */
function processesOf(runIds: readonly string[]): string[] {
  const marks = runIds.map((runId) => `COXSWAIN_DISPATCH=dsp_${runId.slice("run_".length)}_`);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
        return marks.some((mark) => environment.includes(mark));
      } catch {
        return false;
      }
    });
}
