import { expect, test } from "vitest";
import { Macro } from "../../src/contracts/macro.ts";
import { validateArguments } from "../../src/spine/arguments.ts";
import { fillCommand } from "../../src/spine/declared-command.ts";

const text = (en: string) => ({ en });
const MACRO = Macro.parse({
  id: "look",
  title: text("Look"),
  description: text("Looks."),
  type: "C",
  path: "standard_path",
  risk: "low",
  triggers: { phrases: ["look at it"] },
  args: {
    folder: { type: "string", title: text("Folder"), default: "." },
    option: { type: "string", title: text("Option"), default: "-l", allowLeadingDash: true },
    depth: { type: "integer", title: text("Depth"), default: 1 },
    tool: { type: "choice", title: text("Tool"), default: "ls", choices: ["ls", "-x"] },
    all: { type: "boolean", title: text("All"), default: false },
  },
  lanes: [
    {
      id: "look",
      title: text("Look"),
      role: "operations",
      command: [
        "{arg:tool}",
        "{arg:option}",
        "--depth={arg:depth}",
        "{arg:folder}",
        "{workspace}/{arg:folder}",
        "{arg:all}",
      ],
      verify: [{ id: "ended", kind: "exit_code" }],
      timeLimitMs: 1000,
    },
  ],
});
const words = MACRO.lanes[0]?.command ?? [];
const VALUES = { folder: ".", option: "-l", depth: 1, tool: "ls", all: false };
const fill = (changes: object) => fillCommand(words, MACRO.args, { ...VALUES, ...changes }, "/work space");

test.each([
  ["a value with blanks is one word", { folder: "a b" }, "a b"],
  [
    "a value that a shell would run is a word like any other",
    { folder: "$(rm -rf /); `id` && x | y > z" },
    "$(rm -rf /); `id` && x | y > z",
  ],
  [
    "a value that looks like a placeholder is not filled in again",
    { folder: "{arg:option}{workspace}" },
    "{arg:option}{workspace}",
  ],
  ["a value with replacement patterns stays as it is", { folder: "$&$1$$" }, "$&$1$$"],
])("%s", (_, changes, expected) => {
  expect(fill(changes)).toEqual({
    ok: true,
    argv: ["ls", "-l", "--depth=1", expected, `/work space/${expected}`, "false"],
  });
});

test.each([
  ["begins with a dash", { folder: "-rf" }, "runbook.argument.dash"],
  ["is a negative number", { folder: "-1" }, "runbook.argument.dash"],
  ["is empty", { folder: "" }, "runbook.argument.empty"],
  ["holds a line end", { folder: "a\nb" }, "runbook.argument.control"],
  ["holds NUL", { folder: "a\0b" }, "runbook.argument.control"],
  ["is missing", { folder: undefined }, "runbook.argument.missing"],
])("a whole word that %s is refused", (_, changes, key) => {
  expect(fill(changes)).toMatchObject({ ok: false, problems: [{ key }] });
});

test("a dash is allowed where it was declared, where it is a choice, and inside a word", () => {
  expect(fill({ option: "--all", tool: "-x", depth: -3 })).toMatchObject({
    ok: true,
    argv: ["-x", "--all", "--depth=-3", ".", "/work space/.", "false"],
  });
});

test("a task with such a value is refused before a run is made of it", () => {
  expect(validateArguments(MACRO, { folder: "--help" })).toMatchObject({
    ok: false,
    problems: [{ key: "runbook.argument.dash" }],
  });
  expect(validateArguments(MACRO, { folder: "src" })).toMatchObject({ ok: true });
});
