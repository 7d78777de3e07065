import { expect, test } from "vitest";
import type { PolicyRule } from "../../src/contracts/policy.ts";
import { judgeLane } from "../../src/spine/policy-check.ts";
import { RUNS } from "../fixtures/runs.ts";

test("what works side by side counts with what is expected of it, so that no run goes beyond its worker time together", () => {
  const run = RUNS.executing;
  const started = run.dispatches.flatMap((dispatch) =>
    dispatch.status === "started" && dispatch.work.kind === "lane"
      ? [{ laneId: dispatch.work.laneId, startedAt: dispatch.startedAt }]
      : [],
  );
  const packets = run.packets.workerTaskPackets ?? [];
  const expectedOf = (laneId: string): number => packets.find((packet) => packet.laneId === laneId)?.expectedMs ?? 0;
  const next = packets.find(({ laneId }) => started.every((dispatch) => dispatch.laneId !== laneId));
  if (next === undefined || started.length === 0) throw new Error("the run works on nothing, or on everything");
  const ended = run.dispatches.reduce(
    (sum, dispatch) =>
      dispatch.work.kind !== "stage" && "endedAt" in dispatch && "startedAt" in dispatch
        ? sum + dispatch.endedAt - dispatch.startedAt
        : sum,
    0,
  );
  const needed = ended + started.reduce((sum, { laneId }) => sum + expectedOf(laneId), 0) + next.expectedMs;
  const judged = (limitMs: number): string[] => {
    const check = { kind: "worker_time" as const, limitMs };
    const place = { source: "fairness" as const, file: "config/policies.yaml", line: 1, text: "a cap" };
    const rule: PolicyRule = { ...place, check, depth: 0, scope: [], macros: [], tenants: [] };
    const at = Math.max(...started.map(({ startedAt }) => startedAt)) + 1;
    return judgeLane(run, next, [rule], [], at).map(({ outcome }) => outcome);
  };
  expect(judged(needed)).toEqual([]);
  expect(judged(needed - 1)).toEqual(["denied"]);
});
