import { readFileSync } from "node:fs";
import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, test } from "vitest";
import en from "../locales/en.json" with { type: "json" };
import zhCN from "../locales/zh-CN.json" with { type: "json" };
import { SHIPPED_LANGUAGES, translatorFor } from "../src/i18n.ts";

const CATALOGUES: Readonly<Record<string, Readonly<Record<string, string>>>> = { en, "zh-CN": zhCN };
const others = Object.entries(CATALOGUES).filter(([language]) => language !== "en");

/** What `coxswain` can be told in a terminal. */
const COMMAND =
  /(?:answer|audit|cancel|config|dead-letters|discord|doctor|drain|export|policy|queue|resume|run|slack|status|undo)\b/;

type Element = ReturnType<IntlMessageFormat["getAst"]>[number];
const LITERAL = 0;
const PLURAL = 6;

/** The parameters of a pattern: all of them, and those that the sentence cannot do without. */
function parametersOf(pattern: string, language: string): { all: Set<string>; needed: Set<string> } {
  const all = new Set<string>();
  const needed = new Set<string>();
  const walk = (elements: readonly Element[], counted: string | undefined): void => {
    for (const element of elements) {
      const type: number = element.type;
      if (!("value" in element)) {
        // `#`: the number itself is shown.
        if (counted !== undefined) needed.add(counted);
        continue;
      }
      if (type === LITERAL) continue;
      all.add(element.value);
      // A number that only chooses between singular and plural is idle in languages without them.
      if (type !== PLURAL) needed.add(element.value);
      if ("options" in element) {
        const inside = type === PLURAL ? element.value : counted;
        for (const option of Object.values(element.options)) walk(option.value, inside);
      }
    }
  };
  walk(new IntlMessageFormat(pattern, language, undefined, { ignoreTag: true }).getAst(), undefined);
  return { all, needed };
}

test("every shipped language is looked at, and there is something to look at", () => {
  expect(Object.keys(CATALOGUES)).toEqual(SHIPPED_LANGUAGES);
  expect(Object.keys(en).length).toBeGreaterThan(200);
});

test("a command of the program is named as it can be called in a fresh clone", () => {
  const bare = new RegExp(`(?<!run -s )(?<![/@])\\bcoxswain ${COMMAND.source}`);
  const files = ["README.md", "CONTRIBUTING.md"].map((file) => ({ name: file, text: readFileSync(file, "utf8") }));
  const messages = Object.entries(CATALOGUES).flatMap(([language, catalogue]) =>
    Object.entries(catalogue).map(([key, text]) => ({ name: `${language} ${key}`, text })),
  );
  const texts = [...files, ...messages];
  expect(texts.filter(({ text }) => COMMAND.test(text)).length).toBeGreaterThan(20);
  expect(texts.filter(({ text }) => bare.test(text)).map(({ name }) => name)).toEqual([]);
});

describe.each(Object.entries(CATALOGUES))("in %s one state has one word, wherever it is shown", (_language, texts) => {
  test.each(["active", "waiting", "completed", "canceled", "discarded", "refused", "dead_letter"])("%s", (status) => {
    const word = texts[`cli.status.${status}`] ?? "";
    expect(texts[`web.status.${status}`]).toBe(word);
    const elsewhere = [`state.current.${status}`, `state.blocked.${status}`].flatMap((key) => texts[key] ?? []);
    const short = word.replace("已", "");
    // Those that say more than the word: who answers, and what went wrong.
    if (["canceled", "discarded", "refused"].includes(status)) {
      expect(elsewhere.filter((text) => !text.toLowerCase().includes(short))).toEqual([]);
      expect(texts["digest.outcome"]).toContain(word);
      expect(texts["digest.count"]).toContain(word);
    }
  });
});

test("an agent and a dead letter have one name in Chinese", () => {
  const others = Object.entries(zhCN).filter(([, text]) => /失败待处理|未予受理|答复|代理(?!或防火墙)/u.test(text));
  expect(others.map(([key]) => key)).toEqual([]);
});

describe.each(others)("%s", (language, catalogue) => {
  test("has exactly the keys of English", () => {
    expect(Object.keys(catalogue).sort()).toEqual(Object.keys(en).sort());
  });

  test("takes the same parameters in every message", () => {
    const differing = Object.entries(en).filter(([key, pattern]) => {
      const english = parametersOf(pattern, "en");
      const other = parametersOf(catalogue[key] ?? "", language);
      return !other.all.isSubsetOf(english.all) || !english.needed.isSubsetOf(other.all);
    });
    expect(differing.map(([key]) => key)).toEqual([]);
  });

  test("is really translated: no sentence is the English one", () => {
    const same = Object.entries(en).filter(([key, pattern]) => {
      const words = pattern.replace(/\{[^{}]*\}/g, " ").match(/[A-Za-z]{2,}/g) ?? [];
      return words.length > 2 && catalogue[key] === pattern;
    });
    expect(same.map(([key]) => key)).toEqual([]);
  });
});

test("catalogues are sorted, so that two people who add keys do not collide", () => {
  for (const catalogue of Object.values(CATALOGUES)) {
    const keys = Object.keys(catalogue);
    expect(keys).toEqual(keys.toSorted((a, b) => (a < b ? -1 : 1)));
  }
});

test("no message is empty", () => {
  for (const catalogue of Object.values(CATALOGUES)) {
    expect(Object.entries(catalogue).filter(([, pattern]) => pattern.trim() === "")).toEqual([]);
  }
});

test.each([
  ["变更历史", "它略去了变更历史"],
  ["API", "它略去了 API"],
  ["变更历史、API", "它略去了变更历史、API"],
  ["我的 文件", "它略去了我的 文件"],
])("Chinese has a blank beside Latin words and numbers only: %s", (left, expected) => {
  expect(translatorFor("zh-CN").t("path.rejected.leaves_out", { left })).toBe(expected);
});

test("a Chinese value loses its blanks on both sides, and two of them between each other", () => {
  const params = { title: "天数", came: "三", max: 90 };
  expect(translatorFor("zh-CN").t("command.argument.too_large", params)).not.toMatch(/\p{Script=Han} \p{Script=Han}/u);
  expect(translatorFor("en").t("command.argument.too_large", params)).toContain("天数 ");
});

test.each([
  ["en", "What comes first?", "What comes first? Risk"],
  ["en", "Scope", "Scope: Risk"],
  ["zh-CN", "先看什么？", "先看什么？Risk"],
  ["zh-CN", "范围", "范围：Risk"],
])("in %s a label that is a question has no colon after it: %s", (language, label, expected) => {
  expect(translatorFor(language).t("card.labelled", { label, value: "Risk" })).toBe(expected);
  const inside = translatorFor(language).t("card.labelled", { label: "x", value: "(?:a|b)?: c" });
  expect(inside).toContain("(?:a|b)?: c");
});

test("a text that was saved without a value that its sentence has now leaves a gap; one that is made now must have it", () => {
  const words = translatorFor("en");
  const saved = { kind: "key", key: "alert.unanswered.what", params: { duration: "24 h" } } as const;
  expect(words.say(saved)).toBe("“…” has waited for an answer for 24 h or more; nothing was decided for anybody");
  expect(() => words.t("alert.unanswered.what", { duration: "24 h" })).toThrow("goal");
});

describe.each(SHIPPED_LANGUAGES)(
  "a text from outside that is no pattern, or lacks a value, is said as it stands, in %s",
  (language) => {
    test.each([
      ["unexpected token {"],
      ["Hello {name}"],
      ["{count, plural, one {x}}"],
      ["{at, time, medium}"],
      ["{a, select, other {".repeat(5000)],
    ])("%.40s", (pattern) => {
      const params = { at: "yesterday", count: "many" };
      expect(translatorFor(language).say({ kind: "localized", byLanguage: { en: pattern }, params })).toBe(pattern);
    });

    test("also inside another one, and under a key of ours", () => {
      const words = translatorFor(language);
      const broken = { kind: "localized", byLanguage: { en: "a { b" } } as const;
      expect(words.t("card.labelled", { label: "x", value: words.say(broken) })).toContain("a { b");
      expect(words.say({ kind: "key", key: "card.labelled", params: { label: "x", value: broken } })).toContain(
        "a { b",
      );
      const untimely = { kind: "key", key: "keep.current.approved", params: { until: "yesterday" } } as const;
      expect(words.say(untimely)).not.toBe("");
    });
  },
);
