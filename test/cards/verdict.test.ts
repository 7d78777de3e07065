import { expect, test } from "vitest";
import { decisionCard } from "../../src/cards/decision-card.ts";
import { renderPlain } from "../../src/cards/fallback.ts";
import { reportMarkdown } from "../../src/cards/report.ts";
import { resultCard } from "../../src/cards/result-card.ts";
import { Run } from "../../src/contracts/run.ts";
import { raw } from "../../src/contracts/text.ts";
import { translatorFor } from "../../src/i18n.ts";
import { CONFIRMATION, RUNS } from "../fixtures/runs.ts";

const { completed } = RUNS;
const judged = Run.parse({
  ...completed,
  packets: {
    ...completed.packets,
    verificationPacket: {
      ...completed.packets.verificationPacket,
      verdict: {
        kind: "blocked",
        text: {
          kind: "localized",
          byLanguage: { en: "Not ready: {blockers} blocks.", "zh-CN": "还不能发布：{blockers} 点阻碍。" },
          params: { blockers: 1 },
        },
        points: [
          { treatment: "blocker", laneId: "tests", text: raw("The tests fail <b>badly</b>.") },
          { treatment: "warning", laneId: "history", text: raw("A file is open.") },
          { treatment: "accepted", laneId: "history", text: raw("There is no remote.") },
        ],
      },
    },
  },
});

test("the verdict comes first, and what it rests on is told apart", () => {
  const card = resultCard(judged, translatorFor("en"));
  expect(card.headline).toMatch(/^Not ready: 1 blocks\. \d/);
  expect(card.sections[0]).toEqual({
    heading: "Verdict",
    lines: ["Blocks: The tests fail <b>badly</b>.", "Warning: A file is open.", "Does not count: There is no remote."],
  });
  expect(resultCard(judged, translatorFor("zh-CN")).headline).toMatch(/^还不能发布：1 点阻碍。\S/);
});

test("the report has it too, as text", () => {
  const report = reportMarkdown(judged, translatorFor("en"));
  expect(report).toContain("## Verdict");
  expect(report).not.toContain("<b>");
});

test("no verdict is shown where the macro gives none, or the run did not complete", () => {
  const canceled = { kind: "canceled", canceledAt: 1, canceledBy: { surface: "terminal", user: "ada" } } as const;
  for (const run of [completed, { ...judged, status: canceled }]) {
    const headings = resultCard(run, translatorFor("en")).sections.map(({ heading }) => heading);
    expect(headings).not.toContain("Verdict");
  }
});

test("a choice is shown by its label, where the macro gives it one", () => {
  const definition = {
    type: "choice" as const,
    title: { en: "Version" },
    default: "next_free",
    choices: ["manifest", "next_free"],
    labels: { next_free: { en: "the next one without a tag", "zh-CN": "下一个没有标签的版本" } },
  };
  const decision = { ...CONFIRMATION, args: { version: { definition, value: "next_free" } } };
  const card = decisionCard(RUNS.waiting, decision, translatorFor("en"));
  expect(card.args[0]?.choices).toEqual([
    { id: "manifest", label: "manifest" },
    { id: "next_free", label: "the next one without a tag" },
  ]);
  expect(renderPlain(card)).toContain("Version: the next one without a tag");
});
