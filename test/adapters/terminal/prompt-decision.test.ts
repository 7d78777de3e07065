import { expect, test } from "vitest";
import { promptDecision, type PromptedDecision } from "../../../adapters/terminal/prompt-decision.ts";
import { cardOf } from "../../../src/cards/cards-of.ts";
import type { DecisionCard } from "../../../src/contracts/card.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { createFakeTerminal, type FakeTerminal } from "../../fakes/fake-terminal.ts";
import { LINEAR_CARD } from "../../fixtures/linear-card.ts";
import { RUNS } from "../../fixtures/runs.ts";

function cardIn(language: string): DecisionCard {
  const card = cardOf(RUNS.waiting, "decision", translatorFor(language));
  if (card?.kind !== "decision") throw new Error("fixture");
  return card;
}

function ask(terminal: FakeTerminal, language = "en"): Promise<PromptedDecision> {
  return promptDecision(cardIn(language), { input: terminal.input, output: terminal.output, color: false });
}

test("Enter all the way takes the recommendations, and asks the linear question after its parent", async () => {
  const terminal = createFakeTerminal();
  const prompted = ask(terminal);
  await terminal.press("1. What do you want to get?", "enter");
  await terminal.press("2. How much shall be looked at?", "enter");
  await terminal.press("3. How deep?", "enter");
  await terminal.press("4. What comes first?", "enter");
  await terminal.press("Send the answers", "enter");
  expect(await prompted).toEqual({
    kind: "answered",
    answers: { outcome: "report_only", scope: "all", depth: "deep", priority: "risk_first" },
    args: {},
  });
  const text = terminal.text();
  expect(text).toContain("Nothing is changed before you answer.");
  expect(text).toContain("What we understood");
  for (const field of ["What changes:", "What it solves:", "Result:", "Advantages:", "Disadvantages:"]) {
    expect(text).toContain(field);
  }
  expect(text).toContain("Recommended because: the repository has 12 files");
  expect(text).toContain("Not possible here: the goal says read-only");
});

test("what was refused is mended where it stands, and nothing that was chosen is asked again", async () => {
  const terminal = createFakeTerminal();
  const answers = { outcome: "report_only", scope: "all", depth: "deep", priority: "risk_first" };
  const io = { input: terminal.input, output: terminal.output, color: false };
  const prompted = promptDecision(cardIn("en"), io, { answers, args: {} });
  await terminal.press("Send the answers", "down", "enter");
  await terminal.press("Which answer?", "enter");
  await terminal.press("1. What do you want to get?", "down", "enter");
  await terminal.press("Send the answers", "enter");
  expect(await prompted).toMatchObject({ answers: { ...answers, outcome: "report_with_plan" } });
  expect(terminal.text()).not.toContain("Nothing is changed before you answer.");
});

test("the arrow keys pass over what cannot be chosen, and a linear question can stay unasked", async () => {
  const terminal = createFakeTerminal();
  const prompted = ask(terminal);
  await terminal.press("1. What do you want to get?", "down", "down", "down", "enter");
  await terminal.press("2. How much shall be looked at?", "up", "enter");
  await terminal.press("4. What comes first?", "enter");
  await terminal.press("Send the answers", "enter");
  expect(await prompted).toMatchObject({
    answers: { outcome: "report_with_plan", scope: "custom", priority: "risk_first" },
  });
  expect(terminal.text()).not.toContain("3. How deep?");
});

test("an answer can be changed before it is sent, and what hangs on it is asked or dropped", async () => {
  const terminal = createFakeTerminal();
  const prompted = ask(terminal);
  for (const question of ["1. What do", "2. How much", "3. How deep?", "4. What comes"])
    await terminal.press(question, "enter");
  await terminal.press("Send the answers", "down", "enter");
  await terminal.press("Which answer?", "down", "enter");
  await terminal.press("2. How much shall be looked at?", "down", "down", "enter");
  await terminal.press("Send the answers", "enter");
  expect(await prompted).toMatchObject({
    kind: "answered",
    answers: { outcome: "report_only", scope: "custom", priority: "risk_first" },
  });
  expect((await prompted) as object).not.toHaveProperty("answers.depth");
});

test("values are changed before approving, and what does not fit is not taken", async () => {
  const terminal = createFakeTerminal();
  const prompted = ask(terminal);
  for (const question of ["1. What do", "2. How much", "3. How deep?", "4. What comes"])
    await terminal.press(question, "enter");
  await terminal.press("Send the answers", "down", "down", "enter");
  await terminal.press("Which value?", "enter");
  await terminal.press("Days of history", { type: "0" }, "enter");
  await terminal.press("must be at most 365; it was 900", { type: "\u007f" }, { type: "\u007f" }, "enter");
  await terminal.press("Days of history: 9", "down", "down", "enter");
  await terminal.press("Which value?", "down", "enter");
  await terminal.press("Space mark", "space", "down", "down", "space", "enter");
  await terminal.press("Own selection: Tests, Secrets", "down", "down", "enter");
  await terminal.press("Which value?", "down", "down", "enter");
  await terminal.press("Ask the registry", "down", "enter");
  await terminal.press("Ask the registry: no", "enter");
  expect(await prompted).toMatchObject({
    kind: "answered",
    args: { days: 9, lanes: ["tests", "secrets"], online: false },
  });
});

test("Ctrl-C answers nothing, wherever it comes", async () => {
  const first = createFakeTerminal();
  const early = ask(first);
  await first.press("1. What do you want to get?", "ctrl-c");
  expect(await early).toEqual({ kind: "unanswered" });

  const second = createFakeTerminal();
  const late = ask(second);
  for (const question of ["1. What do", "2. How much", "3. How deep?", "4. What comes"])
    await second.press(question, "enter");
  await second.press("Send the answers", "ctrl-c");
  expect(await late).toEqual({ kind: "unanswered" });
  expect(second.text()).toContain("Nothing was answered. The run keeps waiting.");
});

test("a signal calls the questions off", async () => {
  const terminal = createFakeTerminal();
  const stop = new AbortController();
  const prompted = promptDecision(cardIn("en"), { ...terminal, color: false, signal: stop.signal });
  await terminal.press("1. What do you want to get?");
  stop.abort();
  expect(await prompted).toEqual({ kind: "unanswered" });
});

test("in Chinese no English is left", async () => {
  const terminal = createFakeTerminal();
  const prompted = ask(terminal, "zh-CN");
  for (const question of ["1. 你想", "2. 要看", "3. 看多深", "4. 先看"]) await terminal.press(question, "enter");
  await terminal.press("提交回答", "enter");
  expect(await prompted).toMatchObject({ kind: "answered" });
  const letters = terminal.text().match(/[A-Za-z]{3,}/g) ?? [];
  // The name of the folder.
  expect(letters).toEqual(["repository"]);
});

test("a narrow and low terminal still shows every question", async () => {
  const terminal = createFakeTerminal({ columns: 40, rows: 15 });
  const prompted = ask(terminal);
  for (const question of ["1. What do", "2. How much", "3. How deep?", "4. What comes"])
    await terminal.press(question, "enter");
  await terminal.press("Send the answers", "enter");
  expect(await prompted).toMatchObject({ kind: "answered" });
});

test("the summary shows what the chosen options set, and not what one sets that is no longer asked", async () => {
  const terminal = createFakeTerminal();
  const prompted = promptDecision(LINEAR_CARD, { ...terminal, color: false });
  await terminal.press("1. First?", "enter");
  await terminal.press("2. Second?", "down", "enter");
  await terminal.press("Send the answers", "enter");
  expect(await prompted).toMatchObject({ answers: { first: "yes", second: "no" } });
  expect(terminal.text()).toContain("Days: 90");

  const other = createFakeTerminal();
  const without = promptDecision(LINEAR_CARD, { ...other, color: false });
  await other.press("1. First?", "down", "enter");
  await other.press("Send the answers", "enter");
  expect(await without).toMatchObject({ answers: { first: "no" } });
  expect(other.text()).toContain("Days: 30");
});
