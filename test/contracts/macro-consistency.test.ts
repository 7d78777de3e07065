import { describe, expect, test } from "vitest";
import { Macro } from "../../src/contracts/macro.ts";

const words = { en: "words" };
const step = { id: "ended", kind: "exit_code" };
const lane = { id: "roof", title: words, role: "test", need: "look at the roof", verify: [step], timeLimitMs: 1000 };
const cellar = { ...lane, id: "cellar", need: "look at the cellar" };
const fields = { label: words, changes: words, solves: words, result: words, advantages: words, disadvantages: words };
const option = (id: string, effect: object): object => ({ id, ...fields, effect });
const LANES = [
  option("a", { includeLanes: ["roof"] }),
  option("b", { excludeLanes: ["roof"] }),
  option("c", { setArgs: { depth: 1 } }),
];
const question = { id: "ladder", title: words, options: LANES };
const text = { type: "string", title: words, default: "" };
const house = {
  id: "house",
  title: words,
  description: words,
  type: "C",
  path: "standard_path",
  risk: "medium",
  triggers: { phrases: ["the house"] },
  args: { depth: { type: "integer", title: words, default: 1 } },
  lanes: [lane, cellar],
  questions: [question],
};
const query = {
  ...house,
  query: "find_text",
  path: "fast_path",
  risk: "low",
  args: { text },
  lanes: [],
  questions: [],
};
const withOption = (effect: object): object => ({
  ...house,
  questions: [{ ...question, options: [...LANES, option("d", effect)] }],
});

function problemsOf(macro: object): string[] {
  return Macro.safeParse(macro).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
}

describe("the parts of a macro fit one another", () => {
  test.each([
    ["one with lanes", house],
    ["one with a query", query],
  ])("%s", (_, macro) => {
    expect(problemsOf(macro)).toEqual([]);
  });

  test.each<[string, object, string]>([
    ["two lanes of one name", { ...house, lanes: [lane, lane] }, "lanes: two lanes have the same id"],
    ["no lane", { ...house, lanes: [], questions: [] }, "lanes: expected at least one lane"],
    [
      "a lane after none",
      { ...house, lanes: [lane, { ...cellar, dependsOn: ["attic"] }] },
      'lanes.1.dependsOn.0: no lane is called "attic" (lanes: roof, cellar)',
    ],
    [
      "lanes in a circle",
      {
        ...house,
        lanes: [
          { ...lane, dependsOn: ["cellar"] },
          { ...cellar, dependsOn: ["roof"] },
        ],
      },
      "lanes.0.dependsOn: this lane waits for itself, directly or through others",
    ],
    [
      "a lane for nothing",
      { ...house, lanes: [{ ...lane, need: undefined }] },
      "lanes.0: expected a need (the capability that the lane looks for) or a command",
    ],
    [
      "a need beside a command",
      { ...house, lanes: [{ ...lane, command: ["ls"] }] },
      "lanes.0.need: a lane with a command looks for no other capability; leave the need out",
    ],
    [
      "changes that are kept and not named",
      { ...house, lanes: [{ ...lane, keeps: "branch" }] },
      "lanes.0.keeps: a lane that keeps its changes says in `writes` which files they may be",
    ],
    [
      "two branches",
      { ...house, lanes: [lane, cellar].map((each) => ({ ...each, keeps: "branch", writes: ["*"] })) },
      "lanes.1.keeps: only one lane of a macro may keep its changes: a run makes one branch",
    ],
    [
      "a query with lanes",
      { ...query, lanes: [lane] },
      "query: a query is answered by reading: it has no lanes and asks nothing",
    ],
    ["a query of high risk", { ...query, risk: "high" }, "query: a query walks the fast_path, and its risk is low"],
    ["a query for nothing", { ...query, args: {} }, 'args: a query for a text has an argument "text" of type string'],
    [
      "a standard question",
      { ...house, questions: [{ ...question, id: "risk" }] },
      'questions.0.id: "risk" is asked anyway; ids of your own: not outcome, scope, style, risk, priority',
    ],
    [
      "five questions at once",
      { ...house, questions: ["a", "b", "c", "d", "e"].map((id) => ({ ...question, id })) },
      "questions: at most 4 questions may be asked at once, 5 can be (a, b, c, d, e); let their conditions exclude one another",
    ],
    [
      "an option for no lane",
      withOption({ includeLanes: ["attic"] }),
      'questions.0.options.3.effect: no lane is called "attic"',
    ],
    [
      "an option for no argument",
      withOption({ setArgs: { width: 1 } }),
      'questions.0.options.3.effect.setArgs: no argument is called "width"',
    ],
    [
      "one option twice",
      withOption({ includeLanes: ["roof"] }),
      "questions.0.options: two options change the same, so they are one option",
    ],
    [
      "a treatment without a verdict",
      withOption({ treats: { roof: "blocker" } }),
      "questions.0.options.3.effect.treats: treats something for a verdict, and the macro has none",
    ],
    [
      "a verdict on no lane",
      {
        ...house,
        verdict: { blocked: words, reservations: words, ready: words, treats: { attic: "blocker" } },
      },
      'verdict.treats.attic: no lane is called "attic"',
    ],
  ])("%s is refused", (_, macro, problem) => {
    expect(problemsOf(macro)).toContain(problem);
  });
});
