import { describe, expect, test } from "vitest";
import type { EventOf, RunEvent } from "../../src/contracts/event.ts";
import type { Run } from "../../src/contracts/run.ts";
import { transition } from "../../src/spine/transition.ts";
import {
  answerEvent,
  confirmation,
  drive,
  endedEvent,
  fenceOf,
  FETCH_PACKETS,
  FRAME,
  planPackets,
  running,
  workerPacket,
} from "../fixtures/run-events.ts";

const LANES = [workerPacket("history"), workerPacket("secrets")];

/** A run in which a dispatch of this kind of step is started, with the event that would end it well. */
function at<K extends RunEvent["kind"]>(kind: K): { run: Run; event: EventOf<K> } {
  let found: EventOf<K> | undefined;
  const run = drive((now) => {
    const started = now.dispatches.find((dispatch) => dispatch.status === "started");
    const event = started && endedEvent(now, started, LANES);
    if (event !== undefined && isKind(event, kind)) found = event;
    return found !== undefined;
  }, LANES);
  if (found === undefined) throw new TypeError(`no ${kind} came`);
  return { run, event: found };
}

function isKind<K extends RunEvent["kind"]>(event: RunEvent, kind: K): event is EventOf<K> {
  return event.kind === kind;
}

function refused(run: Run, event: RunEvent): string {
  const before = structuredClone(run);
  try {
    transition(run, event);
  } catch (error) {
    expect(run).toEqual(before);
    return (error as { code: string }).code;
  }
  return "accepted";
}

describe("Gate 1, clarity (G18)", () => {
  test("an unclear request does not pass Critical without a question", () => {
    const { run, event } = at("critical.completed");
    const { intentGatePacket } = event.packets;
    if (intentGatePacket === undefined) throw new TypeError("no intent");
    const packets = { ...event.packets, intentGatePacket: { ...intentGatePacket, clarity: "blocked" as const } };
    expect(refused(run, { ...event, packets })).toBe("gate.clarity");
  });

  test("Critical leaves its packets", () => {
    const { run, event } = at("critical.completed");
    expect(refused(run, { ...event, packets: {} })).toBe("gate.critical_packets");
  });
});

describe("choice surface (G3)", () => {
  test("a clarification is allowed in Critical only, and one at a time", () => {
    const { run, event } = at("critical.completed");
    const clarification = { ...confirmation(run), kind: "clarification" as const };
    const asked = transition(run, { ...event, clarification }).run;
    expect(asked).toMatchObject({
      choiceSurfaceState: "critical_clarification_allowed",
      status: { kind: "waiting" },
      stage: "critical",
    });
    const answered = transition(asked, answerEvent(asked)).run;
    expect(answered.choiceSurfaceState).toBe("not_allowed");
    expect(answered.clarifications).toHaveLength(4);
  });

  test("the confirmation is no place for another kind of question", () => {
    const { run, event } = at("thinking.framed");
    expect(refused(run, { ...event, decision: { ...event.decision, kind: "clarification" } })).toBe(
      "gate.choice_surface",
    );
  });

  test("there is no second confirmation", () => {
    const { run, event } = at("thinking.framed");
    expect(refused({ ...run, choiceSurfaceState: "completed" }, event)).toBe("gate.choice_surface");
  });

  test.each([
    [
      "fewer than four questions",
      (e: EventOf<"thinking.framed">) => ({ ...e.decision, questions: e.decision.questions.slice(0, 3) }),
    ],
    [
      "more than six questions",
      (e: EventOf<"thinking.framed">) => ({
        ...e.decision,
        questions: [...e.decision.questions, ...e.decision.questions]
          .map((q, at) => ({ ...q, id: `q${at}` }))
          .slice(0, 7),
      }),
    ],
    [
      "a question with five options",
      (e: EventOf<"thinking.framed">) => ({
        ...e.decision,
        questions: e.decision.questions.map((q) => ({
          ...q,
          options: [...q.options, ...q.options.slice(1)].map((o, at) => ({ ...o, id: `o${at}` })),
        })),
      }),
    ],
    [
      "a question with two options",
      (e: EventOf<"thinking.framed">) => ({
        ...e.decision,
        questions: e.decision.questions.map((q) => ({ ...q, options: q.options.slice(0, 2) })),
      }),
    ],
    [
      "no recommendation",
      (e: EventOf<"thinking.framed">) => ({
        ...e.decision,
        questions: e.decision.questions.map((q) => ({
          ...q,
          options: q.options.map((o) => ({ ...o, recommended: false })),
        })),
      }),
    ],
    [
      "a recommendation without a reason",
      (e: EventOf<"thinking.framed">) => ({
        ...e.decision,
        questions: e.decision.questions.map((q) => ({
          ...q,
          options: q.options.map(({ recommendedBecause: _, ...option }) => option),
        })),
      }),
    ],
  ])("a card with %s is not shown (G4, G7)", (_, decisionOf) => {
    const { run, event } = at("thinking.framed");
    expect(refused(run, { ...event, decision: decisionOf(event) })).toBe("gate.option_quality");
  });

  test("the question is left out only with a recorded reason (G8)", () => {
    const { run, event } = at("thinking.framed");
    const standing = { answers: {}, args: {} };
    expect(refused(run, { ...event, standing })).toBe("gate.choice_skip_unrecorded");
    const frame = {
      ...FRAME,
      userChoiceRequired: false,
      choiceGateSkip: { reason: "user_said_so" as const, detail: "just do it" },
    };
    const { run: next } = transition(run, { ...event, standing, packets: { preDecisionOptionFrame: frame } });
    expect(next.choiceSurfaceState).toBe("completed");
    expect(next.decisions[0]).toMatchObject({ status: "answered", how: "standing_instruction" });
    expect(refused(run, { ...event, packets: { preDecisionOptionFrame: frame } })).toBe("gate.choice_skip_unrecorded");
  });
});

describe("fetch record (G28)", () => {
  const withFetch = (change: object): ((event: EventOf<"fetch.completed">) => EventOf<"fetch.completed">) => {
    const { fetchRecord } = FETCH_PACKETS;
    if (fetchRecord === undefined) throw new TypeError("no record");
    return (event) => ({ ...event, packets: { ...event.packets, fetchRecord: { ...fetchRecord, ...change } } });
  };

  test.each([
    ["no record at all", (e: EventOf<"fetch.completed">) => ({ ...e, packets: {} }), "gate.fetch_record"],
    ["no capability search", withFetch({ capabilitySearchPerformed: false }), "gate.capability_search"],
    ["required research that was not checked", withFetch({ researchRequired: true }), "gate.research_validation"],
    [
      "research without a record of how it was retrieved",
      withFetch({ researchRequired: true, researchValidationPerformed: true }),
      "gate.research_discovery",
    ],
  ])("Thinking does not begin with %s", (_, change, code) => {
    const { run, event } = at("fetch.completed");
    expect(refused(run, change(event))).toBe(code);
  });

  test("Thinking does not begin when research was left out without a reason, or evidence is not enough", () => {
    const { run, event } = at("fetch.completed");
    const { contentEvidencePacket } = event.packets;
    if (contentEvidencePacket === undefined) throw new TypeError("no evidence");
    const changed = (fields: object) => ({
      ...event,
      packets: { ...event.packets, contentEvidencePacket: { ...contentEvidencePacket, ...fields } },
    });
    expect(refused(run, changed({ researchSkipReason: null }))).toBe("gate.research_skip_reason");
    expect(refused(run, changed({ sufficiency: { enough: false, reason: "empty" } }))).toBe(
      "gate.evidence_insufficient",
    );
  });
});

describe("governance chain (G31)", () => {
  test.each([
    "critical.completed",
    "thinking.framed",
    "review.completed",
    "meta_review.completed",
    "verification.completed",
  ] as const)("%s is refused when the stage's agent has not really run", (kind) => {
    const { run, event } = at(kind);
    expect(refused(run, { ...event, invocations: [] })).toBe("gate.governance_missing");
  });
});

describe("dispatch plan (G18, G26, G32)", () => {
  const planned = (): { run: Run; event: EventOf<"thinking.planned"> } => at("thinking.planned");

  test("nothing is dispatched before the choice", () => {
    const { run, event } = planned();
    expect(refused({ ...run, choiceSurfaceState: "execution_confirmation_allowed" }, event)).toBe(
      "gate.no_dispatch_before_choice",
    );
    expect(refused({ ...run, decisions: [] }, event)).toBe("gate.no_dispatch_before_choice");
  });

  test.each([
    "runHeader",
    "businessFlowBlueprintPacket",
    "agentBlueprintPacket",
    "dispatchEnvelopePacket",
    "dispatchBoard",
    "workerTaskPackets",
  ] as const)("nothing is dispatched without the packet %s", (name) => {
    const { run, event } = planned();
    const { [name]: _, ...packets } = event.packets;
    expect(refused(run, { ...event, packets })).toBe("gate.protocol_packets");
  });

  test("Gate 3 is not skippable: a plan that failed is not dispatched", () => {
    const { run, event } = planned();
    const packets = planPackets(LANES);
    const envelope = packets.dispatchEnvelopePacket;
    if (envelope === undefined) throw new TypeError("no envelope");
    const gate3 = { verdict: "FAIL" as const, checks: [{ check: "owners", passed: false, detail: "nobody" }] };
    expect(refused(run, { ...event, packets: { ...packets, dispatchEnvelopePacket: { ...envelope, gate3 } } })).toBe(
      "gate.dispatch_plan",
    );
    const lying = { ...gate3, verdict: "PASS" as const };
    expect(
      refused(run, { ...event, packets: { ...packets, dispatchEnvelopePacket: { ...envelope, gate3: lying } } }),
    ).toBe("gate.dispatch_plan");
  });

  test("a missing role or an unresolved capability gap stops the plan", () => {
    const { run, event } = planned();
    const blueprint = event.packets.agentBlueprintPacket;
    if (blueprint === undefined) throw new TypeError("no blueprint");
    const missing = { ...blueprint, roleCoverageGate: "fail" as const, missingRoles: ["test"] };
    expect(refused(run, { ...event, packets: { ...event.packets, agentBlueprintPacket: missing } })).toBe(
      "gate.role_coverage",
    );
    const gap = { gapType: "owner", missing: ["x"], resolutionAction: null, reason: "nobody" };
    expect(refused(run, { ...event, packets: { ...event.packets, capabilityGapPacket: gap } })).toBe(
      "gate.capability_gap",
    );
  });

  test("a governance agent never gets a worker's assignment (G1)", () => {
    const { run, event } = planned();
    const packets = planPackets([workerPacket("history", { ownerAgent: "meta-prism" }), workerPacket("secrets")]);
    expect(refused(run, { ...event, packets })).toBe("gate.governance_executes");
  });

  test("a governance agent that tries to execute a lane is refused (G1)", () => {
    const run = drive((now) => now.stage === "execution", LANES);
    const queued = run.dispatches.find((dispatch) => dispatch.status === "queued");
    if (queued === undefined) throw new TypeError("nothing queued");
    const event: RunEvent = { kind: "dispatch.started", ...fenceOf(run, queued, "s"), agent: "meta-conductor" };
    expect(refused(run, event)).toBe("gate.governance_executes");
  });

  test("every lane has exactly one assignment, with known predecessors and a role of its own", () => {
    const { run, event } = planned();
    const wrong = (lanes: Parameters<typeof planPackets>[0]) =>
      refused(run, { ...event, packets: { ...planPackets(lanes) } });
    expect(wrong([workerPacket("history", { dependsOn: ["nobody"] })])).toBe("gate.worker_packets");
    expect(
      wrong([workerPacket("history", { roleInstanceId: "same" }), workerPacket("secrets", { roleInstanceId: "same" })]),
    ).toBe("gate.worker_packets");
  });
});

describe("publication (G33)", () => {
  test("completed is not said while a condition does not hold", () => {
    const { run, event } = at("evolution.completed");
    const { verificationPacket } = run.packets;
    if (verificationPacket === undefined) throw new TypeError("not verified");
    const open = {
      ...verificationPacket,
      publication: [{ condition: "findings_closed", holds: false, detail: "one open" }],
    };
    expect(refused({ ...run, packets: { ...run.packets, verificationPacket: open } }, event)).toBe("gate.publication");
  });

  test("a run does not end without a writeback decision", () => {
    const { run, event } = at("evolution.completed");
    expect(refused(run, { ...event, packets: {} })).toBe("gate.writeback_decision");
  });

  test("a stage's event out of its stage is refused", () => {
    const { run } = at("review.completed");
    const event: RunEvent = {
      kind: "fetch.completed",
      ...fenceOf(run, running(run), "x"),
      invocations: [],
      packets: FETCH_PACKETS,
    };
    expect(refused(run, event)).toBe("gate.wrong_stage");
  });
});
