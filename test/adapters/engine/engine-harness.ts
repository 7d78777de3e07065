import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { readTrail } from "../../../adapters/engine/embedded/audit-file.ts";
import type { DiskCalls } from "../../../adapters/files.ts";
import { createEmbeddedEngine } from "../../../adapters/engine/embedded/embedded-engine.ts";
import { OPERATIONS_TRAIL } from "../../../src/contracts/audit.ts";
import type { Engine } from "../../../src/ports.ts";
import type { EngineHarness } from "../../contracts/engine-contract.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";
import { createFifoQueue, type FifoQueue } from "../../fakes/fifo-queue.ts";

export interface EmbeddedHarness extends EngineHarness {
  readonly root: string;
  /** What was logged, one JSON object a line. */
  readonly logged: string[];
  /** The queue of the engine that was opened last. */
  readonly queue: FifoQueue;
  open(disk?: DiskCalls): Promise<Engine>;
}

export async function createEmbeddedHarness(): Promise<EmbeddedHarness> {
  const root = await mkdtemp(join(tmpdir(), "coxswain-engine-"));
  const clock = createFakeClock();
  const logged: string[] = [];
  const log = pino({ level: "info" }, { write: (line) => void logged.push(line) });
  let queue = createFifoQueue();
  let engine: Engine | undefined;
  return {
    root,
    clock,
    logged,
    get queue() {
      return queue;
    },
    async open(disk) {
      queue = createFifoQueue();
      engine = await createEmbeddedEngine({ root, queue, clock, log, ...(disk === undefined ? {} : { disk }) });
      return engine;
    },
    trail: async (id) => (await readTrail(root, id)) ?? { lines: [], head: undefined },
    async loseLastEntry(id) {
      const path = join(id === OPERATIONS_TRAIL ? root : join(root, "runs", id), "audit.jsonl");
      const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
      await writeFile(
        path,
        lines
          .slice(0, -1)
          .map((line) => `${line}\n`)
          .join(""),
      );
    },
    async dispose() {
      await engine?.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
