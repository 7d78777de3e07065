import { pino } from "pino";
import { systemClock } from "../../../adapters/clock/system-clock.ts";
import { createEmbeddedEngine } from "../../../adapters/engine/embedded/embedded-engine.ts";
import { createFifoQueue } from "../../fakes/fifo-queue.ts";
import { aRunDocument } from "../../fixtures/run-document.ts";

/**
 * A process for the crash test: saves one run over and over, finishes another one in each round, and says
 * on its standard output what was acknowledged. It ends only by being killed.
 */
const engine = await createEmbeddedEngine({
  root: process.argv[2] ?? "",
  queue: createFifoQueue(),
  clock: systemClock,
  log: pino({ level: "silent" }),
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function countUp(): Promise<void> {
  const version = await engine.transact("run_counter0", (before) => {
    const version = (before?.run.version ?? 0) + 1;
    return { document: aRunDocument({ run: { runId: "run_counter0", version } }), result: version };
  });
  say(`version ${version}`);
}

async function finishOne(n: number): Promise<void> {
  const runId = `run_${process.pid}n${String(n).padStart(8, "0")}`;
  const save = (run: object): Promise<void> =>
    engine.transact(runId, () => ({ document: aRunDocument({ run: { runId, ...run } }), result: undefined }));
  await save({});
  await save({ status: { kind: "completed", completedAt: 1 } });
  say(`finished ${runId}`);
}

async function countOperations(): Promise<void> {
  await engine.transactOperations((before) => ({ ...before, virtualTime: before.virtualTime + 1 }));
  say(`operations ${engine.operations().virtualTime}`);
}

for (let n = 0; ; n++) await Promise.all([countUp(), finishOne(n), countOperations()]);
