import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { ReleaseState, WorkspaceEvidence } from "../../src/contracts/evidence.ts";
import { OWN_QUESTIONS_AT_ONCE } from "../../src/contracts/macro-consistency.ts";
import { Macro } from "../../src/contracts/macro.ts";
import type { Run } from "../../src/contracts/run.ts";
import { raw } from "../../src/contracts/text.ts";
import type { WorkerResult } from "../../src/contracts/worker.ts";
import { isMessageKey, translatorFor } from "../../src/i18n.ts";
import type { Catalog } from "../../src/spine/step.ts";
import { verdictOf } from "../../src/spine/verdict.ts";
import { openCard, planned, RICH, shippedCatalog, walk } from "../fakes/spine-walk.ts";
import { RESULT } from "../fixtures/run-events.ts";

let catalog: Catalog;
beforeAll(async () => {
  catalog = await shippedCatalog();
});

const GOAL = "is this ready to release?";
const HEAD = "0123456789abcdef";
const GOOD: ReleaseState = {
  versions: [{ file: "package.json", version: "1.2.0" }],
  changelog: { file: "CHANGELOG.md", newest: "1.2.0", entry: "filled" },
  tag: { name: "v1.2.0", commit: null },
  nextFree: "1.2.0",
};
const AHEAD: ReleaseState = { ...GOOD, changelog: { file: "CHANGELOG.md", newest: "1.3.0", entry: "filled" } };
const command = (...argv: string[]) => ({ argv, source: "package.json scripts" });

interface Seen {
  readonly release?: ReleaseState;
  readonly changed?: number;
  readonly untracked?: number;
  readonly tests?: boolean;
  readonly build?: boolean;
}

function evidenceOf({
  release = GOOD,
  changed = 0,
  untracked = 0,
  tests = true,
  build = true,
}: Seen): WorkspaceEvidence {
  return {
    ...RICH,
    release,
    uncommittedFiles: changed + untracked,
    uncommitted: { changed, untracked, paths: [] },
    testCommand: tests ? command("npm", "test") : null,
    buildCommand: build ? command("npm", "run", "build") : null,
  };
}

const cardFor = (seen: Seen, task = {}) =>
  openCard(walk({ catalog, evidence: evidenceOf(seen), task: { goal: GOAL, ...task } }));
const asked = (seen: Seen, task = {}) => cardFor(seen, task).questions.map(({ id }) => id);
const taken = (commit: string): ReleaseState => ({ ...GOOD, tag: { name: "v1.2.0", commit }, nextFree: "1.2.1" });

describe("the card asks what to do with each kind of failure that was seen, and with no other", () => {
  const standard = ["outcome", "scope", "style", "risk", "priority"];

  test.each<[string, Seen, string[]]>([
    ["nothing is wrong", {}, [...standard, "checks"]],
    ["files are open", { changed: 1 }, ["outcome", "scope", "style", "risk", "tree", "checks"]],
    ["the changelog is ahead", { release: AHEAD }, ["outcome", "scope", "style", "risk", "version", "checks"]],
    [
      "two manifests differ",
      { release: { ...GOOD, versions: [...GOOD.versions, { file: "VERSION", version: "1.1.0" }] } },
      ["outcome", "scope", "style", "risk", "version", "checks"],
    ],
    [
      "the entry is missing",
      { release: { ...GOOD, changelog: { file: "CHANGELOG.md", newest: "1.1.0", entry: "none" } } },
      ["outcome", "scope", "style", "risk", "changelog", "checks"],
    ],
    ["the tag is taken", { release: taken("fedc") }, ["outcome", "scope", "style", "risk", "tag", "checks"]],
    ["there is no build", { build: false }, [...standard, "tests_only"]],
    ["there are no tests", { tests: false }, [...standard, "build_only"]],
    ["there is neither", { tests: false, build: false }, [...standard, "no_checks"]],
    [
      "everything is wrong",
      {
        release: { ...AHEAD, tag: { name: "v1.2.0", commit: "fedc" } },
        changed: 1,
        untracked: 1,
        tests: false,
        build: false,
      },
      ["outcome", "risk", "tree", "version", "tag_of_manifest", "no_checks"],
    ],
  ])("where %s", (_, seen, expected) => {
    expect(asked(seen)).toEqual(expected);
  });

  test("never more than six questions, whatever is wrong", () => {
    const any = fc.record({
      changed: fc.integer({ min: 0, max: 2 }),
      untracked: fc.integer({ min: 0, max: 2 }),
      tests: fc.boolean(),
      build: fc.boolean(),
      release: fc.record({
        versions: fc.subarray([...GOOD.versions, { file: "VERSION", version: "1.1.0" }]),
        changelog: fc.option(
          fc.record({
            file: fc.constant("CHANGELOG.md"),
            newest: fc.constantFrom(null, "1.1.0", "1.2.0", "2.0.0"),
            entry: fc.constantFrom("filled" as const, "empty" as const, "none" as const),
          }),
        ),
        tag: fc.option(fc.record({ name: fc.constant("v1.2.0"), commit: fc.constantFrom(null, HEAD, "fedc") })),
        nextFree: fc.constantFrom(null, "1.2.1"),
      }),
    });
    fc.assert(
      fc.property(any, (seen) => {
        // The transition has checked the rest: 3 options, 2 to choose from, one recommended with its reason.
        const { length } = cardFor(seen).questions;
        expect(length).toBeGreaterThanOrEqual(4);
        expect(length).toBeLessThanOrEqual(6);
      }),
      { numRuns: 60 },
    );
  });

  test("standard questions that give way are named with what holds, and those answered in advance go last", () => {
    const seen = { changed: 1, release: taken("fedc") };
    const lines = cardFor(seen).context[1]?.lines.map((line) => translatorFor("en").say(line)) ?? [];
    expect(lines.filter((line) => line.includes("is not asked"))).toEqual([
      "“What comes first?” is not asked, because a card has six questions at most. What holds: What can hurt most.",
      "“How should the work be done?” is not asked, because a card has six questions at most. What holds: Side by side.",
    ]);
    expect(asked(seen)).toEqual(["outcome", "scope", "risk", "tree", "tag", "checks"]);
    expect(asked(seen, { presetAnswers: { priority: "quick_first" } })).toContain("priority");
    expect(asked(seen, { args: { lanes: ["tree"] }, presetAnswers: { style: "parallel" } })).toContain("scope");
  });

  test("the tag counts only where it stands at the commit that is checked", () => {
    const option = (commit: string) =>
      cardFor({ release: taken(commit) })
        .questions.find(({ id }) => id === "tag")
        ?.options.find(({ id }) => id === "this_release");
    expect(option(HEAD)?.recommended).toBe(true);
    expect(option("fedc")?.rejectedBecause).toBeDefined();
  });
});

describe("the verdict follows the answers", () => {
  const found = (code: string, severity: "high" | "medium" | "info" = "high"): WorkerResult["findings"][number] => ({
    code,
    severity,
    text: raw(code),
    evidence: [{ kind: "measure", name: "files", value: 1, unit: "files" }],
  });
  /** The planned run, each lane ended with what it found. */
  function verdict(seen: Seen, answers: Record<string, string>, results: Record<string, Partial<WorkerResult>> = {}) {
    const run = planned({ catalog, evidence: evidenceOf(seen), task: { goal: GOAL } }, answers);
    const lanes = Object.fromEntries(
      Object.entries(run.lanes).map(([id, lane]): [string, Run["lanes"][string]] => [
        id,
        {
          laneId: lane.laneId,
          attempts: lane.attempts,
          revision: lane.revision,
          status: "succeeded",
          endedAt: 1,
          result: { ...RESULT, findings: [], unavailable: [], ...results[id] },
        },
      ]),
    );
    const macro = catalog.macros.find(({ id }) => id === "release-check");
    if (macro === undefined) throw new Error("release-check does not ship");
    const given = verdictOf({ ...run, lanes }, macro);
    if (given === undefined) throw new Error("release-check gives no verdict");
    return given;
  }
  const kind = (...given: Parameters<typeof verdict>) => verdict(...given).kind;

  test("ready is said where nothing was found and nothing left out", () => {
    expect(verdict({}, {})).toMatchObject({ kind: "ready", points: [] });
    expect(kind({}, {}, { version: { findings: [found("release_tag.at_commit", "info")] } })).toBe("ready");
    const left = verdict({}, { checks: "leave_out" });
    expect(left.kind).toBe("reservations");
    expect(left.points.map(({ laneId, treatment }) => [laneId, treatment])).toEqual([
      ["tests", "warning"],
      ["build", "warning"],
    ]);
  });

  test("without an answer the severity decides, and what could not be checked is a warning", () => {
    expect(kind({}, {}, { version: { findings: [found("release_version.invalid")] } })).toBe("blocked");
    expect(kind({}, {}, { version: { findings: [found("release_version.invalid", "medium")] } })).toBe("reservations");
    expect(kind({}, {}, { tag: { unavailable: [{ code: "release_tag.no_answer", text: raw("-") }] } })).toBe(
      "reservations",
    );
    expect(kind({}, {}, { tag: { unavailable: [{ code: "release_tag.no_remote", text: raw("-") }] } })).toBe("ready");
  });

  const open = { tree: { findings: [found("release_tree.uncommitted"), found("release_tree.untracked", "medium")] } };
  const tag = {
    tag: { findings: [found("release_tag.taken")] },
    version: { findings: [found("release_version.not_newer")] },
  };
  const failing = { tests: { findings: [found("tests.failed")] } };
  test.each<[string, Seen, Record<string, string>, Record<string, Partial<WorkerResult>>, string]>([
    ["open files that block", { changed: 1, untracked: 1 }, { tree: "blocker" }, open, "blocked"],
    [
      "open files of which the changed ones block",
      { changed: 1, untracked: 1 },
      { tree: "changed_block" },
      open,
      "blocked",
    ],
    ["open files that do not matter", { changed: 1, untracked: 1 }, { tree: "judge_commit" }, open, "reservations"],
    ["a taken tag that blocks", { release: taken("fedc") }, { tag: "blocker" }, tag, "blocked"],
    ["a taken tag that will be moved", { release: taken("fedc") }, { tag: "tag_moves" }, tag, "reservations"],
    ["failing tests that block", {}, { checks: "blocker" }, failing, "blocked"],
    ["failing tests that are reported", {}, { checks: "report_only" }, failing, "reservations"],
    ["no tests, which blocks", { tests: false }, { build_only: "blocker" }, {}, "blocked"],
    ["no tests, which is a warning", { tests: false }, { build_only: "warning" }, {}, "reservations"],
    ["no tests, which is accepted", { tests: false }, { build_only: "accepted" }, {}, "ready"],
    ["no build, which blocks", { build: false }, { tests_only: "build_missing" }, {}, "blocked"],
    ["no build, which is accepted", { build: false }, { tests_only: "tests_decide" }, {}, "ready"],
  ])("%s", (_, seen, answers, results, expected) => {
    expect(kind(seen, answers, results)).toBe(expected);
  });

  test("which version is checked, and whether what fails is repeated, reaches the workers", () => {
    const args = (seen: Seen, answers: Record<string, string>) =>
      planned({ catalog, evidence: evidenceOf(seen), task: { goal: GOAL } }, answers).packets.runHeader?.args;
    expect(args({ release: AHEAD }, { version: "changelog" })).toMatchObject({ release_version: "changelog" });
    expect(args({ release: taken("fedc") }, { tag: "next_free" })).toMatchObject({ release_version: "next_free" });
    expect(args({ release: taken(HEAD) }, { tag: "this_release" })).toMatchObject({ tag_is_release: true });
    expect(args({}, { checks: "again" })).toMatchObject({ repeat_failed: true });
  });
});

describe("a macro is refused at load", () => {
  const shipped = () => catalog.macros.find(({ id }) => id === "release-check");
  const problems = (change: object) =>
    Macro.safeParse({ ...shipped(), ...change }).error?.issues.map(({ message }) => message);

  test("where more of its questions can hold at once than a card has room for", () => {
    const questions = shipped()?.questions.map((question) => ({ ...question, when: { hasHistory: true } })) ?? [];
    expect(problems({ questions })?.[0]).toContain(`at most ${OWN_QUESTIONS_AT_ONCE} questions may be asked at once`);
    expect(problems({})).toBeUndefined();
  });

  test("where it treats findings of a lane that it does not have, or for no verdict", () => {
    expect(problems({ verdict: undefined })).toContain("treats something for a verdict, and the macro has none");
    const words = { blocked: { en: "no" }, reservations: { en: "perhaps" }, ready: { en: "yes" } };
    expect(problems({ verdict: { ...words, treats: { sails: "blocker" } } })).toEqual(['no lane is called "sails"']);
  });
});

test("every code that release-check treats is one that a worker can report", () => {
  const macro = catalog.macros.find(({ id }) => id === "release-check");
  const treats = [
    macro?.verdict?.treats,
    ...(macro?.questions.flatMap(({ options }) => options.map(({ effect }) => effect.treats)) ?? []),
  ];
  const codes = new Set(treats.flatMap((entry) => Object.keys(entry ?? {})).filter((name) => name.includes(".")));
  const unknown = [...codes].filter((code) => !isMessageKey(`finding.${code}`) && !isMessageKey(`unavailable.${code}`));
  expect(unknown).toEqual([]);
});

describe("a goal that asks for the entry", () => {
  const missing = {
    release: { ...GOOD, changelog: { file: "CHANGELOG.md", newest: "1.1.0", entry: "none" as const } },
  };
  const recommendedFor = (goal: string, seen: Seen = missing, task = {}) =>
    cardFor(seen, { goal, ...task })
      .questions.find(({ id }) => id === "changelog")
      ?.options.find(({ recommended }) => recommended);

  test.each(["write the changelog entry", "请编写变更日志"])(
    "%s: writing it is recommended, with the reason",
    (goal) => {
      const option = recommendedFor(goal, missing, { macro: "release-check" });
      expect(option?.id).toBe("write_grouped");
      expect(translatorFor("en").say(option?.recommendedBecause ?? raw(""))).toMatch(
        /^The goal asks for the entry\. Nothing is written about 1\.2\.0 yet, and there (is one|are [\d,]+) commits? to make it from\.$/,
      );
    },
  );

  test.each<[string, Seen, object]>([
    [GOAL, missing, {}],
    ["is this ready to release? do not write the changelog entry", missing, {}],
    ["write the changelog entry", missing, { args: { changelog_entry: "none" } }],
    [
      "write the changelog entry",
      { release: { ...GOOD, changelog: { file: "C.md", newest: "1.2.0", entry: "empty" } } },
      {},
    ],
  ])("%s: where it is not asked for, or not possible, the rest is as it was (%#)", (goal, seen, task) => {
    expect(recommendedFor(goal, seen, task)?.id).toBe("blocker");
  });
});
