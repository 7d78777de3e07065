import { describe, expect, test } from "vitest";
import { openCard, shippedCatalog, walk } from "../fakes/spine-walk.ts";
import { resolveAnswers, resolveSelection, standingAnswers } from "../../src/commands/answers.ts";
import { translatorFor } from "../../src/i18n.ts";
import { CONFIRMATION } from "../fixtures/runs.ts";

const GOOD = { outcome: "report_only", scope: "custom", priority: "thorough" };

describe("answers held against the open decision", () => {
  test("every recommendation is taken, linear questions included", () => {
    expect(resolveAnswers(CONFIRMATION, "recommended", {})).toEqual({
      ok: true,
      answers: { outcome: "report_only", scope: "all", depth: "deep", priority: "risk_first" },
      args: {},
    });
  });

  test("a linear question is not asked after another answer of its parent", () => {
    expect(resolveAnswers(CONFIRMATION, GOOD, {})).toMatchObject({ ok: true, answers: GOOD });
    expect(resolveAnswers(CONFIRMATION, { ...GOOD, depth: "deep" }, {})).toMatchObject({
      ok: false,
      code: "answer.not_asked",
    });
    expect(resolveAnswers(CONFIRMATION, { ...GOOD, scope: "all" }, {})).toMatchObject({
      ok: false,
      code: "answer.missing",
    });
  });

  test.each([
    [{ ...GOOD, colour: "red" }, "answer.unknown_question"],
    [{ ...GOOD, outcome: "everything" }, "answer.unknown_option"],
    [{ ...GOOD, outcome: "toString" }, "answer.unknown_option"],
    [{ ...GOOD, outcome: "report_in_workspace" }, "answer.rejected_option"],
    [{ outcome: "report_only" }, "answer.missing"],
    [{}, "answer.missing"],
  ])("%j is refused: %s", (answers, code) => {
    const resolved = resolveAnswers(CONFIRMATION, answers, {});
    expect(resolved).toMatchObject({ ok: false, code });
  });

  test("a rejected option is refused with the reason that the card shows", () => {
    const resolved = resolveAnswers(CONFIRMATION, { ...GOOD, outcome: "report_in_workspace" }, {});
    expect(resolved.ok ? "" : translatorFor("en").say(resolved.message)).toContain("the goal says read-only");
  });

  test("without a recommendation for every question there is nothing to take", () => {
    const questions = CONFIRMATION.questions.map((question) => ({
      ...question,
      options: question.options.map((option) => ({ ...option, recommended: false })),
    }));
    expect(resolveAnswers({ ...CONFIRMATION, questions }, "recommended", {})).toMatchObject({
      ok: false,
      code: "answer.no_recommendation",
    });
  });

  test("questions that wait for each other end in a refusal, not in a loop", () => {
    const [first, second] = CONFIRMATION.questions;
    if (first === undefined || second === undefined) throw new Error("fixture");
    const questions = [
      { ...first, after: { question: second.id, options: ["all"] } },
      { ...second, after: { question: first.id, options: ["report_only"] } },
    ];
    const answers = { outcome: "report_only", scope: "all" };
    expect(resolveAnswers({ questions, args: {} }, answers, {})).toMatchObject({ ok: false, code: "answer.not_asked" });
  });

  test.each([
    [{ days: 30 }, true],
    [{ days: 0 }, false],
    [{ days: 366 }, false],
    [{ days: 1.5 }, false],
    [{ days: "30" }, false],
    [{ online: false }, true],
    [{ online: "no" }, false],
    [{ lanes: ["secrets", "secrets"] }, true],
    [{ lanes: [] }, false],
    [{ lanes: ["nothing"] }, false],
    [{ colour: "red" }, false],
    [{ constructor: "x" }, false],
  ])("values %j: %s", (args, ok) => {
    expect(resolveAnswers(CONFIRMATION, GOOD, args)).toMatchObject({ ok });
  });

  test("only what was changed comes back, each lane once", () => {
    expect(resolveAnswers(CONFIRMATION, GOOD, { lanes: ["secrets", "secrets"] })).toMatchObject({
      args: { lanes: ["secrets"] },
    });
  });
});

describe("what was selected on an open card", () => {
  const draftOf = (answers: Record<string, string>) => ({ ...CONFIRMATION, draft: { answers, args: {} } });

  test("without a selection, what is recommended stands chosen", () => {
    expect(standingAnswers(CONFIRMATION.questions, undefined)).toEqual({
      outcome: "report_only",
      scope: "all",
      depth: "deep",
      priority: "risk_first",
    });
  });

  test("a selection stands over the recommendation, and confirming means it", () => {
    const drafted = draftOf({ priority: "thorough" });
    expect(resolveAnswers(drafted, "drafted", {})).toMatchObject({ ok: true, answers: { priority: "thorough" } });
    expect(resolveAnswers(drafted, "recommended", {})).toMatchObject({ answers: { priority: "risk_first" } });
  });

  test("what hung on another answer of its parent is left out, and comes back with it", () => {
    expect(standingAnswers(CONFIRMATION.questions, { answers: { scope: "custom" }, args: {} })).not.toHaveProperty(
      "depth",
    );
    const again = draftOf({ scope: "all", depth: "shallow" });
    expect(resolveAnswers(again, "drafted", {})).toMatchObject({
      ok: true,
      answers: { scope: "all", depth: "shallow" },
    });
  });

  test.each([
    [{ colour: "red" }, "answer.unknown_question"],
    [{ outcome: "everything" }, "answer.unknown_option"],
    [{ outcome: "report_in_workspace" }, "answer.rejected_option"],
    [{ scope: "custom", depth: "deep" }, "answer.not_asked"],
  ])("a selection of %j is refused: %s", (answers, code) => {
    expect(resolveSelection(CONFIRMATION, answers, {})).toMatchObject({ ok: false, code });
  });

  test("one question can be selected at a time, on top of what was selected before", () => {
    expect(resolveSelection(draftOf({ scope: "custom" }), { priority: "thorough" }, {})).toMatchObject({ ok: true });
    expect(resolveSelection(draftOf({ scope: "custom" }), { depth: "deep" }, {})).toMatchObject({ ok: false });
  });
});

test("whoever selects parts by hand on the card has chosen the own selection, unless another scope is named with it", async () => {
  const card = openCard(walk({ catalog: await shippedCatalog() }));
  expect(resolveSelection(card, {}, { lanes: ["size"] })).toMatchObject({
    ok: true,
    answers: { scope: "own_selection" },
  });
  expect(resolveSelection(card, { scope: "quick" }, { lanes: ["size"] })).toMatchObject({
    answers: { scope: "quick" },
  });
  expect(resolveSelection(card, {}, { test_runs: 2 })).toMatchObject({ ok: true, answers: {} });
});
