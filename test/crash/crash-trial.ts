import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { WORST_MOMENTS } from "./crash-parts.ts";
import { readTrail } from "../../adapters/engine/embedded/audit-file.ts";
import { RunDocument } from "../../src/contracts/document.ts";
import type { RunId } from "../../src/contracts/id.ts";

export interface TrialReport {
  readonly kills: number;
  /** Kills by where they hit: `change`, `moment` (any time), or right when an event of that name was saved. */
  readonly hits: Readonly<Record<string, number>>;
  readonly documents: RunDocument[];
  /** The audit trail of a run as the last bot left it. */
  readonly trailOf: (runId: RunId) => ReturnType<typeof readTrail>;
  /** Lines of `run lane dispatch begins|ends`, from the workers themselves. */
  readonly ledger: string[];
  /** Lines of `run decision reply`, for every answer that the bot had acknowledged. */
  readonly acknowledged: string[];
  /** Processes of workers that are left at the end. */
  readonly orphans: () => string[];
  readonly dispose: () => void;
}

const BOT = resolve(import.meta.dirname, "crash-bot.ts");

/**
 * Kills a bot `kills` times with SIGKILL, in turn at a commit boundary, at a random moment, and at each of the worst
 * moments, starting it again each time on the same state; then lets it end in peace. `random` is between 0 and 1.
 */
export async function crashTrial(kills: number, random: () => number): Promise<TrialReport> {
  const folder = mkdtempSync(join(tmpdir(), "coxswain-crash-"));
  const workspace = join(folder, "workspace");
  const paths = { state: join(folder, "state"), acks: join(folder, "acks"), ledger: join(folder, "ledger") };
  mkdirSync(paths.state);
  for (const file of [paths.acks, paths.ledger]) writeFileSync(file, "");
  makeRepository(workspace);
  const start = (runs: number, killAt: number | string) =>
    spawn(process.execPath, [BOT, paths.state, workspace, String(runs), String(killAt), paths.acks], {
      stdio: ["ignore", "pipe", "inherit"],
      // Most of a short life is compiling; the cache makes room for more kills in the same time.
      env: { ...process.env, CRASH_LEDGER: paths.ledger, NODE_COMPILE_CACHE: join(folder, "compiled") },
    });

  const hits: Record<string, number> = {};
  // A worst moment comes seldom, and a life that waits for it may go to its end: most kills come from the others.
  const turns = WORST_MOMENTS.flatMap((worst) => ["change", "moment", "change", "moment", "change", "moment", worst]);
  let killed = 0;
  let runs = 2;
  for (let turn = 0; killed < kills; turn += 1) {
    const where = turns[turn % turns.length] ?? "change";
    const bot = start(runs, where === "change" ? 1 + Math.floor(random() * 40) : where === "moment" ? 0 : where);
    const timer = where === "moment" ? setTimeout(() => bot.kill("SIGKILL"), 250 + random() * 900) : undefined;
    const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) =>
      bot.once("exit", (...[code, by]) => done({ code, signal: by })),
    );
    clearTimeout(timer);
    if (code !== null && code !== 0) throw new Error(`a bot ended with ${code}`);
    if (signal !== "SIGKILL") {
      // All runs ended before the kill came: more to do.
      runs += 2;
      continue;
    }
    killed += 1;
    hits[where] = (hits[where] ?? 0) + 1;
    if (killed % 4 === 0) runs += 1;
  }
  const last = start(runs, 0);
  const code = await new Promise<number | null>((done) => last.once("exit", done));
  if (code !== 0) throw new Error(`the last bot ended with ${code}`);

  const documents = readdirSync(join(paths.state, "runs")).map((runId) =>
    RunDocument.parse(JSON.parse(readFileSync(join(paths.state, "runs", runId, "run.json"), "utf8"))),
  );
  const lines = (path: string): string[] =>
    readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  return {
    kills: killed,
    hits,
    documents,
    trailOf: (runId) => readTrail(paths.state, runId),
    ledger: lines(paths.ledger),
    acknowledged: lines(paths.acks),
    orphans: () => processesOf(documents.map((document) => document.run.runId)),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
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
