import { expect, test, vi } from "vitest";
import { crashTrial, type TrialReport } from "./crash-trial.ts";

const KILLS = Number(process.env["COXSWAIN_TEST_KILLS"] ?? "100");
/** Two state roots side by side, so that the machine's cores are used. */
const ROOTS = 2;

test(
  `${KILLS} times kill -9: every run ends once, no decision is lost or doubled, no result is repeated, nobody is left`,
  { timeout: KILLS * 6000 + 60_000 },
  async () => {
    const trials = await Promise.all(
      Array.from({ length: ROOTS }, (_, root) => crashTrial(Math.ceil(KILLS / ROOTS), seededRandom(root + 1))),
    );
    try {
      expect(trials.reduce((sum, trial) => sum + trial.kills, 0)).toBeGreaterThanOrEqual(KILLS);
      for (const trial of trials) await check(trial);
    } finally {
      for (const trial of trials) trial.dispose();
    }
  },
);

async function check({ documents, ledger, acknowledged, orphans }: TrialReport): Promise<void> {
  expect(documents.length).toBeGreaterThanOrEqual(2);
  for (const { run, history } of documents) {
    const times = (event: string): number => history.filter((entry) => entry.event === event).length;
    expect(run.status.kind).toBe("completed");
    expect(times("run.started")).toBe(1);
    expect(times("evolution.completed")).toBe(1);
    expect(history.map((entry) => entry.version)).toEqual(history.map((_, index) => index + 1));

    // Decisions: asked once, answered once, as the person was told.
    expect(run.decisions.filter((decision) => decision.kind === "execution_confirmation")).toHaveLength(1);
    for (const decision of run.decisions) {
      expect(decision.status).toBe("answered");
      const answers = history.filter((entry) => entry.subject === decision.decisionId);
      expect(answers.length).toBe(decision.status === "answered" && decision.how === "person" ? 1 : 0);
    }

    // Results: one that counts for each lane; risky work is repeated only where a person said so.
    const lanes = run.dispatches.flatMap((dispatch) =>
      dispatch.work.kind === "lane" ? [{ ...dispatch, laneId: dispatch.work.laneId }] : [],
    );
    for (const laneId of ["quick", "risky", "last"]) {
      const own = lanes.filter((dispatch) => dispatch.laneId === laneId);
      expect(own.filter((dispatch) => dispatch.status === "succeeded")).toHaveLength(1);
      expect(own.at(-1)?.status).toBe("succeeded");
      const begun = ledger.filter((line) => line.startsWith(`${run.runId} ${laneId} `) && line.endsWith("begins"));
      expect(begun.length).toBeLessThanOrEqual(own.length);
      expect(new Set(begun).size).toBe(begun.length);
    }
    const again = run.decisions.filter(
      (decision) =>
        decision.kind === "outcome_unknown" &&
        decision.status === "answered" &&
        decision.answers["risky"] === "run_again",
    );
    expect(lanes.filter((dispatch) => dispatch.laneId === "risky")).toHaveLength(1 + again.length);
  }
  const answered = new Set(
    documents.flatMap(({ run }) => run.decisions.map((decision) => `${run.runId} ${decision.decisionId}`)),
  );
  for (const line of acknowledged) expect(answered).toContain(line.split(" ").slice(0, 2).join(" "));
  expect(acknowledged.length).toBeGreaterThan(0);
  await vi.waitFor(() => expect(orphans()).toEqual([]), { timeout: 10_000 });
}

/** The same moments every time (mulberry32), as far as a machine's own timing allows. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
