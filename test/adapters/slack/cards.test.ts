import { describe, expect, test } from "vitest";
import { render } from "../../../adapters/slack/render.ts";
import { decisionView, readDecision } from "../../../adapters/slack/modals/decision.ts";
import type { FormValues } from "../../../adapters/slack/modals/inputs.ts";
import { memoryOf } from "../../../adapters/slack/modals/metadata.ts";
import { replyMessages } from "../../../adapters/slack/reply.ts";
import { cardOf, cardsOf } from "../../../src/cards/cards-of.ts";
import { alertCard } from "../../../src/cards/alert-card.ts";
import { digestCard } from "../../../src/cards/digest-card.ts";
import type { Card, DecisionCard } from "../../../src/contracts/card.ts";
import type { Answers } from "../../../src/contracts/decision.ts";
import { raw } from "../../../src/contracts/text.ts";
import { SHIPPED_LANGUAGES, translatorFor } from "../../../src/i18n.ts";
import { messageProblems, viewProblems } from "../../fakes/slack/rules.ts";
import { textOf } from "../../fakes/slack/shown.ts";
import { LINEAR_CARD } from "../../fixtures/linear-card.ts";
import { RUNS, START } from "../../fixtures/runs.ts";

const cards = (language: string): { name: string; card: Card }[] => [
  ...Object.entries(RUNS).flatMap(([name, run]) =>
    cardsOf(run).flatMap((kind) => {
      const card = cardOf(run, kind, translatorFor(language));
      return card === undefined ? [] : [{ name: `${name}/${kind}`, card }];
    }),
  ),
  { name: "alert", card: alertOf(language, "the disk is nearly full") },
  { name: "alert over", card: alertOf(language, "the disk is nearly full", START + 3_600_000) },
  { name: "digest", card: digestOf(language, 3) },
];
const place = { channel: "C0WORK", thread: "1700000000.000100" };

function alertOf(language: string, what: string, resolvedAt?: number): Card {
  const alert = {
    key: "a",
    severity: "critical",
    since: START,
    what: raw(what),
    todo: raw("make room"),
    runId: "run_4k2m9x7q1b",
  } as const;
  return alertCard(alert, translatorFor(language), resolvedAt);
}

function digestOf(language: string, count: number): Card {
  const to = { surface: "slack", channel: "C0OPS", role: "operators" } as const;
  const lines = Array.from({ length: count }, (_, at) => ({
    to,
    runId: `run_4k2m9x7q${at.toString(36).padStart(3, "0")}`,
    goal: `check the house ${"and the garden ".repeat(at % 7)}`,
    status: "completed" as const,
    findings: at,
    language,
    gatheredAt: START,
  }));
  return digestCard(lines, translatorFor(language));
}

/** Six questions of four options with fields, labels and context as long as the contracts allow. */
function largest(language: string): DecisionCard {
  const long = (length: number, of = language === "zh-CN" ? "检查" : "check ") =>
    of.repeat(Math.ceil(length / of.length)).slice(0, length);
  return {
    kind: "decision",
    runId: "run_4k2m9x7q1b",
    language,
    version: 7,
    decisionId: "dec_4k2m9x7q1b_1",
    about: "execution_confirmation",
    title: long(500),
    assurance: long(500),
    context: Array.from({ length: 8 }, (_, at) => ({
      heading: long(100),
      lines: at === 7 ? [`│${long(4000)}`, "│+ a line"] : Array.from({ length: 30 }, () => long(300)),
    })),
    questions: Array.from({ length: 6 }, (_, at) => ({
      id: `question-${at}`,
      number: at + 1,
      title: long(500),
      after: null,
      drafted: null,
      chosen: null,
      options: Array.from({ length: 4 }, (__, position) => ({
        id: `option-${position}`,
        letter: String.fromCodePoint(65 + position),
        label: long(500),
        recommended: position === 0,
        recommendedBecause: position === 0 ? long(500) : null,
        rejectedBecause: position === 3 ? long(500) : null,
        sets: {},
        fields: Array.from({ length: 5 }, (___, field) => ({ label: long(40), value: long(500 - field) })),
      })),
    })),
    args: Array.from({ length: 12 }, (_, at) => ({
      id: `value-${at}`,
      label: long(500),
      description: long(500),
      value: long(1000),
      definition: { type: "string", title: { en: "Value" }, default: "", maxLength: 1000 },
      choices: null,
    })),
    resolved: null,
    actions: [],
  };
}

describe.each(SHIPPED_LANGUAGES)("cards in %s", (language) => {
  test.each(["plan", "sections"] as const)("fit every rule of Slack, with the notice as %s", (style) => {
    const shown = cards(language);
    expect(shown.length).toBeGreaterThan(20);
    for (const { name, card } of shown) {
      const { text, blocks } = render(card, style);
      expect([name, messageProblems({ text, blocks })]).toEqual([name, []]);
    }
  });

  test("look as they did", async () => {
    for (const kind of ["notice", "decision", "result", "dead_letter", "alert", "digest"]) {
      const of = cards(language).filter(({ card }) => card.kind === kind);
      const shown = of.map(({ name, card }) => {
        const { text, blocks, isWhole } = render(card, "plan");
        const lines = blocks.map((block) => JSON.stringify(block));
        return [`# ${name}${isWhole ? "" : " (and a file)"}`, text, ...lines].join("\n");
      });
      await expect(`${shown.join("\n\n")}\n`).toMatchFileSnapshot(`golden/${kind}.${language}.txt`);
    }
  });

  test("the form of every open question fits, and holds every field of every option", () => {
    const open = cards(language).flatMap(({ card }) =>
      card.kind === "decision" && card.resolved === null ? [card] : [],
    );
    expect(open.length).toBeGreaterThan(0);
    for (const card of open) {
      const view = decisionView(card, { place, answers: {}, page: 1 }, translatorFor(language));
      expect(viewProblems({ ...view })).toEqual([]);
      const shown = textOf(view);
      for (const { options } of card.questions.filter(({ after }) => after === null)) {
        for (const { value } of options.flatMap(({ fields }) => fields)) expect(shown).toContain(value);
      }
    }
  });

  test("the largest question that can be asked fits, and says that there is more in a file", () => {
    const card = largest(language);
    const { text, blocks, isWhole } = render(card, "plan");
    expect(messageProblems({ text, blocks })).toEqual([]);
    expect(isWhole).toBe(false);
    const words = translatorFor(language);
    let shown = "";
    let answers = {};
    for (let page = 1; ; page += 1) {
      const view = decisionView(card, { place, answers, page }, words);
      expect(viewProblems({ ...view })).toEqual([]);
      shown += textOf(view).replaceAll("\n", "");
      const memory = memoryOf(view.private_metadata ?? "");
      if (memory?.form !== "decision") throw new Error("the form has forgotten what it is about");
      const read = readDecision(card, memory, standingIn(view), words);
      if (read.kind === "done") break;
      answers = read.answers;
    }
    for (const value of card.questions.flatMap(({ options }) => options.flatMap(({ fields }) => fields))) {
      expect(shown).toContain(value.value);
    }
  });

  test("linear questions come one after the other, and the values last", () => {
    const pages: string[] = [];
    let answers: Answers = {};
    for (let page = 1; page < 9; page += 1) {
      const view = decisionView(LINEAR_CARD, { place, answers, page }, translatorFor(language));
      const memory = memoryOf(view.private_metadata ?? "");
      if (memory?.form !== "decision") throw new Error("the form has forgotten what it is about");
      expect(viewProblems({ ...view })).toEqual([]);
      const asked = view.blocks.flatMap((block) => (block.type === "input" ? [block.block_id ?? ""] : []));
      pages.push(asked.join(" "));
      const chosen = Object.fromEntries(
        asked.map((id) => [
          id,
          { value: { value: "60", selected_option: { value: id === "q.second" ? "no" : "yes" } } },
        ]),
      );
      const read = readDecision(LINEAR_CARD, memory, chosen, translatorFor(language));
      answers = read.answers;
      if (read.kind === "done") {
        expect(read).toMatchObject({ answers: { first: "yes", second: "no" }, args: { days: 60 } });
        break;
      }
    }
    expect(pages).toEqual(["q.first", "q.second", "arg.days"]);
  });

  test("a digest of a hundred runs fits", () => {
    const { text, blocks } = render(digestOf(language, 100), "plan");
    expect(messageProblems({ text, blocks })).toEqual([]);
  });

  test("a hundred workers fit into a notice, the rest counted", () => {
    const notice = cards(language).find(({ name }) => name === "executing/notice")?.card;
    if (notice?.kind !== "notice") throw new Error("no notice");
    const worker = {
      laneId: "lane",
      name: "x".repeat(500),
      state: "failed",
      stateLabel: "failed",
      detail: "y".repeat(900),
    } as const;
    const card = { ...notice, title: "z".repeat(500), workers: Array.from({ length: 100 }, () => worker) };
    for (const style of ["plan", "sections"] as const) {
      const { text, blocks } = render(card, style);
      expect(messageProblems({ text, blocks })).toEqual([]);
      expect(textOf(blocks)).toContain("80");
    }
  });
});

describe("what people and workers wrote", () => {
  const HOSTILE = [
    "<!channel> <!here> <@U0ADA> <#C1|x> <https://evil.test|your bank>",
    "*bold* _it_ ~gone~ `code` ```block``` > quote",
    "https://evil.test www.evil.test mail@evil.test :tada: :skull:",
    "&lt;!everyone&gt; \u202Etxt.exe \u0007",
  ];

  test.each(HOSTILE)("stays text on every card: %s", (words) => {
    for (const card of hostileCards(words)) {
      const { text, blocks } = render(card, "plan");
      expect(messageProblems({ text, blocks })).toEqual([]);
      // Rich text is of text alone; no element of it can ping or link, and nothing is read as markup.
      const kinds = JSON.stringify(blocks).match(/"type":"(\w+)"/g) ?? [];
      for (const kind of ["mrkdwn", "user", "usergroup", "channel", "broadcast", "link", "emoji", "markdown"]) {
        expect(kinds).not.toContain(`"type":"${kind}"`);
      }
      expect(text).not.toMatch(/<[!@#h]/);
      for (const sign of ["\u202E", String.raw`\u0007`]) expect(JSON.stringify(blocks)).not.toContain(sign);
    }
  });

  test.each(HOSTILE)("stays text in a reply: %s", (words) => {
    for (const message of replyMessages(words)) {
      expect(messageProblems({ ...message })).toEqual([]);
      expect(message.text).not.toMatch(/<[!@#h]/);
    }
  });

  test("a reply of any length comes as pages, with nothing lost", () => {
    const words = Array.from({ length: 900 }, (_, at) => `${at} a line of an answer that is rather long`).join("\n");
    const messages = replyMessages(words);
    expect(messages.length).toBeGreaterThan(3);
    for (const message of messages) expect(messageProblems({ ...message })).toEqual([]);
    expect(messages.map(({ blocks }) => textOf(blocks)).join("\n")).toBe(words);
  });
});

/** What a form holds without anybody's doing. */
function standingIn(view: ReturnType<typeof decisionView>): FormValues {
  return Object.fromEntries(
    view.blocks.flatMap((block) => {
      if (block.type !== "input" || !("element" in block) || block.element.type !== "radio_buttons") return [];
      return [
        [block.block_id ?? "", { value: { selected_option: { value: block.element.initial_option?.value ?? "" } } }],
      ];
    }),
  );
}

function hostileCards(words: string): Card[] {
  const swap = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(swap);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        typeof item === "string" &&
        ["title", "label", "value", "headline", "text", "detail", "name", "line"].includes(name)
          ? words
          : swap(item),
      ]),
    );
  };
  return cards("en").map(({ card }) => swap(card) as Card);
}
