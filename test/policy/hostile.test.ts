import { describe, expect, test } from "vitest";
import { compilePolicy } from "../../src/policy/compile.ts";
import { matchesAny } from "../../src/policy/path-globs.ts";

const SIZE = 20_000;
const RULE = "Never edit `dist/`.";

const of = (piece: string): string => piece.repeat(SIZE / piece.length);
const compile = (text: string, path = "AGENTS.md") => compilePolicy([], [{ path, text }]);

/** Without the bounds these take from five seconds to for ever; with them, on an idle machine, tenths of a second. */
function isQuick(work: () => unknown): boolean {
  const begun = performance.now();
  work();
  return performance.now() - begun < 3000;
}

describe("a rule file that is made to stop the process", () => {
  test.each([
    ["lists inside lists", of("- ")],
    ["numbered ones", of("1) ")],
    ["with tabs", of("-\t")],
    ["quotations inside quotations", of("> ")],
    ["without blanks", of(">")],
    ["both", of("- > ")],
    ["lists that are indented ever more", Array.from({ length: 140 }, (_, at) => `${"  ".repeat(at)}- a`).join("\n")],
    ["a few levels on each line", of(`${"- ".repeat(10)}a\n`)],
    ["emphasis in one paragraph", of("*_")],
    ["emphasis in many paragraphs", of(`${"*_".repeat(400)}\n\n`)],
    ["emphasis over many lines", of("**a*\n")],
    ["brackets", of("[a][b] ")],
    ["very many headings", of("a\n---\n")],
    ["very many lists", of("a\n- b\n\n")],
    ["very many quotations", of("> a\n\n")],
  ])("by %s enforces nothing, and says so of each line", (_, hostile) => {
    const text = `${RULE}\n\n${hostile}a`;
    expect(isQuick(() => compile(text))).toBe(true);
    const { rules, context } = compile(text);
    expect(rules).toEqual([]);
    expect(context[0]).toMatchObject({ line: 1, text: RULE, because: "too_complex" });
    const last = text.split("\n").length;
    expect(context.at(-1)).toMatchObject({ line: last, because: "too_complex" });
    expect(context.every(({ because, text: shown }) => because === "too_complex" && shown.length <= 400)).toBe(true);
  });

  test.each(
    [
      ...Array.from("\n\t `~<&\\[]()!#|*_-+>.。="),
      ..."```\n,<a ,<!--,<![CDATA[,&#x,# ,[a]: ,[a](,![,a\n,1. a\n,http://,\u{e000},e.g.,`a` ,a`,不要修改`a`。".split(
        ",",
      ),
      "Never edit `dist/`, `a`. ",
      "- a\n\n  b\n\n",
      "a:\n- b\n",
      `# ${"a ".repeat(500)}\n`,
      "---\t",
    ].map((piece) => [piece]),
  )("by %j is read at once", (piece) => {
    for (const text of [`${of(piece)}a`, `${RULE} ${of(piece)}`]) {
      expect(isQuick(() => compile(text))).toBe(true);
    }
    expect(isQuick(() => compile(`---\n${of(piece)}\n---\n${RULE}`, ".cursor/rules/a.mdc"))).toBe(true);
  });

  test.each([
    ["Run `npm test` before pr", " or you pr"],
    ["Run `npm test` before submit", " or submit work"],
    ["`npm test` must pass before pr", " or you pr"],
    ["Never edit the ", "files in the "],
    ["不要修改", "任何文件"],
  ])("by a sentence that could be read in ever more ways: %s%s%s …", (begin, more) => {
    const text = `${begin}${more.repeat(60)} \`a\`?`;
    expect(isQuick(() => compile(text))).toBe(true);
    expect(compile(text).rules).toEqual([]);
  });

  test("by a long heading above very many sentences", () => {
    expect(isQuick(() => compile(`# ${"a ".repeat(5000)}\n${"`a`. ".repeat(2000)}`))).toBe(true);
  });
});

test("a rule file as people write them is read: nested lists, quotations, emphasis, tables without blank lines", () => {
  const table = "| **name** | `script` | [link](https://example.org) |\n".repeat(150);
  const text = `* * * * *\n\n> > quoted\n\n${table}\n- a\n  - b\n    - c\n      - **Never** edit \`dist/\`.\n`;
  expect(compile(text).rules).toHaveLength(1);
});

describe("a glob that is made to stop the process", () => {
  const head = (globs: string): string => `---\nglobs: ${globs}\n---\n${RULE}\n`;
  const HOSTILE = [
    "+(+(+(+([a-z]*)*)*)*)x",
    "*a*a*a*a*a*a*a*a*x",
    "{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}x",
    "[a-z]+[a-z]+[a-z]+[a-z]+x",
    "{a,aa}+x",
    "(a|aa)*x",
    "@(a|b)*",
    "!(a)*",
    "**/a/**/a/**/a/**/x",
    "{1..9999}*",
    "a".repeat(301),
  ];

  test.each(HOSTILE)("leaves the rules of its Cursor file unenforced, and says so: %s", (glob) => {
    const { rules, context } = compile(head(JSON.stringify(glob)), ".cursor/rules/a.mdc");
    expect(rules).toEqual([]);
    expect(context).toMatchObject([{ text: RULE, because: "too_complex" }]);
  });

  test.each(HOSTILE)("is no path of a rule: %s", (glob) => {
    const { rules, context } = compile(`Never edit \`${glob}/*\`.`);
    expect(rules).toEqual([]);
    expect(context).toMatchObject([{ because: "unclear" }]);
  });

  test.each([["src/**/*.ts"], ["*.{ts,tsx}"], ["**/src/**/test/**"], ["docs/[0-9]*"], ["*.min.*"], ["{a*,b*}/*c*"]])(
    "one as people write them holds, and takes little time on any path: %s",
    (glob) => {
      const { rules } = compile(head(JSON.stringify(glob)), ".cursor/rules/a.mdc");
      expect(rules.map(({ scope }) => scope.length)).toEqual([1]);
      const paths = [
        `${"a".repeat(255)}/`.repeat(16),
        "a/".repeat(2000),
        "aab/".repeat(1000),
        `src/${"test/".repeat(800)}`,
      ];
      expect(isQuick(() => paths.map((path) => matchesAny(`${path}y`, rules[0]?.scope ?? [])))).toBe(true);
    },
  );
});
