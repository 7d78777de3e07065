import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { pause } from "../src/pause.ts";
import { createFakeClock } from "./fakes/fake-clock.ts";

test("a pause ends after its time, and leaves nothing on the signal", async () => {
  const clock = createFakeClock();
  const { signal } = new AbortController();
  const ends = pause(clock, 100, signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  clock.advance(100);
  await ends;
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("it ends at once where the signal is aborted, before or meanwhile", async () => {
  const clock = createFakeClock();
  const controller = new AbortController();
  const meanwhile = pause(clock, 100, controller.signal);
  controller.abort();
  await meanwhile;
  await pause(clock, 100, controller.signal);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("without a signal it ends after its time", async () => {
  const clock = createFakeClock();
  const ends = pause(clock, 100);
  clock.advance(100);
  await expect(ends).resolves.toBeUndefined();
});
