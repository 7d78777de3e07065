import { beforeAll, describe, expect, test } from "vitest";
import { uncheckedLines } from "../../../src/cards/outcome-words.ts";
import { reportMarkdown } from "../../../src/cards/report.ts";
import { resultCard } from "../../../src/cards/result-card.ts";
import type { ArgumentValue } from "../../../src/contracts/macro-argument.ts";
import type { Packets } from "../../../src/contracts/packets/packets.ts";
import type { WorkspaceEvidence } from "../../../src/contracts/evidence.ts";
import { decisionCard } from "../../../src/cards/decision-card.ts";
import { standingAnswers } from "../../../src/commands/answers.ts";
import type { Decision, OpenDecision } from "../../../src/contracts/decision.ts";
import type { Run } from "../../../src/contracts/run.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { conflictOf } from "../../../src/spine/answer-check.ts";
import type { Catalog } from "../../../src/spine/step.ts";
import { answer, BARE, inputFor, openCard, planned, RICH, shippedCatalog, walk } from "../../fakes/spine-walk.ts";

let catalog: Catalog;
beforeAll(async () => {
  catalog = await shippedCatalog();
});

function plan(others: Record<string, string> = {}, args: Record<string, ArgumentValue> = {}, evidence = RICH): Packets {
  return planned({ catalog, evidence }, others, args).packets;
}

/** What is executed, without what only tells about it. */
function executed(packets: Packets): string {
  const { outcome, chosen } = packets.runHeader ?? {};
  return JSON.stringify([
    outcome,
    chosen?.["priority"],
    packets.dispatchEnvelopePacket?.lanes,
    packets.dispatchEnvelopePacket?.concurrency,
    packets.workerTaskPackets?.map((packet) => [
      packet.laneId,
      packet.dependsOn,
      packet.uses,
      packet.timeLimitMs,
      packet.maxAttempts,
      packet.args,
    ]),
  ]);
}

const lanesOf = (packets: Packets) => packets.workerTaskPackets?.map((packet) => packet.laneId).toSorted();
const packetOf = (packets: Packets, lane: string) =>
  packets.workerTaskPackets?.find((packet) => packet.laneId === lane);

describe("every option that can be chosen changes what is executed", () => {
  test.each<[string, () => WorkspaceEvidence]>([
    ["a full repository", () => RICH],
    ["a bare folder", () => BARE],
  ])("in %s", (_, evidence) => {
    const asked = walk({ catalog, evidence: evidence() });
    for (const question of openCard(asked).questions) {
      const viable = question.options.filter((option) => option.rejectedBecause === undefined);
      const plans = viable.map((option) => {
        // My own selection is what the person lists.
        const own = question.id === "scope" && option.id === "own_selection" ? { lanes: ["secrets"] } : {};
        return executed(walk({ catalog }, answer(asked, { [question.id]: option.id }, own)).packets);
      });
      expect({ question: question.id, plans: new Set(plans).size }).toEqual({
        question: question.id,
        plans: viable.length,
      });
    }
  });
});

describe("what is left out stands under what could not be checked, in the result and the report, with its reason", () => {
  const NO_TESTS = "Tests (test): left out, because the repository names no test command";
  test.each<[string, WorkspaceEvidence, Record<string, string>, string[]]>([
    ["without a test command", { ...RICH, testCommand: null }, {}, [NO_TESTS]],
    [
      "in a bare folder",
      BARE,
      {},
      [
        "Change history (data): left out, because there is no commit history",
        "Dependencies (backend): left out, because there is no package manifest",
        NO_TESTS,
      ],
    ],
    [
      "with only what is essential",
      RICH,
      { scope: "essential" },
      ["Change history (data)", "Documentation (documentation)", "Size and leftovers (operations)"].map(
        (lane) => `${lane}: left out, because it was not chosen`,
      ),
    ],
    ["with everything", RICH, {}, []],
    ["with the tests left out", RICH, { tests: "leave_out" }, ["Tests (test): left out, because it was not chosen"]],
  ])("%s", (_title, evidence, answers, lines) => {
    const run = planned({ catalog, evidence }, answers);
    const leftOut = (said: readonly string[]) => said.filter((line) => line.includes("left out")).toSorted();
    const words = translatorFor("en");
    const section = resultCard(run, words).sections.find(({ heading }) => heading === "What could not be checked");
    expect(leftOut(section?.lines ?? [])).toEqual(lines);
    const report = reportMarkdown(run, words).split("## What could not be checked")[1]?.split("##")[0] ?? "";
    expect(leftOut(report.replaceAll("\\", "").split("\n"))).toEqual(lines.map((line) => `- ${line}`));
  });

  test("work that is done by name only is no part of it", () => {
    const run = planned({ catalog, task: { goal: "is this ready to release?", macro: "release-check" } });
    const { omittedLanes } = run.packets.businessFlowBlueprintPacket ?? {};
    expect(omittedLanes?.map(({ laneId }) => laneId)).toContain("changelog");
    const lines = uncheckedLines(run, translatorFor("en")).filter((line) => line.includes("left out"));
    expect(lines).toEqual(["Build (backend): left out, because the project names no build command"]);
  });
});

describe("scope", () => {
  test("choosing two lanes dispatches those two", () => {
    const packets = plan({ scope: "own_selection" }, { lanes: ["history", "size"] });
    expect(lanesOf(packets)).toEqual(["history", "size"]);
    expect(packets.businessFlowBlueprintPacket?.omittedLanes.map((lane) => lane.coverageStatus)).toEqual(
      Array.from({ length: 4 }, () => "omitted_with_reason"),
    );
  });

  test("the essential lanes are those that the card named", () => {
    expect(lanesOf(plan({ scope: "essential" }))).toEqual(["dependencies", "secrets", "tests"]);
  });

  test("one lane is one worker, and the rule of two is recorded as not applying", () => {
    const packets = plan({ scope: "own_selection" }, { lanes: ["size"] });
    const check = packets.dispatchEnvelopePacket?.gate3.checks.find((item) => item.check === "the work is decomposed");
    expect(check).toMatchObject({ passed: true, detail: expect.stringContaining("one capability") });
  });

  test("a lane brings what it cannot do without", () => {
    const linked = {
      ...catalog,
      macros: catalog.macros.map((macro) => ({
        ...macro,
        lanes: macro.lanes.map((lane) => (lane.id === "size" ? { ...lane, dependsOn: ["history"] } : lane)),
      })),
    };
    const run = planned({ catalog: linked }, { scope: "own_selection" }, { lanes: ["size"] });
    expect(lanesOf(run.packets)).toEqual(["history", "size"]);
    expect(run.packets.dispatchBoard?.groups.map((group) => group.lanes)).toEqual([["history"], ["size"]]);
  });

  test("answers that leave nothing to do are said so, not bent", () => {
    const asked = walk({ catalog });
    const card = openCard(asked);
    const answers = { scope: "own_selection", risk: "look_only" };
    expect(conflictOf(inputFor(asked, { catalog }), card, answers, { lanes: ["tests"] })).toBeDefined();
    expect(conflictOf(inputFor(asked, { catalog }), card, answers, { lanes: ["size"] })).toBeUndefined();
    const answered = answer(asked, { scope: "own_selection", risk: "look_only" }, { lanes: ["tests"] });
    expect(() => walk({ catalog }, answered)).toThrow(/leave nothing to do/);
  });

  const ALL = ["history", "dependencies", "tests", "documentation", "secrets", "size"];
  const WITHOUT_SECRETS = ALL.filter((lane) => lane !== "secrets");

  test("a changed selection that the answers do not go by is refused in a plain sentence, never kept as agreed", () => {
    const asked = walk({ catalog });
    const said = (others: Record<string, string>, lanes: string[]) => {
      const standing = standingAnswers(openCard(asked).questions, undefined);
      const conflict = conflictOf(inputFor(asked, { catalog }), openCard(asked), { ...standing, ...others }, { lanes });
      return conflict === undefined ? "fits" : translatorFor("en").say(conflict);
    };
    expect(said({ scope: "everything" }, WITHOUT_SECRETS)).toBe(
      "You changed “Areas to check”, but the answer to “How much should be looked at?” does not go by it: Secrets would be worked on all the same. Answer “My own selection” there, or set “Areas to check” back.",
    );
    expect(said({ scope: "own_selection", tests: "leave_out" }, ["tests", "size"])).toBe(
      "You changed “Areas to check”, but the other answers do not go by it: Tests would not be worked on. Change the other answers, or set “Areas to check” back.",
    );
    expect(said({ scope: "own_selection" }, WITHOUT_SECRETS)).toBe("fits");
    expect(said({ scope: "everything" }, ALL.toReversed())).toBe("fits");
    expect(said({ scope: "essential" }, ["dependencies", "tests", "secrets"])).toBe("fits");
  });

  test("where no scope was asked for, a changed selection is the scope", () => {
    const asked = walk({ catalog });
    const without = (id: string) => (card: OpenDecision) => ({
      ...card,
      questions: card.questions.filter((question) => question.id !== id),
    });
    const run = { ...asked, decisions: asked.decisions.map((known) => without("scope")(known as OpenDecision)) };
    const { packets } = walk({ catalog }, answer(run, {}, { lanes: ["size", "secrets"] }));
    expect(lanesOf(packets)).toEqual(["secrets", "size"]);
    expect(packets.runHeader?.chosen).toMatchObject({ scope: "own_selection" });
  });

  test("the answered card names the parts that are worked on, whichever option brought them", () => {
    const read = (others: Record<string, string>) => {
      const answered = answer(walk({ catalog }), others);
      const value = (run: Run) =>
        decisionCard(run, run.decisions[0] as Decision, translatorFor("en")).args.find(({ id }) => id === "lanes")
          ?.value;
      return [value(answered), value(walk({ catalog }, answered))];
    };
    for (const value of read({ scope: "essential", tests: "leave_out" })) {
      expect([...(value as string[])].sort()).toEqual(["dependencies", "secrets"]);
    }
  });
});

describe("style, risk and priority", () => {
  test("one after the other runs one worker at a time", () => {
    expect(plan({ style: "one_at_a_time" }).dispatchEnvelopePacket?.concurrency).toBe(1);
    expect(plan({ style: "parallel" }).dispatchEnvelopePacket?.concurrency).toBe(4);
  });

  test("light work first makes the heavy lanes wait for the light ones", () => {
    const tests = packetOf(plan({ style: "light_first" }), "tests");
    expect(tests?.dependsOn.toSorted()).toEqual(["dependencies", "documentation", "history", "secrets", "size"]);
  });

  test("no repeats gives one attempt each", () => {
    expect(plan({ style: "no_repeats" }).workerTaskPackets?.map((packet) => packet.maxAttempts)).toEqual(
      Array.from({ length: 6 }, () => 1),
    );
  });

  test("looking only leaves out what runs the repository's code, and the network", () => {
    const packets = plan({ risk: "look_only" });
    expect(lanesOf(packets)).not.toContain("tests");
    expect(packets.workerTaskPackets?.flatMap((packet) => packet.uses)).toEqual([]);
  });

  test("without the network nobody may use it, and the brief says so", () => {
    const packets = plan({ risk: "no_network" });
    expect(packetOf(packets, "tests")?.uses).toEqual(["repository_code"]);
    expect(packetOf(packets, "dependencies")?.constraints).toContain("The network must not be used.");
  });

  test("a short leash halves the time, thoroughness doubles it", () => {
    const limit = (others: Record<string, string>) => packetOf(plan(others), "size")?.timeLimitMs;
    expect(limit({ risk: "short_leash" })).toBe(150_000);
    expect(limit({ priority: "thorough" })).toBe(600_000);
    expect(limit({})).toBe(300_000);
  });

  test("what can hurt most is handed out first", () => {
    expect(plan({ priority: "risk_first" }).dispatchEnvelopePacket?.lanes[0]).toBe("secrets");
    expect(plan({ priority: "quick_first" }).dispatchEnvelopePacket?.lanes.at(-1)).toBe("tests");
  });
});

describe("arguments", () => {
  test("what the person changes wins over what an option sets", () => {
    expect(plan({ tests: "as_is" }).runHeader?.args).toMatchObject({ install_dependencies: false, test_runs: 1 });
    expect(plan({ tests: "as_is" }, { test_runs: 3 }).runHeader?.args).toMatchObject({ test_runs: 3 });
  });

  test("an argument of an unattended start is kept, and the options bow to it", () => {
    const task = { answers: "recommended" as const, args: { install_dependencies: false, history_days: 90 } };
    const { runHeader } = walk({ catalog, task }).packets;
    expect(runHeader?.args).toMatchObject({ install_dependencies: false, history_days: 90 });
    expect(runHeader?.chosen["tests"]).toBe("as_is");
  });
});

describe("the plan", () => {
  test("passes Gate 3 on computed checks, with the required agents in it", () => {
    const run = planned({ catalog });
    const gate = run.packets.dispatchEnvelopePacket?.gate3;
    expect(gate?.verdict).toBe("PASS");
    expect(gate?.checks).toHaveLength(11);
    expect(run.packets.agentBlueprintPacket?.governanceStageCoverage).toMatchObject({
      Critical: expect.arrayContaining(["meta-warden", "meta-conductor", "meta-sentinel"]),
      Fetch: expect.arrayContaining(["meta-conductor", "meta-scout", "meta-artisan", "meta-librarian"]),
      Thinking: expect.arrayContaining([
        "meta-conductor",
        "meta-genesis",
        "meta-artisan",
        "meta-sentinel",
        "meta-warden",
        "meta-prism",
      ]),
      Review: [],
    });
  });

  test("every brief is complete in itself: principles, rules of the repository, checks", () => {
    for (const packet of plan().workerTaskPackets ?? []) {
      expect(packet.designPrinciples).toHaveLength(8);
      expect(packet.constraints).toContain("AGENTS.md:3: Use tabs.");
      expect(packet.verifySteps.length).toBeGreaterThan(0);
      expect(packet.roleInstanceId).toBe(`${packet.businessRoleId}#${packet.laneId}`);
    }
  });

  test("a report in the workspace is the only thing that raises what may be written", () => {
    expect(plan().preflightPacket?.authorizationTier).toBe("isolated_write");
    expect(plan({ outcome: "report_in_workspace" }).preflightPacket?.authorizationTier).toBe("workspace_write");
  });

  test("a gap that the card named is accepted with the answer", () => {
    const short: Catalog = {
      ...catalog,
      capabilityLayers: [],
      policyRules: [],
      agents: catalog.agents.filter((agent) => agent.id !== "secret-scanner"),
    };
    const { packets } = planned({ catalog: short });
    expect(packets.capabilityGapPacket).toMatchObject({ resolutionAction: "accepted_gap" });
    expect(packets.capabilityGapPacket?.reason).toContain("the person who answered the card");
    expect(lanesOf(packets)).not.toContain("secrets");
  });
});
