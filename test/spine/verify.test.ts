import { expect, test } from "vitest";
import { checkStep } from "../../src/spine/verify.ts";
import { GOOD_RESULT } from "../fakes/fake-runtime.ts";

test("a fact is there only where the worker has reported it, whatever it is called", () => {
  const comparison = { laneId: "walls", evidence: undefined, linesOf: () => undefined, artifactAt: () => undefined };
  const step = (facts: string[]) => ({ id: "there", kind: "facts_present", facts }) as const;
  const result = { ...GOOD_RESULT, facts: { size: 1 } };
  expect(checkStep(step(["size"]), result, comparison).passed).toBe(true);
  expect(checkStep(step(["size", "constructor"]), result, comparison)).toEqual({
    passed: false,
    detail: "missing facts: constructor",
  });
});
