import { appendFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { openBot } from "../../src/bot.ts";
import { loadConfig } from "../../src/config.ts";
import { Command } from "../../src/contracts/command.ts";
import type { Run } from "../../src/contracts/run.ts";
import { createLog } from "../../src/log.ts";
import { messageOf } from "../../src/errors.ts";
import { runIdOf } from "../../src/metaagent/start-run.ts";
import { goalOf, partOf, type CrashPart } from "./crash-parts.ts";

/**
 * A bot process for the crash test: starts `runs` runs (redelivered at every start), answers what is asked, sends back
 * what has failed, cancels what is to be canceled, notes everything that was acknowledged, and ends when all runs have
 * ended. Killed after `killAt` changes, right when an event of that name was saved, or from outside.
 */
const [, , stateRoot = "", workspace = "", runs = "1", killAt = "0", acks = ""] = process.argv;
const home = resolve(import.meta.dirname, "../fixtures/crash");
const config = loadConfig({
  readText: () => undefined,
  environment: {},
  flags: { stateRoot },
  cwd: stateRoot,
  home,
  cpus: 4,
});
if (!config.ok) throw new Error(config.problems.join("\n"));

const settings = { ...config.settings, slots: 4, graceMs: 100 };
const log = createLog("fatal");
const bot = await openBot({ settings, environment: process.env, home, surfaces: [], log });
const { metaAgent } = bot;
const by = { surface: "terminal", user: "crash-test" };
const ended = new Set<string>();
const parts = new Map<string, CrashPart>();
let changes = 0;

function attempt(task: Promise<void>): void {
  task.catch((error: unknown) => process.stderr.write(`${messageOf(error)}\n`));
}

async function answer(runId: string, decisionId: string): Promise<void> {
  const reply = await metaAgent.handle(
    Command.parse({
      kind: "decision.answer",
      id: `answer:${decisionId}`,
      by,
      runId,
      decisionId,
      answers: "recommended",
    }),
  );
  appendFileSync(acks, `${runId} ${decisionId} ${reply.kind}\n`);
}

/** What made it fail is mended first, as a person would. */
async function redrive(runId: string, redrives: number): Promise<void> {
  writeFileSync(`${process.env["CRASH_LEDGER"]}.${runId}.mended`, "");
  const id = `redrive:${runId}:${redrives}`;
  const reply = await metaAgent.handle({ kind: "dead_letter.retry", id, by, runId });
  if (reply.kind !== "refused") appendFileSync(acks, `${runId} dead_letter.retried ${reply.kind}\n`);
}

async function cancel(runId: string): Promise<void> {
  const reply = await metaAgent.handle({ kind: "run.cancel", id: `cancel:${runId}`, by, runId });
  if (reply.kind === "accepted") appendFileSync(acks, `${runId} run.canceled ${reply.kind}\n`);
}

const finished = Promise.withResolvers<void>();
metaAgent.on("run.changed", ({ document: { run }, event }) => {
  changes += 1;
  // Saved, and nobody has been told yet: the worst moment.
  if (changes === Number(killAt) || event.kind === killAt) process.kill(process.pid, "SIGKILL");
  look(run);
});

function look({ status, runId, stage, redrives }: Pick<Run, "status" | "runId" | "stage" | "redrives">): void {
  const part = parts.get(runId);
  if (status.kind === "waiting") attempt(answer(runId, status.decisionId));
  if (status.kind === "dead_letter" && part === "redriven") attempt(redrive(runId, redrives));
  else if (["completed", "canceled", "dead_letter", "discarded", "refused"].includes(status.kind)) ended.add(runId);
  if (status.kind === "active" && part === "canceled" && stage === "execution") attempt(cancel(runId));
  if (parts.size === Number(runs) && ended.size === parts.size) finished.resolve();
}

// Known before anything moves: what is recovered may have failed already.
for (let n = 1; n <= Number(runs); n += 1) parts.set(runIdOf(`crash-${n}`), partOf(n));
await metaAgent.start({ accepts: () => true });
for (let n = 1; n <= Number(runs); n += 1) {
  const task = {
    goal: goalOf(partOf(n)),
    workspace,
    requestedBy: { surface: "terminal", user: `user-${n % 3}` },
    answers: n % 2 === 0 ? "recommended" : "ask",
  };
  const reply = await metaAgent.handle(Command.parse({ kind: "run.start", id: `crash-${n}`, by, task }));
  if (reply.kind === "refused" || reply.kind === "done") throw new Error(reply.message);
}
for (const runId of parts.keys()) {
  const document = await metaAgent.document(runId);
  if (document !== undefined) look(document.run);
}
await finished.promise;
await bot.stop();
process.stdout.write("done\n");
