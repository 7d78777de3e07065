import { expect, test } from "vitest";
import { z } from "zod";
import { readsBack } from "../../../adapters/engine/embedded/reads-back.ts";
import { RunDocument } from "../../../src/contracts/document.ts";
import { RUNS } from "../../fixtures/runs.ts";
import { aRunDocument } from "../../fixtures/run-document.ts";

const Thing = z.object({
  name: z.string(),
  parts: z.array(z.object({ id: z.number() })),
  few: z.array(z.number()).max(2),
  pair: z.object({ low: z.number(), high: z.number() }).refine(({ low, high }) => low <= high),
  note: z.object({ text: z.string() }).optional(),
});
const before: z.infer<typeof Thing> = {
  name: "a",
  parts: [{ id: 1 }, { id: 2 }],
  few: [1],
  pair: { low: 1, high: 2 },
};

test.each([
  ["a field", { ...before, name: 1 }],
  ["a field that is missing", { ...before, name: undefined }],
  ["an element", { ...before, parts: [...before.parts, { id: "3" }] }],
  ["a field of an element", { ...before, parts: [{ id: 1 }, { id: null }] }],
  ["the length of a list", { ...before, few: [1, 2, 3] }],
  ["how two fields stand to each other", { ...before, pair: { ...before.pair, low: 3 } }],
  ["what was not there before", { ...before, note: {} }],
])("a change of %s that could not be read back is seen", (_, next) => {
  expect(readsBack(Thing, before, next)).toBe(false);
});

test("what can be read back is, whether it is new, changed or gone", () => {
  const next = { ...before, name: "b", parts: [{ id: 2 }], few: [1, 2], note: { text: "new" } };
  expect(readsBack(Thing, undefined, before)).toBe(true);
  expect(readsBack(Thing, before, next)).toBe(true);
  expect(readsBack(Thing, next, before)).toBe(true);
});

test("what is the same object in both documents is not looked at again", () => {
  const parts = [{ id: 1 }];
  const looked: unknown[] = [];
  const Watched = z.object({ parts: z.array(z.custom((value) => looked.push(value) > 0)) });
  expect(readsBack(Watched, { parts }, { parts: [...parts, { id: 2 }] })).toBe(true);
  expect(looked).toEqual([{ id: 2 }]);
});

test.each(Object.entries(RUNS))("a document of a run that is %s reads back after any other", (_, run) => {
  const next = { ...aRunDocument(), run };
  for (const other of Object.values(RUNS)) {
    expect(readsBack(RunDocument, { ...aRunDocument(), run: other }, next)).toBe(true);
  }
});
