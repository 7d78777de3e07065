import { pino } from "pino";
import { systemClock } from "../../../adapters/clock/system-clock.ts";
import { createEmbeddedEngine } from "../../../adapters/engine/embedded/embedded-engine.ts";
import { createFifoQueue } from "../../fakes/fifo-queue.ts";

/** A process that owns a state root until its standard input ends, or says why it cannot. */
try {
  const engine = await createEmbeddedEngine({
    root: process.argv[2] ?? "",
    queue: createFifoQueue(),
    clock: systemClock,
    log: pino({ level: "silent" }),
  });
  process.stdout.write("holding\n");
  process.stdin.resume().on("end", () => void engine.close());
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
}
