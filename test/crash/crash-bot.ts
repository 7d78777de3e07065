import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import { openBot } from "../../src/bot.ts";
import { loadConfig } from "../../src/config.ts";
import { Command } from "../../src/contracts/command.ts";
import { createLog } from "../../src/log.ts";
import { messageOf } from "../../src/errors.ts";

/**
 * A bot process for the crash test: starts `runs` runs (redelivered at every start), answers what is asked, notes
 * every acknowledged answer, and ends when all runs have ended. Killed after `killAt` changes, or from outside.
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
const ids = new Set<string>();
let changes = 0;

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

const finished = Promise.withResolvers<void>();
metaAgent.on("run.changed", ({ document: { run } }) => {
  changes += 1;
  // Saved, and nobody has been told yet: the worst moment.
  if (changes === Number(killAt)) process.kill(process.pid, "SIGKILL");
  look(run);
});

function look(run: { runId: string; status: { kind: string; decisionId?: string } }): void {
  const { status, runId } = run;
  if (status.kind === "waiting" && status.decisionId !== undefined) {
    answer(runId, status.decisionId).catch((error: unknown) => process.stderr.write(`${messageOf(error)}\n`));
  }
  if (["completed", "canceled", "dead_letter", "discarded", "refused"].includes(status.kind)) ended.add(runId);
  if (ids.size === Number(runs) && ended.size === ids.size) finished.resolve();
}

await metaAgent.start({ accepts: () => true });
for (let n = 1; n <= Number(runs); n += 1) {
  const task = {
    goal: "please do the crash check",
    workspace,
    requestedBy: { surface: "terminal", user: `user-${n % 3}` },
    answers: n % 2 === 0 ? "recommended" : "ask",
  };
  const reply = await metaAgent.handle(Command.parse({ kind: "run.start", id: `crash-${n}`, by, task }));
  if (reply.kind === "refused" || reply.kind === "done") throw new Error(reply.message);
  ids.add(reply.runId);
}
for (const runId of ids) {
  const document = await metaAgent.document(runId);
  if (document !== undefined) look(document.run);
}
await finished.promise;
await bot.stop();
process.stdout.write("done\n");
