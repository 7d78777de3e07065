import { expect, test } from "vitest";
import { argumentFromText, checkArgument, lanesOf } from "../../src/commands/argument.ts";
import { MacroArgument } from "../../src/contracts/macro-argument.ts";
import { translatorFor } from "../../src/i18n.ts";

const title = { en: "Value" };
const define = (fields: object) => MacroArgument.parse({ title, ...fields });

test.each([
  [define({ type: "string", default: "", maxLength: 3 }), "abc", true],
  [define({ type: "string", default: "", maxLength: 3 }), "abcd", false],
  [define({ type: "string", default: "", pattern: "[a-z]+" }), "abc", true],
  [define({ type: "string", default: "", pattern: "[a-z]+" }), "abc1", false],
  [define({ type: "choice", default: "a", choices: ["a", "b"] }), "b", true],
  [define({ type: "choice", default: "a", choices: ["a", "b"] }), "c", false],
  [define({ type: "boolean", default: true }), 1, false],
])("%j with %j: %s", (definition, value, ok) => {
  expect(checkArgument(definition, value, []).ok).toBe(ok);
});

test("a value that a pattern refuses is told what the pattern means, in words where there are any", () => {
  const patternHint = { en: "a small letter", "zh-CN": "一个小写字母" };
  const refusal = (definition: MacroArgument, language: string) => {
    const verdict = checkArgument(definition, "1", []);
    return verdict.ok ? "" : translatorFor(language).say(verdict.message);
  };
  const hinted = define({ type: "string", default: "a", pattern: "[a-z]", patternHint });
  expect(refusal(hinted, "en")).toBe("Value does not have the expected form: a small letter. What came is “1”.");
  expect(refusal(hinted, "zh-CN")).toContain("一个小写字母");
  expect(refusal(define({ type: "string", default: "a", pattern: "[a-z]" }), "en")).toContain("[a-z]");
});

test("typed text becomes a value of the argument's type, or stays text and is refused", () => {
  expect(argumentFromText(define({ type: "integer", default: 1 }), " 42 ")).toBe(42);
  expect(argumentFromText(define({ type: "integer", default: 1 }), "many")).toBe("many");
  expect(argumentFromText(define({ type: "boolean", default: true }), "No")).toBe(false);
  expect(argumentFromText(define({ type: "boolean", default: true }), "是")).toBe(true);
  expect(argumentFromText(define({ type: "lanes", default: ["a"] }), "a, b，c、d")).toEqual(["a", "b", "c", "d"]);
});

test("without a list of lanes, those of default and present value are known", () => {
  const definition = define({ type: "lanes", default: ["a"] });
  expect(lanesOf({ definition, value: ["b"] })).toEqual(["a", "b"]);
  expect(lanesOf({ definition, value: ["b"], choices: [{ id: "c" }] })).toEqual(["c"]);
});
