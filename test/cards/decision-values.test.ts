import { expect, test } from "vitest";
import { decisionCard } from "../../src/cards/decision-card.ts";
import { renderPlain } from "../../src/cards/fallback.ts";
import { reportMarkdown } from "../../src/cards/report.ts";
import { resultCard } from "../../src/cards/result-card.ts";
import type { Answers, Decision } from "../../src/contracts/decision.ts";
import type { ArgumentValue } from "../../src/contracts/macro-argument.ts";
import { translatorFor } from "../../src/i18n.ts";
import { openCard, shippedCatalog, walk } from "../fakes/spine-walk.ts";
import { CONFIRMATION, RUNS } from "../fixtures/runs.ts";

/** The same question, where one option turns the registry off and shortens the history. */
const questions = CONFIRMATION.questions.map((question) => ({
  ...question,
  options: question.options.map((option) =>
    option.id === "essential" ? { ...option, effect: { setArgs: { online: false, days: 30 } } } : option,
  ),
}));
const answered = (scope: string, argsChosen: Record<string, number>): Decision => ({
  ...CONFIRMATION,
  questions,
  status: "answered",
  answers: { outcome: "report_only", scope, depth: "deep", priority: "risk_first" },
  argsChosen,
  answeredBy: { surface: "terminal", user: "ada" },
  answeredAt: CONFIRMATION.openedAt + 1000,
  how: "person",
});
const shown = (decision: Decision): string => renderPlain(decisionCard(RUNS.waiting, decision, translatorFor("en")));

test("a resolved card shows the values that its chosen options set", () => {
  const text = shown(answered("essential", {}));
  expect(text).toContain("Ask the registry: no");
  expect(text).toContain("Days of history: 30");
});

test("what the person changed by hand counts more, and is what the card shows", () => {
  expect(shown(answered("essential", { days: 14 }))).toContain("Days of history: 14");
});

test("what was changed by hand stands with what was chosen, in the result and in the report", () => {
  const run = { ...RUNS.completed, decisions: [answered("all", { days: 14 })] };
  const result = renderPlain(resultCard(run, translatorFor("en")));
  expect(result).toMatch(/Days of history:? 14 \(ada/);
  expect(reportMarkdown(run, translatorFor("en"))).toMatch(/Days of history:? 14/);
  expect(result).not.toContain("Ask the registry");
});

test("what an option sets that was not chosen changes nothing, and no more does an open card", () => {
  for (const decision of [answered("all", {}), { ...CONFIRMATION, questions }]) {
    expect(shown(decision)).toContain("Ask the registry: yes");
    expect(shown(decision)).toContain("Days of history: 90");
  }
});

test("an open card says what the own selection means as the card stands", async () => {
  const run = walk({ catalog: await shippedCatalog() });
  const card = openCard(run);
  const text = (draft: { answers: Answers; args: Record<string, ArgumentValue> } | undefined) =>
    renderPlain(decisionCard(run, draft === undefined ? card : { ...card, draft }, translatorFor("en")));
  expect(text({ answers: {}, args: { lanes: ["size", "secrets"] } })).toMatch(
    /As it stands:\s+Size\s+and\s+leftovers,\s+Secrets\./,
  );
  expect(text(undefined)).toMatch(/As it stands:\s+Change\s+history,/);
});
