import { describe, expect, test } from "vitest";
import { CapabilityIndex, GOVERNANCE_AGENTS } from "../../src/contracts/agent.ts";
import { EvolutionWritebackPacket } from "../../src/contracts/packets/closing.ts";
import { raw } from "../../src/contracts/text.ts";
import type { Question } from "../../src/contracts/decision.ts";
import { decideWriteback, type EvolutionSignals } from "../../src/governance/chrysalis.ts";
import { choosePath, dispatchBoard, expectedTotalMs, orderLanes } from "../../src/governance/conductor.ts";
import { consult, openSession, refuseExecution } from "../../src/governance/consult.ts";
import { judgeChoiceGate, judgeOptions, unbackedClaims } from "../../src/governance/prism.ts";
import { gatherClaims, searchCapabilities } from "../../src/governance/scout.ts";
import { riskOf, scopeOf, secretArguments } from "../../src/governance/sentinel.ts";
import { arbitrateEvidence, judgeGate, judgePublication } from "../../src/governance/warden.ts";

describe("consulting", () => {
  test("records an agent because it ran, and after it ran", () => {
    const session = openSession("critical", 7);
    const result = consult(
      session,
      "meta-warden",
      "judge",
      () => session.invocations.length,
      (count) => count === 0,
    );
    expect(result).toBe(0);
    expect(session.invocations).toEqual([
      {
        agent: "meta-warden",
        stage: "critical",
        duty: "judge",
        nature: "deterministic_check",
        at: 7,
        state: "escalated",
      },
    ]);
  });

  test("an agent whose check throws is not reported as having returned", () => {
    const session = openSession("fetch", 1);
    const broken = () => {
      throw new Error("no index");
    };
    expect(() => consult(session, "meta-scout", "search", broken)).toThrow("no index");
    expect(session.invocations).toEqual([]);
  });

  test.each(GOVERNANCE_AGENTS)("%s is refused when it is asked to execute", (agent) => {
    expect(() => refuseExecution(agent)).toThrow(expect.objectContaining({ code: "gate.governance_executes" }));
  });

  test("an execution agent is not", () => {
    expect(() => refuseExecution("test-runner")).not.toThrow();
  });
});

describe("meta-conductor", () => {
  const lane = (laneId: string, expectedMs: number, ...dependsOn: string[]) => ({ laneId, expectedMs, dependsOn });
  const lanes = [lane("c", 10, "a"), lane("a", 40), lane("b", 20)];

  test("orders by rank, and never before what a lane waits for", () => {
    expect(orderLanes(lanes, (item) => item.expectedMs).map((item) => item.laneId)).toEqual(["b", "a", "c"]);
  });

  test("expects less time with more workers, and never less than the longest chain", () => {
    expect(expectedTotalMs(lanes, 1)).toBe(70);
    expect(expectedTotalMs(lanes, 2)).toBe(50);
    expect(expectedTotalMs(lanes, 9)).toBe(50);
    expect(expectedTotalMs([], 4)).toBe(0);
  });

  test("groups start one after the other", () => {
    const ordered = orderLanes(lanes, (item) => item.expectedMs);
    expect(dispatchBoard(ordered, 4).groups).toEqual([
      { parallelGroup: "group-1", lanes: ["b", "a"], startsAfter: [] },
      { parallelGroup: "group-2", lanes: ["c"], startsAfter: ["group-1"] },
    ]);
    expect(dispatchBoard(ordered, 1).groups.map((group) => group.lanes)).toEqual([["b"], ["a"], ["c"]]);
  });

  test("a path is escalated on evidence, with the reason, and never lowered", () => {
    const macro = { path: "standard_path" as const, risk: "low" as const, lanes: [] };
    expect(choosePath(macro, [])).toEqual({ path: "standard_path", escalatedBecause: [] });
    expect(choosePath(macro, ["deploy"])).toMatchObject({ path: "regulated_path" });
    expect(choosePath({ ...macro, path: "regulated_path" }, [])).toMatchObject({ path: "regulated_path" });
  });
});

describe("meta-scout", () => {
  const index = (capability: string, keywords: string[] = []) =>
    CapabilityIndex.parse({ schemaVersion: 1, capabilities: [{ owner: "x", kind: "agent", capability, keywords }] });
  const need = { laneId: "secrets", need: "find secrets in files", keywords: ["secrets", "tokens"] };

  test.each([
    ["find secrets in files", [], 3],
    ["scan repositories", ["secrets", "tokens"], 2],
    ["find large files and leftovers", [], 1],
    ["paint walls", [], undefined],
  ])("%s %j scores %s", (capability, keywords, score) => {
    const claims = gatherClaims([{ layer: "canonical", index: index(capability, keywords) }], []);
    expect(searchCapabilities(need, claims)[0]?.score).toBe(score);
  });
});

describe("meta-sentinel", () => {
  test("finds secrets by name and by form, and nothing else", () => {
    const args = {
      api_key: "x",
      note: "ghp_0123456789abcdefghijABCDEFGHIJ",
      tokens_max: 5,
      topic: "secret santa",
      empty_token: "",
    };
    expect(secretArguments(args)).toEqual(["api_key", "note"]);
  });

  test("the scope grows only with what is written", () => {
    expect(scopeOf("/w", [{ writes: [] }], false)).toMatchObject({ authorizationTier: "read_only", writeScope: [] });
    expect(scopeOf("/w", [{ writes: ["**"] }], false).authorizationTier).toBe("isolated_write");
    expect(scopeOf("/w", [], true).authorizationTier).toBe("workspace_write");
  });

  test("the highest risk counts", () => {
    expect(riskOf("low", [], false)).toBe("low");
    expect(riskOf("low", [{ uses: ["repository_code"], writes: [] }], false)).toBe("medium");
    expect(riskOf("medium", [], true)).toBe("high");
  });
});

describe("meta-warden", () => {
  const record = {
    capabilitySearchPerformed: true,
    capabilityMatches: [],
    researchRequired: true,
    researchValidationPerformed: false,
    researchSourceCount: 0,
    researchSources: [],
  };

  test("evidence without the research that it needs passes no gate", () => {
    const verdict = arbitrateEvidence({ enough: true, reason: "files" }, record);
    expect(verdict).toEqual({ passed: false, reasons: ["outside facts are needed and were not checked"] });
  });

  test("a gate without checks passes nothing, and one failure fails it", () => {
    const check = { check: "a", passed: true, detail: "" };
    expect(judgeGate([])).toBe("FAIL");
    expect(judgeGate([check])).toBe("PASS");
    expect(judgeGate([check, { ...check, passed: false }])).toBe("FAIL");
  });

  test("nothing is published on no condition, or on one that does not hold", () => {
    expect(judgePublication([]).passed).toBe(false);
    expect(judgePublication([{ condition: "c", holds: false, detail: "d" }])).toEqual({
      passed: false,
      reasons: ["c: d"],
    });
    expect(judgePublication([{ condition: "c", holds: true, detail: "d" }]).passed).toBe(true);
  });
});

describe("meta-prism", () => {
  const question = (id: string): Question => ({
    id,
    title: raw(id),
    options: ["a", "b", "c"].map((option) => ({
      id: option,
      label: raw(`label ${option}`),
      changes: raw("changes"),
      solves: raw("solves"),
      result: raw("result"),
      advantages: raw("advantages"),
      disadvantages: raw("disadvantages"),
      recommended: option === "a",
      ...(option === "a" ? { recommendedBecause: raw("seen") } : {}),
      effect: {},
    })),
  });
  const four = ["q1", "q2", "q3", "q4"].map(question);
  const signatures = new Map(
    four.map(({ id }) => [
      id,
      new Map([
        ["a", "1"],
        ["b", "2"],
        ["c", "3"],
      ]),
    ]),
  );
  const [first, ...rest] = four;
  const changed = (change: (given: Question) => Question) => (first === undefined ? [] : [change(first), ...rest]);

  test("has nothing to say about a good card", () => {
    expect(judgeOptions(four, signatures)).toEqual([]);
  });

  test.each<[string, Question[], RegExp]>([
    ["three questions", four.slice(1), /3 questions/],
    ["seven questions", [...four, ...four].slice(1), /7 questions, not 4 to 6/],
    ["two options", changed((given) => ({ ...given, options: given.options.slice(0, 2) })), /2 options, not 3 or 4/],
    [
      "nothing recommended",
      changed((given) => ({ ...given, options: given.options.map((option) => ({ ...option, recommended: false })) })),
      /0 options are recommended/,
    ],
    [
      "a field that repeats another",
      changed((given) => ({
        ...given,
        options: given.options.map((option) => ({ ...option, result: option.changes })),
      })),
      /says the same in two fields/,
    ],
    [
      "one way only",
      changed((given) => ({
        ...given,
        options: given.options.map((option) =>
          option.id === "a" ? option : { ...option, rejectedBecause: raw("no") },
        ),
      })),
      /fewer than 2 options that can be chosen/,
    ],
  ])("finds %s", (_, questions, remark) => {
    expect(judgeOptions(questions, signatures).join()).toMatch(remark);
  });

  test("finds options that change the plan in the same way", () => {
    const same = new Map(signatures).set(
      "q1",
      new Map([
        ["a", "1"],
        ["b", "1"],
        ["c", "3"],
      ]),
    );
    expect(judgeOptions(four, same)).toEqual(["q1: two options change the plan in the same way"]);
  });

  test("a question is left out rightly only when somebody said so", () => {
    const skip = { reason: "user_said_so" as const, detail: "" };
    const nobody = { standingInstruction: false, answeredInAdvance: false };
    expect(judgeChoiceGate({ userChoiceRequired: true, choiceGateSkip: null }, nobody)).toBeUndefined();
    expect(judgeChoiceGate({ userChoiceRequired: false, choiceGateSkip: skip }, nobody)).toContain("nobody said so");
    expect(judgeChoiceGate({ userChoiceRequired: false, choiceGateSkip: null }, nobody)).toContain("without a reason");
  });

  test("a claim needs something that was run, read or counted", () => {
    const findings = [
      { id: "none", evidence: [] },
      { id: "unended", evidence: [{ kind: "command" as const, argv: ["x"], exitCode: null }] },
      { id: "read", evidence: [{ kind: "file" as const, path: "a.ts", line: 1 }] },
    ];
    expect(unbackedClaims(findings)).toEqual(["none", "unended"]);
  });
});

describe("meta-chrysalis", () => {
  const quiet: EvolutionSignals = {
    boundaryIssues: [],
    reusablePatterns: [],
    coverageGaps: [],
    gateRefinements: [],
    violations: [],
    changedConfiguration: [],
    mayWrite: false,
  };

  test("decides for none with a reason for each of the six items", () => {
    const packet = EvolutionWritebackPacket.parse(decideWriteback(quiet));
    expect(packet.writebackDecision).toBe("none");
    expect(packet.decisionReason.map((item) => item.found)).toEqual(Array.from({ length: 6 }, () => false));
  });

  test("suggests where it may not write, and names targets where it may", () => {
    const signals = { ...quiet, coverageGaps: ["nobody finds secrets"] };
    const suggested = decideWriteback(signals);
    expect(suggested.writebackDecision).toBe("none");
    expect(suggested.writebackSuggestion).toEqual([
      { target: "config/capability-index", rationale: "nobody finds secrets" },
    ]);
    const written = EvolutionWritebackPacket.parse(decideWriteback({ ...signals, mayWrite: true }));
    expect(written.targets.map((entry) => entry.target)).toEqual(["config/capability-index"]);
    expect(written.writebackSuggestion).toEqual([]);
  });

  test("a violation becomes a scar", () => {
    const violations = [{ kind: "boundary", detail: "a worker wrote outside its copy" }];
    expect(decideWriteback({ ...quiet, violations }).scars).toEqual(violations);
  });
});
