import { describe, expect, test } from "vitest";
import type { PolicyCheck } from "../../src/contracts/policy.ts";
import { compilePolicy } from "../../src/policy/compile.ts";

function compiled(text: string, path = "AGENTS.md") {
  const { rules, context } = compilePolicy([], [{ path, text }]);
  return { checks: rules.map(({ check }) => check), context };
}

const deny = (...globs: string[]): PolicyCheck => ({ kind: "deny_paths", globs });
const allow = (...globs: string[]): PolicyCheck => ({ kind: "allow_paths", globs });
const noCall = (...words: string[]): PolicyCheck => ({ kind: "deny_command", words });
const need = (...words: string[]): PolicyCheck => ({ kind: "require_command", words });
const DIST = deny("**/dist/**");
const TEST = need("npm", "test");

describe("a sentence that is a rule becomes a check", () => {
  test.each<[string, PolicyCheck[]]>([
    ["Never edit `dist/`.", [DIST]],
    ["never edit `dist/`", [DIST]],
    ["**Never** edit `dist/`!", [DIST]],
    ["Do not modify `dist/`.", [DIST]],
    ["Don't touch `dist/`.", [DIST]],
    ["Don’t change `dist/`.", [DIST]],
    ["You must not edit `dist/`.", [DIST]],
    ["Agents must never modify files in `dist/`.", [DIST]],
    ["Please do not edit the `dist/` directory.", [DIST]],
    ["IMPORTANT: never edit anything under `dist/`.", [DIST]],
    ["Never edit `dist/`: it is generated.", [DIST]],
    ["Never edit `dist/` because it is generated.", [DIST]],
    ["Never edit `dist/` (generated).", [DIST]],
    ["Never edit `dist/`, it is generated.", [DIST]],
    ["Never edit `dist/` – the build makes it.", [DIST]],
    ["Do not edit or commit `dist/`.", [DIST]],
    ["Never commit `.env`.", [deny("**/.env/**")]],
    [
      "Never edit `dist/`, `package-lock.json` or `*.snap`.",
      [deny("**/dist/**", "**/package-lock.json/**", "**/*.snap/**")],
    ],
    ["Never edit `src/generated/**`.", [deny("src/generated/**")]],
    ["Do not change `/LICENSE`.", [deny("LICENSE/**")]],
    ["`dist/` must not be edited.", [DIST]],
    ["Files in `dist/` must never be modified or committed.", [DIST]],
    ["`dist/` is off-limits.", [DIST]],
    ["You may edit `docs/generated/`.", [allow("docs/generated/**")]],
    ["Do not use `rm -rf`.", [noCall("rm", "-rf")]],
    ["Never run `git push --force`.", [noCall("git", "push", "--force")]],
    ["Don't run `npm publish` or `npm version`.", [noCall("npm", "publish"), noCall("npm", "version")]],
    ["Do not execute `./deploy.sh`.", [noCall("./deploy.sh")]],
    ["Run `npm test` before committing.", [TEST]],
    ["Always run `npm test` before you commit.", [TEST]],
    ["You must run `npm test` and `npm run lint` before opening a pull request.", [TEST, need("npm", "run", "lint")]],
    ["Before committing, run `npm test`.", [TEST]],
    ["Before you push, always run `npm test`.", [TEST]],
    ["`npm test` must pass before merging.", [TEST]],
    ["Run `npm test` after every change.", [TEST]],
    ["Never edit the `dist` folder.", [DIST]],
    ["Never edit anything in `dist`.", [DIST]],
    ["Never edit `src/{a,b}/*.{gen,pb}.ts`.", [deny("src/{a,b}/*.{gen,pb}.ts/**")]],
    ["Never edit `*.min.*`.", [deny("**/*.min.*/**")]],
    ["Never edit `src\\gen\\`.", [deny("src/gen/**")]],
    ["Never edit `dist/`, as it is generated.", [DIST]],
    ["不要修改 `dist/`。", [DIST]],
    ["请勿编辑 `dist/` 目录下的文件", [DIST]],
    ["禁止修改`dist/`和`package-lock.json`。", [deny("**/dist/**", "**/package-lock.json/**")]],
    ["切勿改动 `dist/`，因为它是自动生成的。", [DIST]],
    ["`dist/` 目录不得修改", [DIST]],
    ["注意：绝对不要提交 `.env` 文件。", [deny("**/.env/**")]],
    ["不要对 `dist/` 进行任何修改", [DIST]],
    ["严禁使用 `rm -rf`", [noCall("rm", "-rf")]],
    ["不要运行 `npm publish`。", [noCall("npm", "publish")]],
    ["提交之前必须运行 `npm test`。", [TEST]],
    ["在提交代码前，请先执行 `npm test`", [TEST]],
    ["运行 `npm test` 后才能提交。", [TEST]],
    ["可以修改 `docs/generated/`。", [allow("docs/generated/**")]],
  ])("%s", (sentence, checks) => {
    expect(compiled(sentence)).toEqual({ checks, context: [] });
  });
});

describe("what is no plain rule is context, with the reason", () => {
  test.each<[string, string]>([
    ["Keep functions short.", "no_rule"],
    ["The build writes `dist/`.", "no_rule"],
    ["Edit `src/` and run the build.", "unclear"],
    ["Never edit `dist/` unless the build is broken.", "conditional"],
    ["Never edit `dist/` without approval.", "conditional"],
    ["If you release, never edit `dist/`.", "conditional"],
    ["Never edit `dist/` except `dist/README.md`.", "conditional"],
    ["Never edit `dist/` by hand.", "conditional"],
    ["Do not edit `dist/` directly.", "conditional"],
    ["Only edit `src/`.", "conditional"],
    ["Avoid editing `dist/`.", "conditional"],
    ["Never edit `dist/` before a release.", "unclear"],
    ["Usually run `npm test` before committing.", "conditional"],
    ["Run `npm test` before committing when you changed code.", "conditional"],
    ["Do not never edit `dist/`.", "unclear"],
    ["Don't forget to run `npm test` before committing.", "unclear"],
    ["Never commit without running `npm test`.", "conditional"],
    ["You do not need to edit `dist/`.", "unclear"],
    ["You don't have to run `npm test` before committing.", "unclear"],
    ["It is not true that you must never edit `dist/`.", "unclear"],
    ["We never said: do not edit `dist/`.", "unclear"],
    ['The old guide said "never edit `dist/`".', "quotation"],
    ["Do not touch generated files (e.g. `dist/`).", "example"],
    ["For example, never edit `dist/`.", "example"],
    ["~~Never edit `dist/`.~~", "quotation"],
    ["Do not use `any`.", "unclear"],
    ["Do not use `var x`.", "unclear"],
    ["Never change `MAX_SIZE`.", "unclear"],
    ["Never edit `foo.bar()`.", "unclear"],
    ["Never delete `dist/`.", "unclear"],
    ["Run `npm test` before committing or `make test` if on Windows.", "conditional"],
    ["Run `npm test` or `yarn test` before committing.", "unclear"],
    ["Run `npm test <file>` before committing.", "unclear"],
    ["Run `npm test`.", "unclear"],
    ["Never edit `../other/`.", "unclear"],
    ["| never edit `dist/` | x |", "unclear"],
    ["Never edit `./`.", "unclear"],
    ["Never edit `C:\\Users\\me`.", "unclear"],
    ["Never change `App\\Models`.", "unclear"],
    ["Never edit `!dist/`.", "unclear"],
    ["Do not modify `src/a.ts:12`.", "unclear"],
    ["Do not change `origin/main`.", "unclear"],
    ["Never change `application/json`.", "unclear"],
    ["Do not use `find`.", "unclear"],
    ["Never edit `dist/` as root.", "unclear"],
    ["Never edit `dist/` since the last review.", "unclear"],
    ["Never edit `dist/` (on Windows).", "conditional"],
    ["Never edit `dist/`: it is fine in hot fixes.", "conditional"],
    ["Never edit `dist/`, which does not apply to agents.", "conditional"],
    ["Never edit `dist/`, that applies to humans.", "conditional"],
    ["Never edit `dist/` (or ask Bob).", "conditional"],
    ["Run `npm test` before committing (optional).", "conditional"],
    ["Run `npm test` before committing; you may skip it.", "conditional"],
    ["<del>Never edit `dist/`.</del>", "unclear"],
    ["不要修改 `dist/`（在 Windows 上）。", "conditional"],
    ["不要修改 `dist/`，它可以修改。", "conditional"],
    ["不要修改 `dist/`，该规则已废止。", "conditional"],
    ["不要修改 `dist/`，除非得到批准。", "conditional"],
    ["如果要发布，不要修改 `dist/`。", "conditional"],
    ["不要手动修改 `dist/`。", "conditional"],
    ["未经许可不要修改 `dist/`。", "conditional"],
    ["尽量不要修改 `dist/`。", "conditional"],
    ["不得不修改 `dist/`。", "unclear"],
    ["不要忘记在提交前运行 `npm test`。", "unclear"],
    ["不要不修改 `dist/`。", "unclear"],
    ["例如：不要修改 `dist/`。", "example"],
    ["旧文档写着“不要修改 `dist/`”。", "quotation"],
    ["修改 `src/` 后构建。", "no_rule"],
    ["不用修改 `dist/`。", "no_rule"],
  ])("%s", (sentence, because) => {
    const { checks, context } = compiled(sentence);
    expect(checks).toEqual([]);
    expect(context.map((entry) => entry.because)).toEqual([because]);
  });
});

// A form that tries all ways to read such a sentence does not come back before the test's own time is over; a shorter
// time would measure how busy the machine is. The short ones reach the forms, the long ones what stands before them.
test.each([70, 30_000])("a hostile sentence of %d words costs no time", (words) => {
  for (const word of ["请注意", "需要", "please ", "you must ", "the ", "or "])
    expect(compiled(`${word.repeat(words)}x \`a/\``).checks).toEqual([]);
});

describe("what stands around a sentence counts", () => {
  test.each([
    "```\nNever edit `dist/`.\n```",
    "    Never edit `dist/`.",
    "> Never edit `dist/`.",
    "<!-- Never edit `dist/`. -->",
    "## Examples\n\nNever edit `dist/`.",
    "## 示例\n\n不要修改 `dist/`。",
    "Examples of rules:\n\n- Never edit `dist/`.",
    "When you release:\n\n- Never edit `dist/`.",
    "- If you release:\n  - Never edit `dist/`.",
    "Never edit `dist/`. Except on Fridays.",
    "不要修改 `dist/`。但紧急修复例外。",
    "- Never edit `dist/`\n  - except for hot fixes",
    "It is not so that:\n\n- Never edit `dist/`.",
    "Never edit `dist/`:\n\n- unless you release\n- when asked",
    "Never edit `dist/`.\n\nExcept on Fridays.",
    "- Never edit `dist/`.\n\nThese rules do not apply to releases.",
    "Never edit `dist/`. This rule is withdrawn.",
    "Never edit `dist/`. Not true!",
    "These rules are just examples.\n\n- Never edit `dist/`.",
    "The following is an example. Never edit `dist/`.",
    "On Windows:\n\n- Never edit `dist/`.",
    "## For humans\n\nNever edit `dist/`.",
    "## Optional\n\nRun `npm test` before committing.",
    "## Don't\n\n- Run `rm -rf dist` before committing.",
    "## Don’t\n\n- You may edit `dist/`.",
  ])("%j holds no rule", (text) => {
    expect(compiled(text).checks).toEqual([]);
  });

  test("a rule that introduces a list holds for its items, each at its own line", () => {
    const text = "Never edit:\n\n- `dist/`\n- `vendor/`: copied\n- the moon\n";
    const { rules } = compilePolicy([], [{ path: "AGENTS.md", text }]);
    expect(rules.map(({ check, line, text: shown }) => ({ check, line, shown }))).toEqual([
      { check: DIST, line: 3, shown: "Never edit: `dist/`" },
      { check: deny("**/vendor/**"), line: 4, shown: "Never edit: `vendor/`: copied" },
    ]);
  });

  test.each([
    ["## Do not edit\n\n- `dist/`\n", DIST],
    ["Do not modify the following files:\n\n- `dist/`\n", DIST],
    ["## 禁止修改\n\n- `dist/`\n", DIST],
    ["不要修改以下目录：\n\n- `dist/`\n", DIST],
    ["## Don'ts\n\n- Never edit `dist/`.\n", DIST],
    ["## Dos and don'ts\n\n- Run `npm test` before committing.\n", TEST],
    ["## For agents\n\n- Never edit `dist/`.\n", DIST],
  ])("%j holds one", (text, check) => {
    expect(compiled(text).checks).toEqual([check]);
  });

  test("a heading that looks like a rule and is none is told of", () => {
    const { checks, context } = compiled("## Never edit `dist/`\n\nUnless you release.\n");
    expect(checks).toEqual([]);
    expect(context).toMatchObject([
      { line: 1, because: "conditional" },
      { line: 3, because: "no_rule" },
    ]);
  });

  test("a paragraph of several sentences gives each its own verdict and line", () => {
    const text = "# Rules\n\nKeep it short. Never edit\n`dist/`. Run `npm test`\nbefore committing.\n";
    const { rules, context } = compilePolicy([], [{ path: "AGENTS.md", text }]);
    expect(rules.map(({ line, check }) => [line, check])).toEqual([
      [3, DIST],
      [4, TEST],
    ]);
    expect(context).toMatchObject([{ line: 3, text: "Keep it short.", because: "no_rule" }]);
  });
});

describe("rule files", () => {
  test("a rule of a nested AGENTS.md means its own folder, and its commands work in there", () => {
    const text = "Never edit `dist/`. Never edit `src/gen/`. Run `npm test` before committing.";
    const { rules } = compilePolicy([], [{ path: "packages/a/AGENTS.md", text }]);
    expect(rules.map(({ check, scope, depth }) => ({ check, scope, depth }))).toEqual([
      { check: deny("packages/a/**/dist/**"), scope: [], depth: 2 },
      { check: deny("packages/a/src/gen/**"), scope: [], depth: 2 },
      { check: TEST, scope: ["packages/a/**"], depth: 2 },
    ]);
  });

  test.each<[string, string, readonly string[] | "on_request" | "broken_head"]>([
    ["always applied", "description: x\nalwaysApply: true\nglobs: src/**", []],
    ["bound to files", "globs: src/**/*.ts, *.md", ["src/**/*.ts", "**/*.md"]],
    ["bound to files, as Cursor writes it", "description:\nglobs: *.ts\nalwaysApply: false", ["**/*.ts"]],
    ["bound to a list", 'globs: ["a/**", "b/**"]', ["a/**", "b/**"]],
    ["on request", "description: for releases\nalwaysApply: false", "on_request"],
    ["with a broken head", "globs: [", "broken_head"],
    ["with an alias of nothing in its head", "description: *bold*\nalwaysApply: true", "broken_head"],
  ])("a Cursor rule %s", (_, head, scope) => {
    const text = `---\n${head}\n---\n\nNever edit \`dist/\`.\n`;
    const { rules, context } = compilePolicy([], [{ path: ".cursor/rules/a.mdc", text }]);
    const line = head.split("\n").length + 4;
    if (typeof scope === "string") expect(context).toMatchObject([{ because: scope, line }]);
    else expect(rules).toMatchObject([{ source: "cursor", check: DIST, scope, line }]);
  });

  test(".cursorrules holds for all work", () => {
    const { rules } = compilePolicy([], [{ path: ".cursorrules", text: "Never edit `dist/`." }]);
    expect(rules).toMatchObject([{ source: "cursor", file: ".cursorrules", line: 1, scope: [], check: DIST }]);
  });

  test("nothing of a file is lost: it is a rule or it is context", () => {
    const text = "# A\n\nOne. Two `x`.\n\n- three\n  - four\n\n> five\n\n```sh\nsix\n```\n\n1. seven `dist/`\n";
    const shown = compiled(text).context.map((entry) => entry.text);
    expect(shown).toEqual(["One.", "Two `x`.", "three", "four", "five", "six", "seven `dist/`"]);
  });
});
