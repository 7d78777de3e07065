import { expect, test } from "vitest";
import { completionsFor } from "../../../adapters/discord/autocomplete.ts";
import type { Interaction } from "../../../adapters/discord/payload.ts";
import type { RunSummary } from "../../../src/contracts/document.ts";
import { Macro } from "../../../src/contracts/macro.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { createLog } from "../../../src/log.ts";
import type { Query, RunFilter } from "../../../src/ports.ts";
import { problemsOfChoices } from "../../fakes/discord/rules.ts";
import { FAKE_MACRO } from "../../fixtures/control-plane.ts";

const MACRO = Macro.parse({
  ...FAKE_MACRO,
  args: {
    entry: {
      type: "choice",
      title: { en: "Entry", "zh-CN": "条目" },
      description: { en: "Whether a missing entry is written." },
      default: "none",
      choices: ["none", "grouped"],
      labels: { none: { en: "not written", "zh-CN": "不撰写" }, grouped: { en: "sorted by kind", "zh-CN": "按类别" } },
    },
    install: { type: "boolean", title: { en: "Install first", "zh-CN": "先安装" }, default: true },
    depth: { type: "integer", title: { en: "Levels" }, description: { en: "long ".repeat(60) }, default: 1 },
    text: { type: "string", title: { en: "Text" }, default: "" },
    areas: { type: "lanes", title: { en: "Areas" }, default: ["roof", "cellar"] },
  },
});

const statuses = ["completed", "active", "dead_letter", "waiting", "completed", "active"] as const;
const RUNS = statuses.map((status, at): RunSummary => ({
  runId: `run_000000000${at}`,
  goal: `check the house, ${at}`,
  macroId: null,
  status,
  stage: "execution",
  tenant: "t",
  workspace: "/w",
  startedAt: 0,
  updatedAt: 0,
}));

function asked(runs: Query["runs"] = runsFrom(RUNS), language = "en") {
  const query = { runs } satisfies Partial<Query> as unknown as Query;
  const logged: string[] = [];
  const log = createLog("silent");
  log.warn = (_: unknown, message?: string) => void logged.push(message ?? "");
  const complete = async (subcommand: string, options: Record<string, string>, focused: string) => {
    const typing = { kind: "complete", subcommand, options, focused } as Extract<Interaction, { kind: "complete" }>;
    const choices = await completionsFor(typing, { macros: [MACRO], query, log }, translatorFor(language));
    expect(problemsOfChoices(choices.map((choice) => ({ ...choice })))).toEqual([]);
    return choices;
  };
  const args = (typed: string, more: Record<string, string> = {}) =>
    complete("run", { macro: "house-check", argument: typed, ...more }, "argument");
  return { complete, args, logged };
}

const runsFrom =
  (all: readonly RunSummary[]): Query["runs"] =>
  ({ status, limit }: RunFilter) => {
    const runs = all.filter((run) => status === undefined || run.status === status);
    return Promise.resolve({ runs: runs.slice(0, limit), total: runs.length });
  };

test("arguments are offered in words, and what is sent is the value that the macro takes", async () => {
  const choices = await asked().args("");
  expect(choices.map(({ name }) => name.slice(0, 52))).toEqual([
    "Entry: not written · Whether a missing entry is writ",
    "Entry: sorted by kind · Whether a missing entry is w",
    "Install first: yes",
    "Install first: no",
    "Levels: 1 · depth=1 · long long long long long long ",
    "Text: (empty) · text=",
    "Areas: roof, cellar · areas=roof,cellar",
  ]);
  expect(choices.map(({ value }) => value)).toEqual([
    "entry=none",
    "entry=grouped",
    "install=true",
    "install=false",
    "depth=1",
    "text=",
    "areas=roof,cellar",
  ]);
});

test("the words are those of the person's language, and what is typed is found in them", async () => {
  const { args } = asked(undefined, "zh-CN");
  expect((await args("类别")).map(({ name }) => name)).toEqual(["条目：按类别 · Whether a missing entry is written."]);
  expect((await args("先安装")).map(({ name }) => name)).toEqual(["先安装：是", "先安装：否"]);
});

test("a choice is found by its value, by its words, and by the name under which it was picked", async () => {
  const { args } = asked();
  for (const typed of ["entry=gr", "entry=grouped", "Sorted", (await args("sorted"))[0]?.name ?? "?"]) {
    expect((await args(typed)).map(({ value }) => value)).toEqual(["entry=grouped"]);
  }
  const [cut] = await args("depth");
  expect((await args(cut?.name ?? "?")).map(({ value }) => value)).toEqual(["depth=1"]);
});

test("a value that nobody can list is typed to its end, and shown in words as well", async () => {
  const { args } = asked();
  expect((await args("depth=3"))[0]).toMatchObject({ value: "depth=3", name: /^Levels: 3 · depth=3 · long/u });
  expect((await args("text=Two words"))[0]).toEqual({
    value: "text=Two words",
    name: "Text: Two words · text=Two words",
  });
  expect((await args("areas=cellar"))[0]?.value).toBe("areas=cellar");
});

test("an argument that another option gives already is not offered again", async () => {
  const { args, complete } = asked();
  const given = { argument2: "entry=none", argument3: "depth=4" };
  const values = (await args("", given)).map(({ value }) => value);
  expect(values).toEqual(["install=true", "install=false", "text=", "areas=roof,cellar"]);
  expect(await args("depth=5", given)).toEqual([]);
  const second = await complete("run", { macro: "house-check", argument: "entry=none", argument2: "ent" }, "argument2");
  expect(second).toEqual([]);
});

test.each([
  ["cancel", [1, 5, 3, 2, 0, 4]],
  ["dead-letters", [2, 0, 1, 3, 4, 5]],
  ["status", [0, 1, 2, 3, 4, 5]],
])("for /cox %s the runs that it is for come first", async (subcommand, order) => {
  const choices = await asked().complete(subcommand, { run: "" }, "run");
  expect(choices.map(({ value }) => value)).toEqual(order.map((at) => `run_000000000${at}`));
});

test("an active run is offered behind any number of newer ones, and found by the words of its goal", async () => {
  const ended = { ...(RUNS[0] as RunSummary), goal: "something else" };
  const many = Array.from({ length: 200 }, (_, at) => ({
    ...ended,
    runId: `run_1000000${String(at).padStart(3, "0")}`,
  }));
  const { complete } = asked(runsFrom([...many, ...RUNS]));
  const choices = await complete("cancel", { run: "" }, "run");
  expect(choices).toHaveLength(25);
  expect(choices[0]?.value).toBe("run_0000000001");
  expect((await complete("cancel", { run: "HOUSE, 5" }, "run")).map(({ value }) => value)).toEqual(["run_0000000005"]);
});

test("where the runs cannot be read nothing is offered, and it is logged", async () => {
  const { complete, logged } = asked(() => Promise.reject(new Error("the disk is gone")));
  expect(await complete("cancel", { run: "" }, "run")).toEqual([]);
  expect(logged).toEqual(["no runs could be offered"]);
});
