import { expect, test } from "vitest";
import { decisionCard } from "../../src/cards/decision-card.ts";
import { renderPlain } from "../../src/cards/fallback.ts";
import { translatorFor } from "../../src/i18n.ts";
import { plainText, shorten } from "../../src/plain-text.ts";
import { CONFIRMATION, RUNS } from "../fixtures/runs.ts";

test.each([
  ["red \u001b[31malert\u001b[0m", "red alert"],
  ["\u001b]8;;http://evil.example\u0007click\u001b]8;;\u0007", "click"],
  ["a\nb\r\nc\td\u2028e", "a b c d e"],
  ["bell\u0007 and back\u0008", "bell\ufffd and back\ufffd"],
  ["user\u202egpj.exe", "user\ufffdgpj.exe"],
  ["\u2066iso\u2069", "\ufffdiso\ufffd"],
  ["\u0085next", "next"],
  ["half \ud83d", "half \ufffd"],
  ["中文 and émoji 👩‍💻 stay", "中文 and émoji 👩‍💻 stay"],
])("%j becomes %j", (value, safe) => {
  expect(plainText(value)).toBe(safe);
});

test("what is cut is marked, and no character is cut in half", () => {
  expect(shorten("short", 10)).toBe("short");
  expect(shorten("👍👍👍👍", 3)).toBe("👍👍…");
});

test("a diff on a card is no list in plain text: its own marks stand first", () => {
  const card = decisionCard(RUNS.waiting, CONFIRMATION, translatorFor("en"));
  const context = [{ heading: "The change", lines: ["│ first", "│+- second thing", "more of it"] }];
  expect(renderPlain({ ...card, context })).toContain("The change\n  │ first\n  │+- second thing\n  - more of it");
});
