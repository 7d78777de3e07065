import { expect, test } from "vitest";
import { argumentsInForce } from "../../src/commands/arguments-in-force.ts";

test("a person's own change counts most, then what a later question set, then what was there", () => {
  const present = { install: false, days: 90, runs: 2, online: true };
  const set = [
    { install: true, days: 30 },
    { days: 7, runs: 1 },
  ];
  expect(argumentsInForce(present, set, { runs: 5 })).toEqual({ install: true, days: 7, runs: 5, online: true });
});
