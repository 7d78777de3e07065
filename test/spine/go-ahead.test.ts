import { describe, expect, test } from "vitest";
import { GOAL_LIMIT } from "../../src/contracts/task.ts";
import { goAheadWords } from "../../src/spine/go-ahead.ts";

describe("a goal that says so waives the confirmation", () => {
  test.each([
    ["health check, just do it", "just do it"],
    ["Health check - JUST DO IT!", "just do it"],
    ["health check just do it please", "just do it"],
    ["Check the health. I want you to just do it.", "just do it"],
    ["health check (read-only), just do it", "just do it"],
    ["Health check. Do not touch the database. Just do it.", "just do it"],
    ["just do it: check the health of this repository", "just do it"],
    ["just do it, don’t ask", "just do it"],
    ["health check; auto-proceed", "auto proceed"],
    ["health check, autoproceed", "autoproceed"],
    ["health check, no need to ask", "no need to ask"],
    ["health check, no need to ask me for confirmation", "no need to ask me for confirmation"],
    ["health check. There is no need to confirm anything.", "there is no need to confirm anything"],
    ["health check, no confirmation needed", "no confirmation needed"],
    ["No confirmation is required: health check", "no confirmation is required"],
    ["health check. Don't ask me.", "don't ask me"],
    ["please do not ask for permission, check the health", "do not ask for permission"],
    ["health check, you don't need to ask", "don't need to ask"],
    ["run a health check without asking", "without asking"],
    ["health check, without confirmation", "without confirmation"],
    ["健康检查，不需要确认", "不需要确认"],
    ["健康检查，无需确认。", "无需确认"],
    ["检查仓库，不用再问我", "不用再问我"],
    ["不必确认，检查健康状况", "不必确认"],
    ["健康检查，别问我", "别问我"],
    ["健康检查，直接做", "直接做"],
    ["健康检查直接做吧", "直接做吧"],
    ["请直接执行健康检查", "直接执行"],
    ["只读健康检查，直接执行", "直接执行"],
    ["检查一下 后端，然后给我报告。直接 执行！", "直接执行"],
  ])("%s", (goal, words) => {
    expect(goAheadWords(goal)).toBe(words);
  });
});

describe("a goal that denies, bounds or only describes it does not", () => {
  test.each([
    ["health check; do not start without asking me"],
    ["never run anything without confirmation"],
    ["run nothing without confirmation"],
    ["never run anything\nwithout confirmation"],
    ["Under no circumstances go ahead without asking"],
    ["nothing may start without confirmation"],
    ["Nobody may run this without asking me"],
    ["you must not proceed without asking"],
    ["You can't just do it"],
    ["I don't want you to just do it"],
    ["do not just do it"],
    ["Don’t just do it"],
    ["Don't ... just do it"],
    ["Don't, e.g. tomorrow, just do it"],
    ["never auto-proceed"],
    ["just do it unless a file would change"],
    ["just do it, but ask before you write"],
    ["Just do it. Ask me before you write anything."],
    ["Just do it. But not the release."],
    ["Just do it. Except for writes: wait for me."],
    ["don't ask until the tests are done"],
    ["don't ask before you have a plan; then ask"],
    ["if the tests are green, just do it"],
    ["show me the plan first, then just do it"],
    ["only reads may run without confirmation"],
    ["just do it after I have seen the plan"],
    ["should you just do it?"],
    ["health check: may we go without asking?"],
    ["just do it, do not just do it"],
    ["just do it now, and never just do it later"],
    ["no confirmation needed for reads, ask for writes"],
    ["find scripts that delete files without asking"],
    ["find scripts deleting files without asking"],
    ["don't ask the server for more than ten items"],
    ["check the dialogs with no confirmation needed"],
    ["the last run decided to just do it and broke main"],
    ["add the option --auto-proceed"],
    ['rename the label "just do it" to "go"'],
    ["health check"],
    ["不要在没有确认的情况下直接执行"],
    ["不要直接执行"],
    ["先不要直接做"],
    ["健康检查，别直接执行"],
    ["不得直接执行"],
    ["不能直接执行健康检查"],
    ["未经我同意，不得直接执行"],
    ["未经批准直接执行"],
    ["除非测试通过，直接执行"],
    ["先给我看计划再直接执行"],
    ["如果测试通过，直接执行"],
    ["直接执行，但写入要确认"],
    ["直接做。不过写入之前问我。"],
    ["可以直接执行吗"],
    ["不是不需要确认"],
    ["写入需要确认，读取不需要确认"],
    ["哪些操作不需要确认"],
    ["检查不需要确认的操作"],
    ["检查用户输入可以直接执行"],
    ["修复直接执行用户输入的漏洞"],
    ["健康检查"],
  ])("%s", (goal) => {
    expect(goAheadWords(goal)).toBeUndefined();
  });
});

test("a goal that is made to be slow is read at once", () => {
  const hostile = [
    '"',
    "“",
    "`",
    "do it ",
    "run a ",
    "ok please ",
    "do not ",
    "当",
    "直接",
    "请你",
    "不用再我",
    "e.g",
    "a.",
    ", ",
  ];
  const begun = performance.now();
  for (const piece of hostile) goAheadWords(piece.repeat(GOAL_LIMIT / piece.length));
  expect(performance.now() - begun).toBeLessThan(5000);
});
