import { describe, expect, test } from "vitest";
import { looksLikeAnswer, parseTextAnswer, splitReason } from "../../src/commands/text-answer.ts";
import { CONFIRMATION } from "../fixtures/runs.ts";

const { questions } = CONFIRMATION;
const ANSWERS = { outcome: "report_only", scope: "custom", priority: "quick_first" };

describe("answers by text", () => {
  test.each([
    "1A 2C 4B",
    "1a,2c,4b",
    "1A2C4B",
    "1Ａ，２Ｃ、４Ｂ",
    "1) a  2) c  4) b",
    "4b 2c 1a",
    "1.A; 2.C; 4.B.",
    "1A 1A 2C 4B",
  ])("%j answers three questions", (typed) => {
    expect(parseTextAnswer(typed, questions)).toEqual({ ok: true, answers: ANSWERS });
  });

  test.each(["recommended", "Accept all", "accept all!", "全部推荐", "按推荐", "按推荐。"])(
    "%j takes every recommendation",
    (typed) => {
      expect(parseTextAnswer(typed, questions)).toEqual({ ok: true, answers: "recommended" });
    },
  );

  test.each(["B", "b.", "Ｂ", "1B"])("%j is enough where there is one question", (typed) => {
    expect(parseTextAnswer(typed, questions.slice(0, 1))).toEqual({
      ok: true,
      answers: { outcome: "report_with_plan" },
    });
  });

  test.each([
    ["", "answer.empty"],
    ["A", "answer.which_question"],
    ["A C B", "answer.which_question"],
    ["yes", "answer.not_understood"],
    ["1A and then whatever", "answer.not_understood"],
    ["1A 2C recommended", "answer.not_understood"],
    ["not recommended", "answer.not_understood"],
    ["不推荐", "answer.not_understood"],
    ["1AB 2C 4B", "answer.not_understood"],
    ["1A 2C 9B", "answer.unknown_question"],
    ["1A 2D 4B", "answer.unknown_option"],
    ["1A 1B 2C 4B", "answer.contradiction"],
    ["1A 2C", "answer.missing"],
    ["1A 2A 4A", "answer.missing"],
  ])("%j is refused, not guessed: %s", (typed, code) => {
    expect(parseTextAnswer(typed, questions)).toMatchObject({ ok: false, code });
  });
});

describe("a choice with its reason", () => {
  test.each([
    ["B because the owner agreed", "B", "the owner agreed"],
    ["1B, because: it is urgent", "1B", "it is urgent"],
    ["b reason: asked the owner", "b", "asked the owner"],
    ["B 因为负责人同意", "B", "负责人同意"],
    ["1B，理由：很急", "1B", "很急"],
  ])("%j", (typed, choice, reason) => {
    expect(splitReason(typed)).toEqual({ choice, reason });
    expect(looksLikeAnswer(typed)).toBe(true);
  });

  test.each(["B", "1A 2C", "we stopped because it rained", "no reason at all to wait"])(
    "%j has none, or is no answer",
    (typed) => {
      const { reason } = splitReason(typed);
      expect(reason === undefined || !looksLikeAnswer(typed)).toBe(true);
    },
  );
});
