import { Command } from "../src/contracts/command.ts";
import { systemClock } from "../adapters/clock/system-clock.ts";
import { aControlPlane, aTask } from "../test/fixtures/control-plane.ts";
import type { BenchTable } from "./table.ts";

const RUNS = 300;

/**
 * From the call of the door to the saved start of the run's first dispatch, one run after the other: accept, two
 * durable writes, fair order, lease. Baseline in the same run: one durable write of a run's document.
 */
export async function benchDispatch(): Promise<BenchTable[]> {
  const plane = await aControlPlane({ clock: { ...systemClock, advance: () => undefined } });
  const latencies: number[] = [];
  const accepted: number[] = [];
  try {
    for (let n = 0; n < RUNS; n += 1) {
      const started = Promise.withResolvers<number>();
      const off = plane.agent.on("run.changed", ({ event }) => {
        if (event.kind === "dispatch.started") started.resolve(performance.now());
      });
      const task = aTask();
      const before = performance.now();
      const reply = await plane.agent.handle(
        Command.parse({ kind: "run.start", id: `b${n}`, by: task.requestedBy, task }),
      );
      accepted.push(performance.now() - before);
      latencies.push((await started.promise) - before);
      off();
      if (reply.kind !== "accepted") throw new Error(`the run was not accepted: ${reply.kind}`);
      await plane.agent.handle(
        Command.parse({ kind: "run.cancel", id: `c${n}`, by: task.requestedBy, runId: reply.runId }),
      );
    }
  } finally {
    await plane.close();
  }
  const row = (name: string, values: number[]): string[] => {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
    return [name, at(0.5), at(0.99), (Number(at(0.5)) / median(accepted)).toFixed(1)];
  };
  return [
    {
      title: `Command to dispatch, ${RUNS} runs one after the other`,
      head: ["what", "p50 ms", "p99 ms", "× one accepted command"],
      rows: [row("command accepted (durable)", accepted), row("first dispatch started (durable)", latencies)],
    },
  ];
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
