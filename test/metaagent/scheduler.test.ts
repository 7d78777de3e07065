import { describe, expect, it } from "vitest";
import { Dispatch } from "../../src/contracts/dispatch.ts";
import { QueueEntry } from "../../src/contracts/document.ts";
import { EMPTY_OPERATIONS } from "../../src/contracts/operations.ts";
import { FREE_QUEUE } from "../../src/contracts/queue.ts";
import type { WorkerTaskPacket } from "../../src/contracts/packets/thinking.ts";
import { Run } from "../../src/contracts/run.ts";
import { STAGE_KEYS } from "../../src/contracts/stage.ts";
import { MetaTask } from "../../src/contracts/task.ts";
import { learnCost } from "../../src/metaagent/learned-cost.ts";
import { createScheduler, entryFor, type SchedulingContext } from "../../src/metaagent/scheduler.ts";
import { MOST_OVERTAKEN_STEPS } from "../../src/metaagent/strategies/weighted-fair.ts";
import { strategyNamed } from "../../src/metaagent/strategies/strategy-named.ts";

const context: SchedulingContext = {
  strategy: strategyNamed("weighted-fair"),
  weights: { ann: 4 },
  limits: { perTenant: 3, perMacro: 5 },
  ageStepMs: 60_000,
  costs: {},
  queueControl: FREE_QUEUE,
};

const lanePacket: WorkerTaskPacket = {
  laneId: "tests",
  owner: "test",
  ownerAgent: "test-runner",
  businessRoleId: "test",
  roleDisplayName: "Test",
  roleInstanceId: "test-1",
  dependsOn: [],
  parallelGroup: "1",
  mergeOwner: "meta-conductor",
  shardKey: "tests",
  shardScope: "repository",
  workspaceIsolation: "shared_read_only_copy",
  artifactNamespace: "tests",
  collisionPolicy: "none",
  task: "Run the tests.",
  writes: [],
  uses: [],
  repeatable: true,
  args: {},
  timeLimitMs: 60_000,
  maxAttempts: 2,
  expectedMs: 30_000,
  verifySteps: [{ id: "exit", kind: "exit_code", equals: 0 }],
  designPrinciples: ["simple"],
  constraints: [],
};

function run(task: Partial<MetaTask> = {}, planned = true): Run {
  return Run.parse({
    schemaVersion: 1,
    runId: "run_aaaaaaaa",
    version: 1,
    task: MetaTask.parse({
      goal: "check the health of this repository",
      workspace: "/repository",
      requestedBy: { surface: "terminal", user: "ann" },
      ...task,
    }),
    tenant: task.tenant ?? "ann",
    startedAt: 1000,
    updatedAt: 1000,
    status: { kind: "active" },
    stage: "execution",
    stages: Object.fromEntries(STAGE_KEYS.map((key) => [key, { status: "pending" }])),
    path: "regulated_path",
    choiceSurfaceState: "completed",
    queryBypass: false,
    language: { language: "en", source: "latest_user_input" },
    clarifications: [],
    packets: planned
      ? {
          taskClassification: {
            type: "C",
            taskClass: "standard",
            path: "regulated_path",
            risk: "medium",
            macroId: "repository-health",
            architecture: "project",
            triggerReasons: [],
            readOnlyRequested: true,
          },
          workerTaskPackets: [lanePacket],
          dispatchEnvelopePacket: {
            lanes: ["tests"],
            concurrency: 2,
            gate3: { verdict: "PASS", checks: [{ check: "c", passed: true, detail: "d" }] },
          },
        }
      : {},
    decisions: [],
    lanes: {},
    dispatches: [],
    invocations: [],
    stepOutcomes: [],
    workFindings: [],
    revisionRound: 0,
    artifacts: [],
    redrives: 0,
  });
}

let counter = 0;
function dispatch(work: Dispatch["work"], fields: { queuedAt?: number; notBefore?: number } = {}): Dispatch {
  counter += 1;
  const common = { dispatchId: `dsp_aaaaaaaa_${counter}`, attempt: 1, agent: "someone", status: "queued" } as const;
  return Dispatch.parse({ ...common, work, queuedAt: 1_000_000, ...fields });
}

const lane = { kind: "lane", laneId: "tests", revision: 0 } as const;
const critical = { kind: "stage", step: "critical" } as const;

describe("the queue entry of a dispatch", () => {
  it("stands in its tenant's flow, with the configured weight, and fits the contract", () => {
    const entry = entryFor(run(), dispatch(lane), context);
    expect(QueueEntry.parse(entry)).toEqual(entry);
    expect(entry).toMatchObject({ flow: "ann", weight: 4, runId: "run_aaaaaaaa" });
    expect(entryFor(run({ tenant: "constructor" }), dispatch(lane), context).weight).toBe(1);
  });

  it("of a lane expects what the lane took before, else what its packet says", () => {
    expect(entryFor(run(), dispatch(lane), context).costMs).toBe(30_000);
    const costs = learnCost({}, "repository-health", "tests", 90_000);
    expect(entryFor(run(), dispatch(lane), { ...context, costs }).costMs).toBe(90_000);
  });

  it("of a stage's own work is cheap, and needs nothing to be planned", () => {
    const entry = entryFor(run({}, false), dispatch(critical), context);
    expect(entry.costMs).toBe(200);
    expect(entry.groups).toEqual([{ name: "tenant:ann", limit: 3 }]);
  });

  it("counts workers in the run's chosen concurrency, and a stage's own work not", () => {
    const check = { kind: "check", laneId: "tests", stepId: "exit", round: 0 } as const;
    const groupsOf = (work: Dispatch["work"]) => entryFor(run(), dispatch(work), context).groups;
    const shared = [
      { name: "tenant:ann", limit: 3 },
      { name: "macro:repository-health", limit: 5 },
    ];
    expect(groupsOf(lane)).toEqual([...shared, { name: "run:run_aaaaaaaa", limit: 2 }]);
    expect(groupsOf(check)).toEqual([...shared, { name: "run:run_aaaaaaaa", limit: 2 }]);
    expect(groupsOf({ kind: "stage", step: "review" })).toEqual(shared);
  });

  it("carries the time before which it must not start", () => {
    expect(entryFor(run(), dispatch(lane, { notBefore: 77 }), context).notBefore).toBe(77);
    expect(entryFor(run(), dispatch(lane), context)).not.toHaveProperty("notBefore");
  });

  it("moves by priority and deadline inside its tenant, not between tenants", () => {
    const work = dispatch(lane);
    const plain = entryFor(run(), work, context);
    const urgent = entryFor(run({ priority: 2, deadline: 1_000_001 }), work, context);
    expect(urgent.order).toBeLessThan(plain.order);
    expect({ ...urgent, order: 0 }).toEqual({ ...plain, order: 0 });
  });
});

describe("the scheduler", () => {
  it("places by the costs that are known when it is asked", () => {
    let costs = EMPTY_OPERATIONS.costs;
    const scheduler = createScheduler(context, EMPTY_OPERATIONS, () => ({ ...EMPTY_OPERATIONS, costs }));
    expect(scheduler.strategy).toBe("weighted-fair");
    expect(scheduler.place(run(), dispatch(lane)).costMs).toBe(30_000);
    costs = learnCost(costs, "repository-health", "tests", 10);
    expect(scheduler.place(run(), dispatch(lane)).costMs).toBe(10);
  });

  it("starts the lowest priority within a known time, under a flood of the highest from the same tenant", () => {
    const { queue, place } = createScheduler(context, EMPTY_OPERATIONS, () => EMPTY_OPERATIONS);
    const low = place(run({ priority: -2 }), dispatch(lane, { queuedAt: 0 }));
    queue.add(low);
    const serviceMs = 10_000;
    let now = 0;
    for (let served: QueueEntry | undefined; served !== low; now += serviceMs) {
      // Two come for each that is served, so that there is always something of the highest priority.
      for (const queuedAt of [now, now + 1]) queue.add(place(run({ priority: 2 }), dispatch(lane, { queuedAt })));
      served = queue.take(() => true);
      expect(now).toBeLessThan(2 * (MOST_OVERTAKEN_STEPS * context.ageStepMs + serviceMs));
    }
    // It did wait: priority counts for something.
    expect(now).toBeGreaterThan(context.ageStepMs);
  });
});

describe("a strategy that fails", () => {
  it.each([
    [
      "throws",
      () => {
        throw new Error("out of order");
      },
    ],
    ["gives no number", () => ({ flow: "x", order: Number.NaN, costMs: 1, weight: 1, groups: [] })],
  ])("and %s is replaced by the default for that dispatch, and said", (_what, place) => {
    const broken = { ...context.strategy, name: "broken", place };
    const scheduler = createScheduler({ ...context, strategy: broken }, EMPTY_OPERATIONS, () => EMPTY_OPERATIONS);
    const told: unknown[] = [];
    scheduler.onFallback((error) => told.push(error));
    const work = dispatch(lane);
    expect(scheduler.place(run(), work)).toEqual(entryFor(run(), work, context));
    expect(told).toHaveLength(1);
  });

  it("cannot lift the limits", () => {
    const place = () => ({ flow: "x", order: 1, costMs: 1, weight: 1, groups: [] });
    const open = { ...context.strategy, name: "open", place };
    const scheduler = createScheduler({ ...context, strategy: open }, EMPTY_OPERATIONS, () => EMPTY_OPERATIONS);
    expect(scheduler.place(run(), dispatch(lane)).groups).toEqual(entryFor(run(), dispatch(lane), context).groups);
  });
});

describe("a run that writes", () => {
  it("has its workspace to itself while a lane works whose changes may be kept", () => {
    const writing = run();
    const keeping = { ...lanePacket, writes: ["**"], keeps: "branch" as const };
    const kept = { ...writing, packets: { ...writing.packets, workerTaskPackets: [keeping] } };
    const alone = { name: "workspace:/repository", limit: 1, holder: "run_aaaaaaaa" };
    expect(entryFor(kept, dispatch(lane), context).groups).toContainEqual(alone);
    expect(entryFor(writing, dispatch(lane), context).groups).not.toContainEqual(alone);
  });
});
