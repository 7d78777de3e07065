import { describe, expect, test } from "vitest";
import { cardOf, cardsOf } from "../../src/cards/cards-of.ts";
import { noticeCard } from "../../src/cards/notice-card.ts";
import { renderPlain } from "../../src/cards/fallback.ts";
import { reportMarkdown } from "../../src/cards/report.ts";
import { workspaceLines } from "../../src/cards/result-card.ts";
import { Card } from "../../src/contracts/card.ts";
import { HIDDEN_INTERNAL_FIELDS } from "../../src/contracts/envelope.ts";
import type { CardKind } from "../../src/contracts/effect.ts";
import { counted } from "../../src/contracts/text.ts";
import type { Run } from "../../src/contracts/run.ts";
import { SHIPPED_LANGUAGES, translatorFor } from "../../src/i18n.ts";
import { CONFIRMATION, FINDINGS, RUNS } from "../fixtures/runs.ts";

const plain = (run: Run, kind: CardKind, language = "en"): string => {
  const card = cardOf(run, kind, translatorFor(language));
  if (card === undefined) throw new Error(`no ${kind} card`);
  return renderPlain(card);
};
const everyCard = Object.entries(RUNS).flatMap(([name, run]) =>
  SHIPPED_LANGUAGES.flatMap((language) =>
    cardsOf(run).map((kind) => ({ name, language, kind, card: cardOf(run, kind, translatorFor(language)) })),
  ),
);

describe("every card of every state in every language", () => {
  test.each(everyCard)("$name $kind $language is a valid card without names of the protocol", ({ card }) => {
    const parsed = Card.parse(card);
    const shown = renderPlain(parsed);
    expect(HIDDEN_INTERNAL_FIELDS.length).toBeGreaterThan(25);
    for (const hidden of HIDDEN_INTERNAL_FIELDS) expect(shown.toLowerCase()).not.toContain(hidden.toLowerCase());
    // A text whose key is missing is shown as the key itself, a missing parameter as its placeholder.
    const dotted = shown.match(/\b(?:notice|card|decision|result|dead_letter|stage|state)\.[a-z_]+/g);
    expect(dotted).toBeNull();
    expect(shown).not.toMatch(/[{}]/);
  });
});

test.each([
  ["fetching", ["notice"]],
  ["waiting", ["notice", "decision"]],
  ["completed", ["notice", "decision", "result"]],
  ["deadLetter", ["notice", "decision", "dead_letter"]],
  ["discarded", ["notice", "result", "dead_letter"]],
  ["refused", ["notice", "result"]],
] as const)("a run that is %s has the cards %j", (name, kinds) => {
  expect(cardsOf(RUNS[name])).toEqual(kinds);
});

describe("the notice", () => {
  test("says active, completed, current, next and blocked in words", () => {
    expect(plain(RUNS.waiting, "notice").split("\n").slice(0, 6)).toEqual([
      "Coxswain: check the health of this repository – in repository",
      "Active: Thinking (3/8, 38%)",
      "Done so far: Critical, Fetch",
      "Now: Waiting for your answer",
      "Next: Execution",
      "Blocked by: a question that waits for your answer",
    ]);
  });

  test("a worker that was handed out and has not started is waiting, not working", () => {
    const shown = plain(RUNS.executing, "notice");
    expect(shown).toContain("- Tests (test) – working: attempt 2");
    expect(shown).toContain("- Secrets (security) – waiting");
    expect(shown).toContain("- History (data) – done: 1.2 sec, 2 findings");
  });

  test("skipped stages are left out, and stages that were never reached say so", () => {
    expect(plain(RUNS.standard, "notice")).toContain("Meta-Review – left out");
    expect(plain(RUNS.canceled, "notice")).toContain("Thinking – stopped, Execution – not reached");
  });

  test("stage labels stay English in Chinese", () => {
    expect(plain(RUNS.waiting, "notice", "zh-CN")).toContain("进行中：Thinking（3/8，38%）");
  });
});

describe("the decision card", () => {
  test("shows every option with its five fields, the recommendation's reason and the rejected one's", () => {
    const shown = plain(RUNS.waiting, "decision");
    expect(shown.match(/What changes:/g)).toHaveLength(12);
    expect(shown).toContain("Recommended because: the repository has 12 files");
    expect(shown).toContain("Not possible here: the goal says read-only");
    expect(shown).toContain("Asked only after: 2A, 2B");
  });

  test("says honestly what it is and how to answer, with an answer that would be taken", () => {
    const shown = plain(RUNS.waiting, "decision");
    expect(shown).toContain("It is not a popup.");
    expect(shown).toContain("for example: 1A 2A 4A.");
    expect(plain(RUNS.waiting, "decision", "zh-CN")).toContain("不是弹窗");
  });

  test("an answered card keeps the body, and says who chose what", () => {
    const shown = plain(RUNS.completed, "decision");
    expect(shown).toContain("Answered by Ada, Mar 3, 2026");
    expect(shown).toContain(": 1B 2A 3B 4A");
    expect(shown).toContain("B. A report with a plan – chosen");
    expect(shown).toContain("Days of history: 30");
    expect(shown).not.toContain("popup");
  });

  test("offers all recommendations only where every question has one", () => {
    const card = cardOf(RUNS.waiting, "decision", translatorFor("en"));
    expect(card?.kind === "decision" && card.actions.map(({ style }) => style)).toEqual(["primary", "danger"]);
    const questions = CONFIRMATION.questions.map((question) => ({
      ...question,
      options: question.options.map((option) => ({ ...option, recommended: false })),
    }));
    const without = cardOf(
      { ...RUNS.waiting, decisions: [{ ...CONFIRMATION, questions }] },
      "decision",
      translatorFor("en"),
    );
    expect(without?.kind === "decision" && without.actions.map(({ style }) => style)).toEqual(["danger"]);
  });
});

test("one check is one check", () => {
  const [outcome] = RUNS.completed.stepOutcomes;
  if (outcome === undefined) throw new Error("nothing was checked");
  expect(plain({ ...RUNS.completed, stepOutcomes: [outcome] }, "result")).toContain("1 of 1 check passed");
  expect(counted(1, "author")).toBe("1 author");
  expect(counted(0, "author")).toBe("0 authors");
});

test("a run that has ended has no worker that waits", () => {
  const ended = { ...RUNS.executing, status: RUNS.canceled.status };
  const workers = (run: Run) => noticeCard(run, translatorFor("en")).workers.map(({ stateLabel }) => stateLabel);
  expect(workers(RUNS.executing)).toContain("waiting");
  expect(workers(ended)).not.toContain("waiting");
  expect(workers(ended)).toContain("not done");
});

describe("the result", () => {
  const titles = Object.entries(RUNS).flatMap(([name, run]) =>
    cardsOf(run).includes("result") ? [[name, run] as const] : [],
  );
  test.each(titles)("%s says «completed» only if it is", (name, run) => {
    const completed = name === "completed";
    expect(/completed/i.test(plain(run, "result"))).toBe(completed);
    expect(plain(run, "result", "zh-CN").includes("已完成")).toBe(completed);
  });

  test("names findings, evidence, what could not be checked, weak checks and the report", () => {
    const shown = plain(RUNS.completed, "result");
    for (const part of [
      "4 findings; 1 thing could not be checked.",
      "- [critical] id_rsa:1: a private key is committed",
      "git log '--format=%an <%ae>', exit code 0",
      "Tests (test): not available: the registry did not answer",
      "History (data): the check “the program ended as expected” would also pass on an empty or wrong result",
      "2 files have changes that are not committed",
      "Report: report.md (1,200 bytes, SHA-256 aaaa",
      "2 of 2 checks passed",
    ]) {
      expect(shown).toContain(part);
    }
  });

  test("a report that is kept in the workspace is named, and the workspace is not called unchanged", () => {
    const { runHeader, verificationPacket } = RUNS.completed.packets;
    if (runHeader === undefined || verificationPacket === undefined) throw new Error("the run is not done");
    const told = (kind: Run["status"], unchanged: boolean): string[] => {
      const compared = { ...verificationPacket.workspaceUnchanged, checked: true, unchanged };
      const packets = {
        ...RUNS.completed.packets,
        runHeader: { ...runHeader, outcome: "report_in_workspace" as const },
        verificationPacket: { ...verificationPacket, workspaceUnchanged: compared },
      };
      const lines = workspaceLines({ ...RUNS.completed, packets, status: kind }, translatorFor("en"));
      return lines.filter((line) => /as it was before|was changed|new file/.test(line));
    };
    const name = `${runHeader.macroId}-${RUNS.completed.runId}.md`;
    const only = `The workspace is byte for byte as it was before, apart from one new file, the report: ${name}`;
    expect(told(RUNS.completed.status, true)).toEqual([only]);
    expect(told({ kind: "active" }, true)).toEqual([only]);
    expect(told(RUNS.completed.status, false)).toEqual([
      "The workspace was changed while the run was under way; the result is about the revision named here",
      `The report is a new file in the workspace: ${name}`,
    ]);
    const canceled: Run["status"] = {
      kind: "canceled",
      canceledAt: 1,
      canceledBy: { surface: "terminal", user: "ada" },
    };
    expect(told(canceled, true)).toEqual(["The workspace is byte for byte as it was before"]);
  });

  test("many weak checks are counted on the card, and named in the report", () => {
    const many = ["a", "b", "c", "d"].map((stepId) => ({
      laneId: "history",
      stepId,
      passed: true,
      weak: true,
      detail: "exit code 0",
    }));
    const run = { ...RUNS.completed, stepOutcomes: [...RUNS.completed.stepOutcomes, ...many] };
    expect(plain(run, "result")).toContain("5 of 6 checks would also pass on an empty or wrong result");
    expect(reportMarkdown(run, translatorFor("en")).match(/would also pass on an empty/g)).toHaveLength(5);
  });

  test.each([
    ["risk_first", ["secrets.key", "tests.skipped", "history.hotspot", "history.authors"]],
    ["quick_first", ["secrets.key", "tests.skipped", "history.hotspot", "history.authors"]],
    ["thorough", ["history.authors", "history.hotspot", "tests.skipped", "secrets.key"]],
  ])("findings are in the order of the chosen priority: %s", (priority, codes) => {
    const { runHeader } = RUNS.completed.packets;
    if (runHeader === undefined) throw new Error("fixture");
    const packets = { ...RUNS.completed.packets, runHeader: { ...runHeader, chosen: { priority } } };
    const card = cardOf({ ...RUNS.completed, packets }, "result", translatorFor("en"));
    const texts = codes.map((code) => FINDINGS.find((finding) => finding.code === code)?.text);
    expect(card?.kind === "result" && card.findings.map(({ text }) => text)).toEqual(
      texts.map((text) => (text?.kind === "raw" ? text.raw : "")),
    );
  });

  test("what does not fit on the card is counted, not dropped", () => {
    const [first] = FINDINGS;
    const { reviewPacket } = RUNS.completed.packets;
    if (first === undefined || reviewPacket === undefined) throw new Error("fixture");
    const findings = Array.from({ length: 25 }, (_, n) => ({ ...first, id: String(n), line: n + 1 }));
    const packets = { ...RUNS.completed.packets, reviewPacket: { ...reviewPacket, findings } };
    const shown = plain({ ...RUNS.completed, packets }, "result");
    expect(shown).toContain("15 more findings in the report");
  });
});

describe("the dead letter", () => {
  test("says what failed, where, on which evidence, after how many attempts, and the ways out", () => {
    const shown = plain(RUNS.deadLetter, "dead_letter");
    for (const part of [
      "the program ended with exit code 3",
      "Stage Execution",
      "npm test, exit code 3",
      "Tests (test): 2 attempts",
      "Sent back to work once before",
      "keeps what succeeded (History (data))",
    ]) {
      expect(shown).toContain(part);
    }
    const card = cardOf(RUNS.deadLetter, "dead_letter", translatorFor("en"));
    expect(card?.kind === "dead_letter" && card.actions).toHaveLength(3);
  });

  test("a handled letter says by whom, and has no buttons", () => {
    const card = cardOf(RUNS.discarded, "dead_letter", translatorFor("en"));
    expect(card).toMatchObject({ actions: [], handled: expect.stringContaining("not worth it") });
    const retried = cardOf({ ...RUNS.executing, redrives: 2 }, "dead_letter", translatorFor("en"));
    expect(retried).toMatchObject({ actions: [], handled: "Sent back to work (2 times in all)" });
    const redriven = { by: { surface: "slack", user: "U1", displayName: "Olga" }, at: 1_700_000_000_000 };
    const named = cardOf({ ...RUNS.executing, redrives: 1, redriven }, "dead_letter", translatorFor("en"));
    expect(named).toMatchObject({
      handled: expect.stringMatching(/^Sent back to work by Olga, Nov 14, 2023.* \(once in all\)$/),
    });
  });
});

test("what people wrote cannot steer a terminal or break a line", () => {
  const goal = "check \u001b[2Jthis\nBlocked by: nothing\u202e";
  const run: Run = { ...RUNS.waiting, task: { ...RUNS.waiting.task, goal } };
  const [title] = plain(run, "notice").split("\n");
  expect(title).toBe("Coxswain: check this Blocked by: nothing\ufffd – in repository");
});
