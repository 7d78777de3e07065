import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createEmbeddedEngine } from "../../adapters/engine/embedded/embedded-engine.ts";
import { createLog } from "../../src/log.ts";
import type { Surface, SurfaceMessage } from "../../src/ports.ts";
import { createFakeClock, type FakeClock } from "../fakes/fake-clock.ts";
import { createFifoQueue } from "../fakes/fifo-queue.ts";
import { aControlPlane, aTask, type ControlPlane } from "../fixtures/control-plane.ts";
import { eventually } from "../fixtures/eventually.ts";
import { aRunDocument } from "../fixtures/run-document.ts";

const CHANNELS = 10;
const RUNS = 100;

const planes: ControlPlane[] = [];
const roots: string[] = [];
afterEach(async () => {
  await Promise.all(planes.splice(0).map((plane) => plane.close()));
  await Promise.all(roots.splice(0).map((root) => rm(root, { recursive: true, force: true })));
});

/** A bot that was killed with one notice to deliver for each of so many runs, in channels by turns; then it starts. */
async function startedAgain(surface: Surface): Promise<FakeClock> {
  const root = await mkdtemp(join(tmpdir(), "coxswain-outbox-"));
  roots.push(root);
  const clock = createFakeClock();
  const engine = await createEmbeddedEngine({ root, clock, log: createLog("silent"), queue: createFifoQueue() });
  // The oldest is not the first by name.
  for (let n = 0; n < RUNS; n += 1) {
    const { run } = aRunDocument();
    const binding = { surface: surface.name, channel: `c${n % CHANNELS}`, role: "home" } as const;
    const startedAt = run.startedAt - n;
    const task = { ...run.task, bindings: [binding] };
    const runId = `run_${String(n).padStart(8, "a")}`;
    const outbox = [{ id: `e${n}`, effect: { kind: "publish", card: "notice" }, savedAt: startedAt }] as const;
    const document = aRunDocument({ run: { runId, task, startedAt }, outbox: [...outbox] });
    await engine.transact(runId, () => ({ document, result: undefined }));
  }
  await engine.close();
  planes.push(await aControlPlane({ root, clock, surfaces: [surface] }));
  return clock;
}

/** The runs of each channel in the order in which they were put there. */
function order(put: readonly SurfaceMessage[]): Record<string, string[]> {
  const channels = Object.groupBy(put, ({ channel }) => channel);
  const runIn = ({ key }: SurfaceMessage): string => key.split("/")[0] ?? "";
  return Object.fromEntries(Object.entries(channels).map(([channel, all]) => [channel, (all ?? []).map(runIn)]));
}

const OLDEST_FIRST = Object.fromEntries(
  Array.from({ length: CHANNELS }, (_, channel) => [
    `c${channel}`,
    Array.from({ length: RUNS / CHANNELS }, (__, at) => channel + at * CHANNELS)
      .toReversed()
      .map((n) => `run_${String(n).padStart(8, "a")}`),
  ]),
);

test("what an earlier process left is delivered a few at a time, and in each channel the oldest run first", async () => {
  const put: SurfaceMessage[] = [];
  let now = 0;
  let most = 0;
  await startedAgain({
    name: "slow",
    put: async (message) => {
      now += 1;
      most = Math.max(most, now);
      put.push(message);
      await new Promise(setImmediate);
      now -= 1;
      return { thread: message.key, message: message.key };
    },
  });
  await eventually(() => expect(put).toHaveLength(RUNS));
  expect(order(put)).toEqual(OLDEST_FIRST);
  expect(most).toBeLessThanOrEqual(4);
});

test("a surface that does not answer holds up the rest of what was left for a moment only", async () => {
  const put: SurfaceMessage[] = [];
  const clock = await startedAgain({
    name: "dead",
    put: (message) => {
      put.push(message);
      return new Promise(() => undefined);
    },
  });
  planes.splice(0);
  await eventually(() => {
    clock.advance(1000);
    expect(put).toHaveLength(RUNS);
  });
  expect(order(put)).toEqual(OLDEST_FIRST);
});

test("who watches a run that cannot be read at the moment is shown its next change", async () => {
  let broken = false;
  const plane = await aControlPlane({
    before: (engine) => ({
      ...engine,
      read: (runId) => (broken ? Promise.reject(new Error("EMFILE: too many open files")) : engine.read(runId)),
    }),
  });
  planes.push(plane);
  const runId = plane.agent.enqueueTask(aTask());
  await plane.agent.accepted(runId);
  broken = true;
  const shown: string[] = [];
  plane.agent.watch(runId, (message) => void (message.kind === "view" && shown.push(message.view.summary.stage)));
  await new Promise(setImmediate);
  broken = false;
  await eventually(() => {
    plane.clock.advance(1000);
    expect(shown).not.toEqual([]);
  });
});
