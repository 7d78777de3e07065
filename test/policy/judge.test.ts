import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PolicyRule } from "../../src/contracts/policy.ts";
import { compilePolicy } from "../../src/policy/compile.ts";
import { commandsIn, isCallOf } from "../../src/policy/command-words.ts";
import { judgeChange, judgeWork, type ChangeSubject, type WorkSubject } from "../../src/policy/judge.ts";

const OWN: Pick<PolicyRule, "depth" | "scope" | "macros" | "tenants"> = {
  depth: 0,
  scope: [],
  macros: [],
  tenants: [],
};
const own = (
  line: number,
  source: PolicyRule["source"],
  check: PolicyRule["check"],
  more: Partial<PolicyRule> = {},
): PolicyRule => ({
  ...OWN,
  source,
  file: "config/policies.yaml",
  line,
  text: `rule ${line}`,
  check,
  ...more,
});
const rulesOf = (files: Record<string, string>): readonly PolicyRule[] =>
  compilePolicy(
    [],
    Object.entries(files).map(([path, text]) => ({ path, text })),
  ).rules;

const WORK: WorkSubject = {
  macroId: "m",
  tenant: "team:a",
  root: "/work/space",
  writes: [],
  commands: [],
  program: ["{node}", "worker.ts"],
  args: {},
  usedMs: 0,
  expectedMs: 1000,
};
const CHANGE: ChangeSubject = { macroId: "m", tenant: "team:a", paths: [], ran: [] };

const said = (rules: readonly PolicyRule[], work: Partial<WorkSubject>): string[] =>
  judgeWork(rules, { ...WORK, ...work }).map(
    ({ rule, outcome, subject }) => `${rule.file}:${rule.line} ${outcome} ${subject}`,
  );
const saidOf = (rules: readonly PolicyRule[], change: Partial<ChangeSubject>): string[] =>
  judgeChange(rules, { ...CHANGE, ...change }).map(
    ({ rule, outcome, subject }) => `${rule.file}:${rule.line} ${outcome} ${subject}`,
  );

describe("paths", () => {
  const rules = rulesOf({ "AGENTS.md": "Never edit `dist/`.", "pkg/AGENTS.md": "Never edit `dist/`." });

  test.each<[string[], string[]]>([
    [["dist/**"], ["AGENTS.md:1 denied dist/**"]],
    [["dist/a.js", "src/**"], ["AGENTS.md:1 denied dist/a.js"]],
    [["{dist,src}/**"], ["AGENTS.md:1 denied dist/**"]],
    [["pkg/dist/x"], ["AGENTS.md:1 denied pkg/dist/x", "pkg/AGENTS.md:1 denied pkg/dist/x"]],
    [["**"], []],
    [["src/**"], []],
    [[], []],
  ])("a lane that declares %j is told %j before it starts", (writes, verdicts) => {
    expect(said(rules, { writes })).toEqual(verdicts);
  });

  test("what a wide declaration may touch is judged on what was really changed", () => {
    expect(saidOf(rules, { paths: ["dist/b.js", "src/a.ts"] })).toEqual(["AGENTS.md:1 denied dist/b.js"]);
  });

  test("the nearest AGENTS.md has the last word, in both directions", () => {
    const files = { "AGENTS.md": "Never edit `gen/`.", "pkg/AGENTS.md": "You may edit `gen/`." };
    expect(saidOf(rulesOf(files), { paths: ["gen/a", "pkg/gen/a"] })).toEqual([
      "AGENTS.md:1 denied gen/a",
      "AGENTS.md:1 excepted pkg/gen/a",
    ]);
    const other = { "AGENTS.md": "You may edit `gen/`.", "pkg/AGENTS.md": "Never edit `gen/`." };
    expect(saidOf(rulesOf(other), { paths: ["gen/a", "pkg/gen/a"] })).toEqual(["pkg/AGENTS.md:1 denied pkg/gen/a"]);
  });

  test("a stronger source excepts, a weaker one does not, and inside one source the prohibition wins", () => {
    const deny = own(1, "security", { kind: "deny_paths", globs: ["**/.env.*"] });
    const exception = own(2, "policies_file", { kind: "allow_paths", globs: ["**/.env.example"] });
    expect(saidOf([deny, exception], { paths: [".env.example", ".env.local"] })).toEqual([
      "config/policies.yaml:1 excepted .env.example",
      "config/policies.yaml:1 denied .env.local",
    ]);
    const agents = rulesOf({ "AGENTS.md": "You may edit `.env.local`. You may edit `dist/`. Never edit `dist/`." });
    expect(saidOf([deny, ...agents], { paths: [".env.local", "dist/a"] })).toEqual([
      "config/policies.yaml:1 denied .env.local",
      "AGENTS.md:1 denied dist/a",
    ]);
  });

  test("a Cursor rule that is bound to files holds for work that touches them", () => {
    const rules = rulesOf({ ".cursor/rules/a.mdc": "---\nglobs: api/**\n---\nRun `npm test` before committing." });
    expect(saidOf(rules, { paths: ["web/a.ts"] })).toEqual([]);
    expect(saidOf(rules, { paths: ["api/a.ts"] })).toEqual([".cursor/rules/a.mdc:4 unmet npm test"]);
  });

  test("nothing outside the workspace is written or named", () => {
    const rules = [own(9, "security", { kind: "inside_workspace" })];
    expect(said(rules, { writes: ["../x", "/etc/y", "ok/**"] })).toEqual([
      "config/policies.yaml:9 denied ../x",
      "config/policies.yaml:9 denied /etc/y",
    ]);
    const commands = [
      ["du", "-h", "/work/space/../../etc"],
      ["cat", "--file=/etc/passwd", "/work/space/a", "/dev/null"],
      ["ls", "~/x"],
    ];
    expect(said(rules, { commands })).toEqual([
      "config/policies.yaml:9 denied /etc/passwd",
      "config/policies.yaml:9 denied /work/space/../../etc",
      "config/policies.yaml:9 denied ~/x",
    ]);
    expect(saidOf(rules, { paths: ["../other/a"] })).toEqual(["config/policies.yaml:9 denied ../other/a"]);
  });
});

describe("commands", () => {
  test.each<[string[], string, boolean]>([
    [["rm", "-rf", "x"], "rm -rf", true],
    [["rm", "-r", "-f", "x"], "rm -rf", true],
    [["/bin/rm", "-fr", "x"], "rm -rf", true],
    [["rm", "-r", "x"], "rm -rf", false],
    [["git", "push", "origin", "main", "--force"], "git push --force", true],
    [["git", "push", "--force-with-lease"], "git push --force", false],
    [["git", "-C", "x", "push"], "git push", true],
    [["git", "pull"], "git push", false],
    [["npm", "test"], "npm publish", false],
  ])("%j: is it a call of %s? %s", (argv, line, expected) => {
    expect(isCallOf(argv, line.split(" "))).toBe(expected);
  });

  test("wrapped commands are looked into as far as they can be read", () => {
    const rules = rulesOf({ "AGENTS.md": "Do not use `rm -rf`." });
    const wrapped = [
      ["sudo", "-u", "root", "rm", "-rf", "/x"],
      ["sh", "-c", "cd a && rm -rf b"],
      ["env", "A=1", "timeout", "5", "rm", "-rf", "b"],
    ];
    for (const argv of wrapped) expect(said(rules, { commands: [argv] })).toHaveLength(1);
    expect(commandsIn(["sh", "-c", "echo hi"])).toEqual([
      ["sh", "-c", "echo hi"],
      ["echo", "hi"],
    ]);
    expect(said(rules, { program: ["rm", "-rf", "x"] })).toHaveLength(1);
  });

  test("where only some are allowed, all others are refused; a worker's own program is none of them", () => {
    const rules = [own(3, "security", { kind: "only_commands", commands: [["git"], ["npm", "test"]] })];
    expect(
      said(rules, {
        commands: [
          ["git", "log"],
          ["npm", "test"],
        ],
      }),
    ).toEqual([]);
    expect(said(rules, { commands: [["npm", "install"]] })).toEqual(["config/policies.yaml:3 denied npm install"]);
  });
});

test("secrets are found and never repeated", () => {
  const rules = [own(5, "security", { kind: "no_secrets" })];
  const secret = `ghp_${"a1".repeat(15)}`;
  const verdicts = said(rules, { args: { note: secret }, commands: [["curl", secret]] });
  expect(verdicts).toHaveLength(2);
  expect(JSON.stringify(verdicts)).not.toContain(secret);
});

test("a required command is met by that very command only", () => {
  const rules = rulesOf({ "AGENTS.md": "Run `npm test` before committing." });
  expect(saidOf(rules, { paths: ["a"], ran: [["npm", "test"]] })).toEqual(["AGENTS.md:1 met npm test"]);
  expect(
    saidOf(rules, {
      paths: ["a"],
      ran: [
        ["npm", "test", "--", "one"],
        ["npm", "run", "test"],
      ],
    }),
  ).toEqual(["AGENTS.md:1 unmet npm test"]);
});

test("a run may use its share of worker time and no more; rules may be for some procedures and tenants", () => {
  const cap = own(7, "fairness", { kind: "worker_time", limitMs: 60_000 }, { macros: ["m"], tenants: ["team:*"] });
  expect(said([cap], { usedMs: 59_000 })).toEqual([]);
  expect(said([cap], { usedMs: 59_001 })).toEqual(["config/policies.yaml:7 denied 1 min"]);
  expect(said([cap], { usedMs: 99_000, macroId: "other" })).toEqual([]);
  expect(said([cap], { usedMs: 99_000, tenant: "other:a" })).toEqual([]);
});

const anyGlobs = fc.uniqueArray(fc.constantFrom("dist/**", "**/*.lock", "src/a.ts", "**"), { minLength: 1 });
const anyWords = fc.constantFrom("rm -rf", "npm test", "git").map((line) => line.split(" "));
const anyCheck: fc.Arbitrary<PolicyRule["check"]> = fc.oneof(
  anyGlobs.map((globs) => ({ kind: "deny_paths" as const, globs })),
  anyGlobs.map((globs) => ({ kind: "allow_paths" as const, globs })),
  anyWords.map((words) => ({ kind: "deny_command" as const, words })),
  anyWords.map((words) => ({ kind: "allow_command" as const, words })),
  anyWords.map((words) => ({ kind: "require_command" as const, words })),
  fc.constant({ kind: "inside_workspace" as const }),
);
const anyRule: fc.Arbitrary<PolicyRule> = fc.record({
  source: fc.constantFrom("policies_file", "security", "agents_md", "cursor", "fairness"),
  file: fc.constantFrom("a", "b"),
  line: fc.integer({ min: 1, max: 9 }),
  text: fc.constantFrom("one", "two"),
  check: anyCheck,
  depth: fc.integer({ min: 0, max: 2 }),
  scope: fc.constantFrom([], ["src/**"]),
  macros: fc.constantFrom([], ["m"], ["x"]),
  tenants: fc.constant([]),
});

test("verdicts are pure and do not depend on the order of the rules", () => {
  const work = {
    ...WORK,
    writes: ["dist/**", "src/a.ts", "**"],
    commands: [
      ["rm", "-rf", "x"],
      ["git", "log"],
    ],
  };
  const change = { ...CHANGE, paths: ["dist/x", "yarn.lock", "../y"], ran: [["npm", "test"]] };
  const places = (rules: readonly PolicyRule[]) =>
    new Set(rules.map(({ source, file, line, text }) => [source, file, line, text].join()));
  fc.assert(
    fc.property(
      fc
        .uniqueArray(anyRule, {
          maxLength: 12,
          selector: ({ source, file, line, text }) => [source, file, line, text].join(),
        })
        .chain((rules) => fc.tuple(fc.constant(rules), fc.shuffledSubarray(rules, { minLength: rules.length }))),
      ([rules, shuffled]) => {
        const before = structuredClone(rules);
        expect(judgeWork(shuffled, work)).toEqual(judgeWork(rules, work));
        expect(judgeChange(shuffled, change)).toEqual(judgeChange(rules, change));
        expect(rules).toEqual(before);
        for (const { rule } of [...judgeWork(rules, work), ...judgeChange(rules, change)])
          expect(places(rules)).toContain([rule.source, rule.file, rule.line, rule.text].join());
      },
    ),
    { numRuns: 200 },
  );
});
