import { describe, expect, test } from "vitest";
import { alertCard } from "../../src/cards/alert-card.ts";
import { digestCard } from "../../src/cards/digest-card.ts";
import { renderPlain } from "../../src/cards/fallback.ts";
import type { Alert } from "../../src/contracts/alert.ts";
import { Card } from "../../src/contracts/card.ts";
import type { DigestLine } from "../../src/contracts/operations.ts";
import { keyed, SHIPPED_LANGUAGES, translatorFor } from "../../src/i18n.ts";

const ALERT: Alert = {
  key: "unanswered:run_aaaaaaaa:5",
  severity: "warning",
  since: 5,
  what: keyed("alert.unanswered.what", { goal: "check the house", duration: "a day" }),
  todo: keyed("alert.unanswered.todo", { run: "run_aaaaaaaa" }),
  runId: "run_aaaaaaaa",
};
const STATUSES = ["completed", "canceled", "discarded", "refused"] as const;
const LINES = STATUSES.map((status, at): DigestLine => ({
  to: { surface: "web", channel: "operators", role: "operators" },
  runId: `run_0000000${at}`,
  goal: `goal ${at}\u202e\n@everyone`,
  status,
  findings: 3,
  language: "en",
  gatheredAt: at,
}));

describe.each(SHIPPED_LANGUAGES)("in %s", (language) => {
  const words = translatorFor(language);
  test.each([
    ["an alert", alertCard(ALERT, words)],
    ["an alert that is over", alertCard(ALERT, words, 90_000_005)],
    ["a digest", digestCard(LINES, words)],
  ])("%s is a valid card in which every placeholder is filled", (_, card) => {
    const text = renderPlain(Card.parse(card));
    expect(text).not.toMatch(/[{}\u202e]|\b(?:alert|digest)\.[a-z]/);
  });
});

test("an alert says how bad it is, what, since when, and what to do", () => {
  const text = renderPlain(alertCard(ALERT, translatorFor("en")));
  expect(text).toContain("Alert (warning): “check the house” has waited for an answer");
  expect(text).toContain("Since Jan 1, 1970");
  expect(text).toContain("/cox cancel run_aaaaaaaa");
});

test("an alert that is over says since when, and asks for nothing", () => {
  const text = renderPlain(alertCard(ALERT, translatorFor("en"), 3_600_005));
  expect(text).toContain("Over: “check the house” has waited for an answer");
  expect(text).toContain("after 1 hr");
  expect(text).not.toContain("/cox cancel");
});

test("a digest counts how runs ended and has a line for each", () => {
  const lines = renderPlain(digestCard(LINES, translatorFor("en"))).split("\n");
  expect(lines.slice(0, 2)).toEqual(["4 runs have ended", "1 completed, 1 canceled, 1 given up, 1 not taken on"]);
  expect(lines[2]).toMatch(/^ {2}- goal 0.*@everyone: completed, 3 findings \(run_00000000\)$/);
  expect(lines).toHaveLength(6);
});
