import { expect, test } from "vitest";
import { plainText, shorten } from "../../src/plain-text.ts";

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
