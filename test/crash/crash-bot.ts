import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { openBot } from "../../src/bot.ts";
import { loadConfig } from "../../src/config.ts";
import { Command } from "../../src/contracts/command.ts";
import type { RunEvent } from "../../src/contracts/event.ts";
import type { Run } from "../../src/contracts/run.ts";
import { createLog } from "../../src/log.ts";
import { messageOf } from "../../src/errors.ts";
import { runIdOf } from "../../src/metaagent/start-run.ts";
import { WAIVE, WAIVER_REASON } from "../../src/spine/policy-decision.ts";
import { goalOf, REASON, userOf, type WorstMoment } from "./crash-parts.ts";
import { CrashOrder } from "./crash-order.ts";

/**
 * A bot process for the crash test: starts the runs of its order (redelivered at every start, until they have ended),
 * answers what is asked, sends back what has failed, cancels what is to be canceled, waives what a rule blocks, notes
 * everything that was acknowledged, and ends when all runs have ended, unless it is killed as ordered or from outside.
 */
const {
  stateRoot,
  workspace,
  parts: wanted,
  kill,
  acks,
  ended: endedFile,
} = CrashOrder.parse(JSON.parse(process.argv[2] ?? "{}"));
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
// The bot is about to take its state over: a kill at any moment is counted from here, however slow the machine loads it.
process.stdout.write("opening\n");
const bot = await openBot({ settings, environment: process.env, home, surfaces: [], log });
const { metaAgent } = bot;
const by = { surface: "terminal", user: "crash-test" };
const ended = new Set(readFileSync(endedFile, "utf8").split("\n"));
const runs = wanted.map((part, at) => ({ part, n: at + 1, id: `crash-${at + 1}`, runId: runIdOf(`crash-${at + 1}`) }));
const parts = new Map(runs.map(({ runId, part }) => [runId, part]));
let changes = 0;

function die(): void {
  process.kill(process.pid, "SIGKILL");
}

/** The command of such a moment is on its way: in so many milliseconds it may be saved, half saved, or not yet. */
function sends(moment: WorstMoment): void {
  if (kill.at === "sent" && kill.moment === moment) setTimeout(die, kill.afterMs);
}

function momentOf(event: RunEvent): WorstMoment | undefined {
  if (event.kind === "dead_letter.retried") return "redrive";
  if (event.kind === "run.canceled") return "cancel";
  return event.kind === "decision.answered" && Object.values(event.answers).includes(WAIVE) ? "waiver" : undefined;
}

function attempt(task: Promise<void>): void {
  task.catch((error: unknown) => process.stderr.write(`${messageOf(error)}\n`));
}

async function answer({ runId, decisions }: Pick<Run, "runId" | "decisions">, decisionId: string): Promise<void> {
  const decision = decisions.find((known) => known.decisionId === decisionId);
  const isRule = decision?.kind === "policy_violation";
  if (isRule) sends("waiver");
  const reply = await metaAgent.handle(
    Command.parse({
      kind: "decision.answer",
      id: `answer:${decisionId}`,
      by,
      runId,
      decisionId,
      answers: isRule ? Object.fromEntries(decision.questions.map(({ id }) => [id, WAIVE])) : "recommended",
      args: isRule ? { [WAIVER_REASON]: REASON } : {},
    }),
  );
  if (reply.kind === "accepted") appendFileSync(acks, `${runId} ${decisionId} ${isRule ? "waived" : "answered"}\n`);
}

/** What made it fail is mended first, as a person would. */
async function redrive(runId: string, redrives: number): Promise<void> {
  writeFileSync(`${process.env["CRASH_LEDGER"]}.${runId}.mended`, "");
  const id = `redrive:${runId}:${redrives}`;
  sends("redrive");
  const reply = await metaAgent.handle({ kind: "dead_letter.retry", id, by, runId });
  if (reply.kind === "accepted") appendFileSync(acks, `${runId} dead_letter.retried ${reply.kind}\n`);
}

async function cancel(runId: string): Promise<void> {
  sends("cancel");
  const reply = await metaAgent.handle({ kind: "run.cancel", id: `cancel:${runId}`, by, runId });
  if (reply.kind === "accepted") appendFileSync(acks, `${runId} run.canceled ${reply.kind}\n`);
}

const finished = Promise.withResolvers<void>();
metaAgent.on("run.changed", ({ document: { run }, event }) => {
  changes += 1;
  // Saved, and nobody has been told yet: the worst moment.
  if (kill.at === "change" && changes === kill.count) die();
  if (kill.at === "saved" && momentOf(event) === kill.moment) die();
  look(run);
});

function look(run: Run): void {
  const { status, runId, stage, redrives } = run;
  const part = parts.get(runId);
  if (status.kind === "waiting") attempt(answer(run, status.decisionId));
  if (status.kind === "dead_letter" && part === "redriven") attempt(redrive(runId, redrives));
  else if (["completed", "canceled", "dead_letter", "discarded", "refused"].includes(status.kind)) end(runId);
  if (status.kind === "active" && part === "canceled" && stage === "execution") attempt(cancel(runId));
}

function end(runId: string): void {
  if (!ended.has(runId)) appendFileSync(endedFile, `${runId}\n`);
  ended.add(runId);
  if (runs.every((known) => ended.has(known.runId))) finished.resolve();
}

await metaAgent.start({ accepts: () => true });
for (const { part, n, id, runId } of runs.filter((run) => !ended.has(run.runId))) {
  const task = {
    goal: goalOf(part),
    workspace,
    requestedBy: { surface: "terminal", user: userOf(part, n) },
    answers: n % 2 === 0 ? "recommended" : "ask",
  };
  const reply = await metaAgent.handle(Command.parse({ kind: "run.start", id, by, task }));
  if (reply.kind === "refused" || reply.kind === "done") throw new Error(reply.message);
  const document = await metaAgent.document(runId);
  if (document !== undefined) look(document.run);
}
await finished.promise;
await bot.stop();
process.stdout.write("done\n");
