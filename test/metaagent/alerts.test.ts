import { expect, test } from "vitest";
import type { AlertRecord } from "../../src/contracts/operations.ts";
import { raw } from "../../src/contracts/text.ts";
import { ALERTS_KEPT, seen } from "../../src/metaagent/alerts.ts";

function record(key: string, resolvedAt?: number): AlertRecord {
  const alert = {
    key,
    severity: "warning",
    since: 1,
    what: raw(key),
    todo: raw(""),
    standing: true,
    shown: [],
  } as const;
  return { ...alert, shown: [], ...(resolvedAt === undefined ? {} : { resolvedAt }) };
}

test("of many alerts those that are over are forgotten first", () => {
  const old = record("an old one that is open");
  const over = Array.from({ length: ALERTS_KEPT - 1 }, (_, at) => record(`over ${at}`, 2));
  const { records, raised } = seen([old, record("a new one")], 3)([old, ...over]);
  expect(raised.map(({ key }) => key)).toEqual(["a new one"]);
  expect(records).toHaveLength(ALERTS_KEPT);
  expect(records.map(({ key }) => key)).toContain(old.key);
  expect(records.map(({ key }) => key)).not.toContain("over 0");
});
