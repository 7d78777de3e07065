import fc from "fast-check";
import { ComponentType, MessageFlags } from "discord-api-types/v10";
import { describe, expect, test, vi } from "vitest";
import { sheetsOfCard } from "../../../adapters/discord/cards/card.ts";
import { detailSheets } from "../../../adapters/discord/cards/details.ts";
import { argumentForm, argumentPages, askForm, discardForm } from "../../../adapters/discord/cards/forms.ts";
import { sectionBlocks } from "../../../adapters/discord/cards/parts.ts";
import { escaped, unescaped } from "../../../adapters/discord/escape.ts";
import { LIMITS } from "../../../adapters/discord/limits.ts";
import type { Sheet } from "../../../adapters/discord/sheet.ts";
import { weightOf } from "../../../adapters/discord/weight.ts";
import { textSheets } from "../../../adapters/discord/words.ts";
import { alertCard } from "../../../src/cards/alert-card.ts";
import { cardOf } from "../../../src/cards/cards-of.ts";
import { digestCard } from "../../../src/cards/digest-card.ts";
import type { Card, DecisionCard, DigestCard } from "../../../src/contracts/card.ts";
import { raw } from "../../../src/contracts/text.ts";
import { SHIPPED_LANGUAGES, translatorFor } from "../../../src/i18n.ts";
import { plainText } from "../../../src/plain-text.ts";
import { problemsOfMessage, problemsOfModal } from "../../fakes/discord/rules.ts";
import { RUNS } from "../../fixtures/runs.ts";

// Times stand on cards in the zone of the bot; the golden files are of one zone.
vi.hoisted(() => {
  process.env["TZ"] = "UTC";
});

const KINDS = ["notice", "decision", "result", "dead_letter"] as const;

function everyCard(language: string): { name: string; card: Card }[] {
  const words = translatorFor(language);
  const ofRuns = Object.entries(RUNS).flatMap(([run, state]) =>
    KINDS.flatMap((kind) => {
      const card = cardOf(state, kind, words);
      return card === undefined ? [] : [{ name: `${run}-${kind}`, card }];
    }),
  );
  const alert = {
    key: "a",
    severity: "critical",
    since: 1_700_000_000_000,
    what: raw("disk"),
    todo: raw("look"),
  } as const;
  return [
    ...ofRuns,
    { name: "alert", card: alertCard(alert, words) },
    { name: "alert-over", card: alertCard(alert, words, alert.since + 3_600_000) },
    { name: "digest", card: digestOf(language, 4, "check the <house>") },
  ];
}

function digestOf(language: string, count: number, goal: string): DigestCard {
  const to = { surface: "discord", channel: "1", role: "operators" } as const;
  const statuses = ["completed", "canceled", "discarded", "refused"] as const;
  const lines = Array.from({ length: count }, (_, at) => ({
    to,
    runId: `run_${at}aaaaaaaa`,
    goal,
    status: statuses[at % statuses.length] ?? "completed",
    findings: at,
    language,
    gatheredAt: 1_700_000_000_000,
  }));
  return digestCard(lines, translatorFor(language));
}

const problemsOf = (sheets: readonly Sheet[]): string[] =>
  sheets.flatMap(({ components, file }) =>
    problemsOfMessage(
      { components, flags: MessageFlags.IsComponentsV2, allowed_mentions: { parse: [] } },
      { files: file === undefined ? [] : [file] },
    ),
  );

function openDecision(language: string): DecisionCard {
  const card = cardOf(RUNS.waiting, "decision", translatorFor(language));
  if (card?.kind !== "decision" || card.resolved !== null) throw new Error("fixture");
  return card;
}

describe.each(SHIPPED_LANGUAGES)("cards in %s", (language) => {
  test.each(everyCard(language))("$name is as it was, and Discord takes it", async ({ name, card }) => {
    const sheets = sheetsOfCard(card);
    expect(problemsOf(sheets)).toEqual([]);
    const shown = `${JSON.stringify(sheets, undefined, 1)}\n`;
    await expect(shown).toMatchFileSnapshot(`golden/${name}.${language}.json`);
  });

  test("a digest of a hundred runs names every one, in as many messages as it takes", () => {
    const card = digestOf(language, 100, "g".repeat(200));
    const sheets = sheetsOfCard(card);
    expect(problemsOf(sheets)).toEqual([]);
    expect(sheets.length).toBeGreaterThan(3);
    const said = sheets.map(({ components }) => JSON.stringify(components)).join("\n");
    const named = card.runs.filter(({ runId }) => said.includes(escaped(runId).replaceAll("\\", "\\\\")));
    expect(named).toHaveLength(100);
  });

  test("the form that retries a dead letter with other values is as it was, and Discord takes it", async () => {
    const letter = cardOf(RUNS.deadLetter, "dead_letter", translatorFor(language));
    if (letter?.kind !== "dead_letter") throw new Error("fixture");
    expect(argumentPages(letter)).toBe(1);
    const form = argumentForm(letter, 1, "1");
    expect(problemsOfModal({ ...form })).toEqual([]);
    await expect(`${JSON.stringify(form, undefined, 1)}\n`).toMatchFileSnapshot(`golden/retry-form.${language}.json`);
  });

  test("the details and forms of a question are as they were, and Discord takes them", async () => {
    const card = openDecision(language);
    const pages = card.questions.flatMap((question) => detailSheets(card, question));
    expect(problemsOf(pages)).toEqual([]);
    const letter = cardOf(RUNS.deadLetter, "dead_letter", translatorFor(language));
    if (letter?.kind !== "dead_letter") throw new Error("fixture");
    const forms = [
      argumentForm(card, 1, "1"),
      discardForm(letter, "1"),
      askForm(card.runId, translatorFor(language), "1"),
    ];
    expect(forms.flatMap((form) => problemsOfModal({ ...form }))).toEqual([]);
    await expect(`${JSON.stringify({ pages, forms }, undefined, 1)}\n`).toMatchFileSnapshot(
      `golden/forms.${language}.json`,
    );
  });

  test("six questions of four options are one message with 38 of the 40 components", () => {
    const card = crowded(language, "A question", "short");
    const [, choice, ...more] = sheetsOfCard(card);
    expect(more).toEqual([]);
    expect(choice === undefined ? 0 : weightOf(choice.components).components).toBe(38);
  });

  test("however long the texts are, everything is said, in as many messages as it takes", () => {
    const long = language === "en" ? "words and words, " : "很长的说明，";
    const text = long.repeat(Math.floor(500 / long.length));
    const card = crowded(language, text, text);
    const sheets = sheetsOfCard(card);
    expect(sheets.length).toBeGreaterThan(3);
    expect(problemsOf(sheets)).toEqual([]);
    expect(problemsOf(card.questions.flatMap((question) => detailSheets(card, question)))).toEqual([]);
    const said = JSON.stringify(sheets);
    for (const { title, options } of card.questions) {
      expect(said).toContain(title.slice(0, 100));
      for (const { rejectedBecause } of options) expect(said).toContain((rejectedBecause ?? "").slice(0, 100));
    }
  });
});

describe("the bytes of one message", () => {
  /** Chinese text that weighs so much, in two displays. */
  const weighing = (bytes: number): string => {
    const first = "字".repeat(LIMITS.display);
    const left = bytes - Buffer.byteLength(first) - 2 * LIMITS.weightOfDisplay;
    return `${first}\n${"字".repeat(Math.floor(left / 3))}${"a".repeat(left % 3)}`;
  };
  const weights = (sheets: readonly Sheet[]): number[] => sheets.map(({ components }) => weightOf(components).weight);

  test("up to 9,500 of them are one message, and with one more it goes on in the next", () => {
    expect(weights(textSheets(weighing(9500)))).toEqual([9500]);
    expect(weights(textSheets(weighing(9501)))).toHaveLength(2);
    // Far below what Discord takes of characters: a Chinese character has three bytes.
    expect(Array.from(weighing(9501)).length).toBeLessThan(LIMITS.characters);
  });

  test("of a card too, where its own text would just fit into what Discord takes", () => {
    const notice = cardOf(RUNS.executing, "notice", translatorFor("zh-CN"));
    if (notice?.kind !== "notice") throw new Error("fixture");
    const bare = Math.max(...weights(sheetsOfCard({ ...notice, lines: [] })));
    // Discord fails above 10,170: this one has less, and a budget of 10,160 would send it in one.
    const value = "字".repeat(Math.floor((10_100 - bare) / 3 / 3));
    const lines = ["甲", "乙", "丙"].map((label) => ({ label, value }));
    const sheets = sheetsOfCard({ ...notice, lines });
    const all = weights(sheets).reduce((sum, weight) => sum + weight, 0);
    expect(all).toBeGreaterThan(9500);
    expect(all).toBeLessThanOrEqual(10_160);
    expect(sheets).toHaveLength(2);
    expect(Math.max(...weights(sheets))).toBeLessThanOrEqual(9500);
  });
});

/** A card as full as the contract allows. */
function crowded(language: string, text: string, reason: string): DecisionCard {
  const card = openDecision(language);
  const [option] = card.questions[0]?.options ?? [];
  if (option === undefined) throw new Error("fixture");
  const questions = Array.from({ length: 6 }, (_, at) => ({
    id: `q${at}`,
    number: at + 1,
    title: `${at} ${text}`,
    after: null,
    drafted: "o0",
    chosen: null,
    options: Array.from({ length: 4 }, (_, n) => ({
      ...option,
      id: `o${n}`,
      letter: "ABCD".charAt(n),
      label: `${n} ${text}`,
      recommended: n === 0,
      recommendedBecause: n === 0 ? reason : null,
      rejectedBecause: n === 3 ? `${at} ${reason}` : null,
      fields: option.fields.map(({ label }) => ({ label, value: reason })),
    })),
  }));
  return { ...card, questions };
}

test("more values than one form takes are asked in several", () => {
  const card = openDecision("en");
  const [argument] = card.args;
  if (argument === undefined) throw new Error("fixture");
  const many = { ...card, args: Array.from({ length: 12 }, (_, at) => ({ ...argument, id: `a${at}` })) };
  expect(argumentPages(many)).toBe(3);
  for (const page of [1, 2, 3]) expect(problemsOfModal({ ...argumentForm(many, page, "1") })).toEqual([]);
  expect(problemsOf(sheetsOfCard(many))).toEqual([]);
});

describe("text from outside", () => {
  test.each([
    ["@everyone look", "everyone"],
    ["<@80351110224678912>", "mention of a person"],
    ["<@&41771983423143937>", "mention of a role"],
    ["<#41771983423143937>", "mention of a channel"],
    ["</cox:1>", "mention of a command"],
    ["<t:1700000000:R>", "timestamp"],
    ["<:smile:41771983423143937>", "emoji"],
    ["[free money](https://evil.example)", "masked link"],
    ["https://evil.example", "link"],
    ["<https://evil.example>", "link in angle brackets"],
    ["# heading", "heading"],
    ["-# small print", "small print"],
    ["> quote", "quote"],
    [">>> quote of everything", "long quote"],
    ["- item", "list"],
    ["* item", "list"],
    ["+ item", "list"],
    ["1. item", "numbered list"],
    ["**bold** __under__ ~~gone~~ ||spoiler||", "emphasis"],
    ["`code` ```block```", "code"],
    [String.raw`\*not bold\*`, "backslashes"],
  ])("%j is shown as it is (%s)", (text) => {
    const shown = escaped(text);
    // What stands unescaped must be neither markup nor a mention, nor the start of a block.
    const bare = shown.replaceAll(/\\[^\p{L}\p{N}\s]/gu, "");
    expect(bare).not.toMatch(/[*_~`|[\]<>#]|:\/\/|@(?!\u{2060})/u);
    expect(bare).not.toMatch(/^(?:[-+]|\d+[.)])/u);
    expect(unescaped(shown)).toBe(text);
  });

  test("whatever it is, it can be read back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const plain = plainText(text).replaceAll("\u{2060}", "");
        expect(unescaped(escaped(text))).toBe(plain);
      }),
    );
  });

  test("a hostile goal mentions nobody, in any card, in any language", () => {
    const hostile = "@everyone <@1> [x](http://evil.example) `a` **b** <t:1:R>";
    const run = { ...RUNS.waiting, task: { ...RUNS.waiting.task, goal: hostile } };
    for (const language of SHIPPED_LANGUAGES) {
      for (const kind of KINDS) {
        const card = cardOf(run, kind, translatorFor(language));
        const text = JSON.stringify(card === undefined ? textSheets(hostile) : sheetsOfCard(card));
        expect(text).not.toMatch(/@everyone|(?<!\\)<@1|\]\(http:/u);
      }
    }
  });

  test.each(["*", "\\", "😀", "\\*", "a\\", "- "])(
    "a long line of %j is broken between characters, never inside an escape",
    (mark) => {
      const text = mark.repeat(5000);
      const displays = textSheets(text).flatMap(({ components: [container] }) => container.components);
      const shown = displays.map((component) =>
        component.type === ComponentType.TextDisplay ? component.content : "",
      );
      expect(shown.length).toBeGreaterThan(1);
      for (const content of shown) {
        expect(content.isWellFormed()).toBe(true);
        expect(/\\*$/u.exec(content)?.[0].length).toSatisfy((count: number) => count % 2 === 0);
        expect(content).not.toMatch(/^- /u);
      }
      expect(shown.map(unescaped).join("")).toBe(text.trim());
    },
  );
});

describe("what is quoted", () => {
  const shown = (lines: string[]): string[] =>
    sectionBlocks("The change", lines).flatMap((block) =>
      block.flatMap((part) => (part.type === ComponentType.TextDisplay ? [part.content] : [])),
    );

  test("such as a diff is a code block as it was written, and what is said about it a list below", () => {
    expect(shown(["│@@ -1 +1,2 @@", "│ # *first*", "│+- second thing", "12 lines more"])).toEqual([
      "**The change**",
      "```diff\n@@ -1 +1,2 @@\n # *first*\n+- second thing\n```",
      "- 12 lines more",
    ]);
  });

  test("cannot leave its block, whatever it says, and fits into displays", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[`a😀\n@ ]{0,30}$/u), { minLength: 1 }), (lines) => {
        for (const content of shown(lines.map((line) => `│${line}`)).slice(1)) {
          expect(content.slice("```diff\n".length, -"\n```".length)).not.toContain("```");
        }
      }),
    );
    const long = shown([`│${"😀`".repeat(3000)}`]).slice(1);
    expect(long.length).toBeGreaterThan(3);
    for (const content of long) {
      expect(content.length).toBeLessThanOrEqual(LIMITS.display);
      expect(content.isWellFormed()).toBe(true);
      expect(content).toMatch(/^```diff\n[^]*\n```$/u);
    }
  });
});
