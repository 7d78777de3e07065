import { describe, expect, test } from "vitest";
import type { QueueEntry } from "../../src/contracts/document.ts";
import { estimateStarts, type QueueNow } from "../../src/metaagent/start-estimate.ts";

const NOW = 1_000_000;
let counter = 0;

function entry(costMs: number, fields: Partial<QueueEntry> = {}): QueueEntry {
  counter += 1;
  return {
    dispatchId: `dsp_aaaaaaaa_${counter}`,
    runId: "run_aaaaaaaa",
    flow: "ann",
    order: counter,
    costMs,
    weight: 1,
    learned: true,
    groups: [{ name: "tenant:ann", limit: 4 }],
    ...fields,
  };
}

function starts(queue: Partial<QueueNow>): (number | string)[] {
  const none = { now: NOW, slots: 2, running: [], waiting: [], isHeld: () => false };
  return estimateStarts({ ...none, ...queue }).map((start) => (start.kind === "estimated" ? start.inMs : start.kind));
}

describe("the estimate of a start", () => {
  test("is what runs and what is ahead by learned cost, over the slots", () => {
    const running = [
      { entry: entry(10_000), since: NOW - 4000 },
      { entry: entry(30_000), since: NOW },
    ];
    // One slot is free after 6 s, then after 6 + 20, and the other after 30.
    expect(starts({ running, waiting: [entry(20_000), entry(20_000), entry(5000)] })).toEqual([6000, 26_000, 30_000]);
  });

  test("is now where a place is free, whatever is known of the rest", () => {
    expect(starts({ running: [{ entry: entry(1, { learned: false }), since: NOW }], waiting: [entry(1)] })).toEqual([
      0,
    ]);
  });

  test("is unknown behind work that was never measured, and behind work that takes longer than ever", () => {
    const guessed = { entry: entry(10_000, { learned: false }), since: NOW };
    const late = { entry: entry(10_000), since: NOW - 60_000 };
    expect(starts({ slots: 1, running: [guessed], waiting: [entry(1)] })).toEqual(["no_history"]);
    expect(starts({ slots: 1, running: [late], waiting: [entry(1)] })).toEqual(["no_history"]);
    expect(starts({ slots: 1, waiting: [entry(1, { learned: false }), entry(1)] })).toEqual([0, "no_history"]);
  });

  test("follows the narrowest limit that an entry counts in", () => {
    const narrow = [{ name: "tenant:bob", limit: 1 }];
    const running = [{ entry: entry(50_000, { groups: narrow }), since: NOW }];
    const waiting = [entry(10_000, { groups: narrow }), entry(10_000), entry(10_000, { groups: narrow })];
    expect(starts({ slots: 4, running, waiting })).toEqual([50_000, 0, 60_000]);
  });

  test("a writer waits for another run's writer, and not for its own", () => {
    const writing = (holder: string) => [{ name: "workspace:/r", limit: 1, holder }];
    const running = [{ entry: entry(50_000, { groups: writing("run_a") }), since: NOW }];
    const waiting = [entry(1, { groups: writing("run_a") }), entry(1, { groups: writing("run_b") })];
    expect(starts({ slots: 4, running, waiting })).toEqual([0, 50_000]);
  });

  test("of what is paused is none, and it is in nobody's way", () => {
    const paused = entry(90_000);
    expect(starts({ slots: 1, waiting: [paused, entry(1)], isHeld: (item) => item === paused })).toEqual(["held", 0]);
  });

  test("is not before the next attempt may begin", () => {
    expect(starts({ waiting: [entry(1, { notBefore: NOW + 7000 })] })).toEqual([7000]);
  });
});
