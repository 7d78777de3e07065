import { expect, test } from "vitest";
import { namesIn } from "../../../adapters/web/names.ts";
import { codeWords } from "../../../adapters/web/pages/parts.ts";
import { cardOf } from "../../../src/cards/cards-of.ts";
import type { Run } from "../../../src/contracts/run.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { RUNS } from "../../fixtures/runs.ts";

const words = translatorFor("en");
const nameOf = namesIn([{ id: "ada", name: "Ada", roles: [] }], [], words);

test.each([
  ["web:ada", "Ada"],
  ["web:work", words.t("web.nav.work")],
  ["terminal:root", "root (terminal)"],
  ["slack:U0123", "U0123 (Slack)"],
  ["payments", "payments"],
  ["else:where", "else:where"],
])("what counts for %s is said to count for %s", (tenant, name) => {
  expect(nameOf("tenant", tenant)).toBe(name);
});

test("a code is said in words, and one that nothing is known of has none", () => {
  expect(codeWords("answer.bad_argument", words)).toBe("the answer did not fit the question");
  expect(codeWords("plugin.own", words)).toBeUndefined();
});

test("a check on a dead letter is called by what it looks at, and not by its ids", () => {
  const { status } = RUNS.deadLetter;
  if (status.kind !== "dead_letter") throw new Error("no letter");
  const evidence = [{ kind: "measure" as const, name: "history/ended-well", value: 0, unit: "round" }];
  const run: Run = { ...RUNS.deadLetter, status: { ...status, failure: { ...status.failure, evidence } } };
  const card = cardOf(run, "dead_letter", words);
  const lines = card?.kind === "dead_letter" ? card.sections.flatMap((section) => section.lines) : [];
  expect(lines.join("\n")).not.toContain("history/");
  expect(lines.find((line) => line.includes("this did not hold"))).toContain("History");
});
