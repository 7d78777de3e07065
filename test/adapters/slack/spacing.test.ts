import { expect, test } from "vitest";
import { createSpacing } from "../../../adapters/slack/spacing.ts";
import { BusyError } from "../../../src/errors.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

test("progress is quick at first, then at most every two minutes, and the last state is never held back", () => {
  const clock = createFakeClock();
  const spacing = createSpacing(clock);
  const edits: number[] = [];
  const begun = clock.now();
  for (let second = 0; second < 1800; second += 1) {
    clock.advance(1000);
    try {
      spacing.allow("notice");
      spacing.edited("notice");
      edits.push((clock.now() - begun) / 1000);
    } catch (error) {
      expect(error).toBeInstanceOf(BusyError);
    }
  }
  expect(edits.filter((at) => at <= 60).length).toBeGreaterThanOrEqual(4);
  expect(edits.filter((at) => at > 600 && at <= 1200).length).toBeLessThanOrEqual(10);
  spacing.end("notice");
  expect(() => spacing.allow("notice")).not.toThrow();
});
