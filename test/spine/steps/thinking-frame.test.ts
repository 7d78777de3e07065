import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { OpenDecision } from "../../../src/contracts/decision.ts";
import type { WorkspaceEvidence } from "../../../src/contracts/evidence.ts";
import type { Macro } from "../../../src/contracts/macro.ts";
import type { MetaTask } from "../../../src/contracts/task.ts";
import { translatorFor } from "../../../src/i18n.ts";
import type { Catalog } from "../../../src/spine/step.ts";
import { BARE, openCard, RICH, shippedCatalog, walk } from "../../fakes/spine-walk.ts";

let catalog: Catalog;
beforeAll(async () => {
  catalog = await shippedCatalog();
});

const cardFor = (evidence: WorkspaceEvidence, task: Partial<MetaTask> = {}) =>
  openCard(walk({ catalog, evidence, task }));
const recommended = (card: OpenDecision) =>
  Object.fromEntries(
    card.questions.map((question) => [question.id, question.options.find((option) => option.recommended)?.id]),
  );

/** A catalog whose one macro has one lane, and no question or argument of its own. */
function oneLane(change: Partial<Macro["lanes"][number]> = {}): Catalog {
  return {
    ...catalog,
    macros: catalog.macros.map((macro) => ({
      ...macro,
      args: {},
      questions: [],
      lanes: macro.lanes.filter((lane) => lane.id === "size").map((lane) => ({ ...lane, ...change })),
    })),
  };
}

/** Everything that people read on a card. */
function wordsOf(card: OpenDecision, language: string): string[] {
  const words = translatorFor(language);
  return [
    ...card.context.flatMap((section) => [section.heading, ...section.lines]),
    ...card.questions.flatMap((question) => [
      question.title,
      ...question.options.flatMap((option) => [
        option.label,
        option.changes,
        option.solves,
        option.result,
        option.advantages,
        option.disadvantages,
        ...(option.recommendedBecause === undefined ? [] : [option.recommendedBecause]),
        ...(option.rejectedBecause === undefined ? [] : [option.rejectedBecause]),
      ]),
    ]),
  ].map((text) => words.say(text));
}

const HIDDEN = /choiceSurface|Packet|preDecision|conversation_fallback|dispatchBoard|_path\b|macroId/;

describe("the card", () => {
  test("two repositories get two cards: other options, other reasons, other facts", () => {
    const rich = cardFor(RICH);
    const bare = cardFor(BARE);
    expect(rich.questions.map((question) => question.id)).toContain("tests");
    expect(bare.questions.map((question) => question.id)).not.toContain("tests");
    expect(recommended(rich)["outcome"]).toBe("report_only");
    expect(recommended(bare)["outcome"]).toBe("report_with_plan");
    const reasons = (card: OpenDecision) =>
      card.questions.flatMap((question) => question.options.flatMap((option) => option.recommendedBecause ?? []));
    const shared = reasons(rich).filter((reason) =>
      reasons(bare).some((other) => JSON.stringify(other) === JSON.stringify(reason)),
    );
    expect(shared).toEqual([]);
    expect(wordsOf(rich, "en").join("\n")).toContain("2,310 commits by 17 authors");
    expect(wordsOf(rich, "en").join("\n")).toContain("npm test");
  });

  test.each([["en"], ["zh-CN"]])("is said in %s without a hole and without protocol words", (language) => {
    for (const evidence of [RICH, BARE]) {
      const words = wordsOf(cardFor(evidence), language);
      expect(words.filter((line) => line.trim() === "" || HIDDEN.test(line) || /undefined|\{|\}/.test(line))).toEqual(
        [],
      );
    }
  });

  test("tells understanding, additions, evidence, route and at least two paths before it asks", () => {
    const run = walk({ catalog });
    expect(openCard(run).context).toHaveLength(5);
    expect(openCard(run).context.every((section) => section.lines.length > 0)).toBe(true);
    const frame = run.packets.preDecisionOptionFrame;
    expect(frame?.candidatePaths.map((path) => path.id)).toEqual(["full", "essential", "quick"]);
    expect(frame?.candidatePaths.filter((path) => path.rejectedBecause === undefined).map((path) => path.id)).toEqual([
      frame?.recommendedPath,
    ]);
    expect(frame?.userChoiceRequired).toBe(true);
  });

  test("learned times change what is recommended", () => {
    const costs = { "repository-health/history": { meanMs: 20 * 60_000, samples: 9 } };
    const card = openCard(walk({ catalog, costs }));
    expect(recommended(card)).toMatchObject({ scope: "essential", style: "light_first" });
  });

  test("an option that comes to the same here is shown as rejected", () => {
    const risk = cardFor(BARE).questions.find((question) => question.id === "risk");
    const rejected = risk?.options.filter((option) => option.rejectedBecause !== undefined).map((option) => option.id);
    expect(rejected).toEqual(["no_network", "look_only"]);
  });

  test("a goal that stays local rules the network out", () => {
    const card = cardFor(RICH, { goal: "health check, no internet" });
    const risk = card.questions.find((question) => question.id === "risk");
    expect(risk?.options.find((option) => option.id === "no_network")?.rejectedBecause).toBeDefined();
    expect(wordsOf(card, "en").join("\n")).toContain("You asked to stay local");
  });
});

describe("always at least four questions, each with a real choice", () => {
  test("in a bare folder with one lane, and what is not asked has its reason", () => {
    for (const lane of [{}, { retries: 0 }, { required: true }, { timeLimitMs: 1000 * 3 }]) {
      const run = walk({ catalog: oneLane(lane), evidence: BARE });
      expect(openCard(run).questions.map((question) => question.id)).toEqual(["outcome", "style", "risk", "priority"]);
      const frame = run.packets.preDecisionOptionFrame;
      expect(frame?.quality.remarks.join()).toContain('"scope" is not asked');
      expect(frame?.candidatePaths.map((path) => path.id)).toEqual(["full", "evidence_only"]);
    }
  });

  test("on any evidence", () => {
    const evidence = fc.record({
      trackedFiles: fc.integer({ min: 1, max: 100_000 }),
      trackedBytes: fc.integer({ min: 1, max: 5_000_000_000 }),
      uncommittedFiles: fc.integer({ min: 0, max: 50 }),
      markdownFiles: fc.integer({ min: 0, max: 9 }),
      commits: fc.integer({ min: 0, max: 5000 }),
      dependencies: fc.option(fc.integer({ min: 0, max: 300 })),
      tests: fc.boolean(),
      locked: fc.boolean(),
      goal: fc.constantFrom("health check", "read-only health check", "健康检查，不联网", "health check of production"),
    });
    fc.assert(
      fc.property(evidence, (seen) => {
        const { commits, dependencies, tests, locked, goal, ...counts } = seen;
        const card = openCard(
          walk({
            catalog,
            task: { goal },
            evidence: {
              ...BARE,
              ...counts,
              history: { ...BARE.history, commits },
              manifests: dependencies === null ? [] : [{ path: "p.json", ecosystem: "npm", dependencies }],
              lockfiles: locked ? ["p.lock"] : [],
              testCommand: tests ? { argv: ["make", "test"], source: "Makefile" } : null,
            },
          }),
        );
        // The transition has checked the rest: 3 options, 2 to choose from, one recommended with its reason.
        expect(card.questions.length).toBeGreaterThanOrEqual(4);
        expect(card.questions.length).toBeLessThanOrEqual(6);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the question is left out only when somebody said so", () => {
  test.each([
    ["the start", { answers: "recommended" as const }, "the start asked"],
    ["the goal", { goal: "health check, just do it" }, "just do it"],
    ["the goal, in Chinese", { goal: "健康检查，不需要确认" }, "不需要确认"],
  ])("by %s, and it is recorded", (_, task, detail) => {
    const run = walk({ catalog, task });
    expect(run.stage).toBe("execution");
    expect(run.decisions.at(-1)).toMatchObject({ status: "answered", how: "standing_instruction" });
    expect(run.packets.preDecisionOptionFrame?.choiceGateSkip).toMatchObject({ reason: "user_said_so" });
    expect(run.packets.preDecisionOptionFrame?.choiceGateSkip?.detail).toContain(detail);
    expect(run.packets.intentGatePacket?.defaultAssumptions.join()).toContain(detail);
  });

  test("words that say the opposite leave nothing out", () => {
    expect(openCard(walk({ catalog, task: { goal: "health check, do not just do it" } })).status).toBe("open");
  });

  test("an answer in advance is the recommended one, and the rest is asked", () => {
    const card = cardFor(RICH, { presetAnswers: { scope: "essential" } });
    expect(recommended(card)["scope"]).toBe("essential");
    expect(wordsOf(card, "en").join("\n")).toContain("you have chosen this in advance");
  });

  test("answers to everything in advance are the person's own", () => {
    const presetAnswers = recommended(cardFor(RICH)) as Record<string, string>;
    const run = walk({ catalog, task: { presetAnswers: { ...presetAnswers, scope: "essential" } } });
    expect(run.stage).toBe("execution");
    expect(run.packets.preDecisionOptionFrame?.choiceGateSkip?.detail).toBe("answered in advance");
    expect(Object.keys(run.lanes)).toEqual(["secrets", "tests", "dependencies"]);
  });

  test("an answer in advance that cannot be used is never replaced by ours", () => {
    const task = { answers: "recommended" as const, presetAnswers: { scope: "half" } };
    const card = openCard(walk({ catalog, task }));
    expect(wordsOf(card, "en").join("\n")).toContain("cannot be used here");
  });
});

describe("nobody can do it", () => {
  const without = (id: string): Catalog => ({
    ...catalog,
    capabilityLayers: [],
    policyRules: [],
    agents: catalog.agents.filter((agent) => agent.id !== id),
  });

  test("the card says so, and the gap is recorded", () => {
    const run = walk({ catalog: without("secret-scanner") });
    expect(run.packets.capabilityGapPacket).toMatchObject({ missing: ["secrets"], resolutionAction: null });
    expect(wordsOf(openCard(run), "en").join("\n")).toContain("Left out: Secrets, because no agent here can do it");
  });

  test("what the procedure cannot go without is not left out", () => {
    const required = {
      ...without("secret-scanner"),
      macros: catalog.macros.map((macro) => ({
        ...macro,
        lanes: macro.lanes.map((lane) => (lane.id === "secrets" ? { ...lane, required: true } : lane)),
      })),
    };
    expect(() => walk({ catalog: required })).toThrow(/cannot go without: secrets/);
  });
});

test("a part with the shortest time that is allowed is asked about as well, and its short leash is shorter", () => {
  const card = openCard(walk({ catalog: oneLane({ timeLimitMs: 1000 }) }));
  expect(card.questions.map(({ id }) => id)).toEqual(["outcome", "style", "risk", "priority"]);
  expect(wordsOf(card, "en").join("\n")).toContain("at most about 0.5 seconds instead of about 1 second");
});

test.each([
  { timeLimitMs: 1000, retries: 0 },
  { timeLimitMs: 1001, retries: 10 },
  { timeLimitMs: 6 * 3600_000, retries: 10, expectedMs: 6 * 3600_000 },
  { timeLimitMs: 1000, required: true, uses: ["network", "repository_code"] as const },
])("one part, whatever its limits, leaves four questions of substance (%#)", (change) => {
  for (const goal of [
    "check the health of this repository",
    "check the health of this repository offline, change nothing",
  ]) {
    const lane = { ...change, uses: [...(change.uses ?? [])] };
    expect(openCard(walk({ catalog: oneLane(lane), task: { goal } })).questions.length).toBeGreaterThanOrEqual(4);
  }
});
