import { expect, test } from "vitest";
import type { AuditEntry } from "../../src/contracts/audit.ts";
import type { RunDocument } from "../../src/contracts/document.ts";
import { verifyTrail } from "../../src/metaagent/audit.ts";
import { goalOf, REASON, userOf, WORST_MOMENTS } from "./crash-parts.ts";
import { crashTrial, type TrialReport } from "./crash-trial.ts";
import { eventually } from "../fixtures/eventually.ts";

const KILLS = Number(process.env["COXSWAIN_TEST_KILLS"] ?? "100");
/** Two state roots side by side, so that the machine's cores are used. */
const ROOTS = 2;
/** Kills around each of the worst moments: not less, however the rest falls. */
const WORST_KILLS = Math.floor(KILLS / 10);

test(
  `${KILLS} times kill -9: every run ends once, no decision is lost or doubled, no result is repeated, nobody is left`,
  { timeout: KILLS * 20_000 + 120_000 },
  async () => {
    const trials = await Promise.all(
      Array.from({ length: ROOTS }, (_, root) => crashTrial(Math.ceil(KILLS / ROOTS), seededRandom(root + 1))),
    );
    try {
      expect(trials.reduce((sum, trial) => sum + trial.kills, 0)).toBeGreaterThanOrEqual(KILLS);
      for (const trial of trials) await check(trial);
      const hits = hitsOf(trials);
      for (const worst of WORST_MOMENTS) expect(hits[worst], worst).toBeGreaterThanOrEqual(WORST_KILLS);
      tell(trials, hits);
    } finally {
      for (const trial of trials) trial.dispose();
    }
  },
);

async function check(trial: TrialReport): Promise<void> {
  const { documents, trailOf, ledger, operations, acknowledged, orphans } = trial;
  expect(documents.length).toBeGreaterThanOrEqual(2);
  const known = new Set<string>();
  for (const document of documents) {
    const { run, history } = document;
    expect(history.filter(({ event }) => event === "run.started")).toHaveLength(1);
    expect(history.map((entry) => entry.version)).toEqual(history.map((_, index) => index + 1));
    for (const { decisionId, status } of run.decisions)
      if (status === "answered") known.add(`${run.runId} ${decisionId}`);
    for (const { event } of history) known.add(`${run.runId} ${event}`);
    // Every event stands in the audit trail once, and no kill looks like tampering.
    const trail = await trailOf(run.runId);
    const { entries, fault, mendable } = verifyTrail(trail?.lines ?? [], trail?.head);
    expect([fault, mendable]).toEqual([undefined, 0]);
    const noted = entries.filter(({ what }) => what !== "command.refused");
    expect(noted.map(({ what }) => what)).toEqual(history.map(({ event }) => event));
    // Nobody begins twice on one dispatch, and nobody without one.
    const begun = ledger.filter((line) => line.startsWith(`${run.runId} `) && line.endsWith("begins"));
    expect(new Set(begun).size).toBe(begun.length);
    const lanes = run.dispatches.filter(({ work, status }) => work.kind === "lane" && status !== "blocked");
    expect(begun.length).toBeLessThanOrEqual(lanes.length);
    if (run.status.kind === "canceled") checkCanceled(document);
    else checkCompleted(document);
    if (run.task.requestedBy.user === userOf("waived", 0)) checkWaived(document, entries);
  }
  // What a person was told was done is there.
  for (const line of acknowledged) expect(known).toContain(line.split(" ").slice(0, 2).join(" "));
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(new Set(acknowledged).size).toBe(acknowledged.length);
  // What a rule blocked is blocked no more, and operators were told so.
  const blocked = operations.alerts.filter(({ key }) => key.startsWith("policy:"));
  expect(blocked.filter(({ resolvedAt }) => resolvedAt === undefined)).toEqual([]);
  await eventually(() => expect(orphans()).toEqual([]));
}

/** Canceled once, and nothing came after it. */
function checkCanceled({ run, history, queue }: RunDocument): void {
  expect(run.task.goal).toBe(goalOf("canceled"));
  expect(history.at(-1)?.event).toBe("run.canceled");
  expect(history.filter(({ event }) => event === "run.canceled")).toHaveLength(1);
  expect(run.dispatches.filter(({ status }) => status === "queued" || status === "started")).toEqual([]);
  expect(queue).toEqual([]);
}

/** A rule blocked it once, one operator set it aside once, nobody was asked again, and then the work was done. */
function checkWaived({ run, history }: RunDocument, entries: readonly AuditEntry[]): void {
  const asked = run.decisions.filter(({ kind }) => kind === "policy_violation");
  expect(asked).toMatchObject([{ status: "answered", answers: { risky: "waive" }, argsChosen: { reason: REASON } }]);
  const decisionId = asked[0]?.decisionId;
  expect(run.waivers).toMatchObject([
    { laneId: "risky", decisionId, reason: REASON, rule: { source: "policies_file" } },
  ]);
  const noted = entries.filter(
    ({ what, detail }) => what === "decision.answered" && detail["about"] === "policy_violation",
  );
  expect(noted).toMatchObject([{ subject: decisionId, detail: { approved: { args: { reason: REASON } } } }]);
  expect(history.filter(({ event }) => event === "dispatch.blocked")).toHaveLength(1);
  expect(run.status.kind).toBe("completed");
}

function checkCompleted({ run, history }: RunDocument): void {
  const times = (event: string): number => history.filter((entry) => entry.event === event).length;
  expect(run.status.kind).toBe("completed");
  expect(times("evolution.completed")).toBe(1);

  // Sent back once for each time that it had failed for good, and never lost on the way.
  expect(times("dead_letter.retried")).toBe(run.redrives);
  expect(run.redrives).toBe(run.task.goal === goalOf("redriven") ? 1 : 0);

  // Decisions: asked once, answered once, as the person was told.
  expect(run.decisions.filter((decision) => decision.kind === "execution_confirmation")).toHaveLength(1);
  for (const decision of run.decisions) {
    expect(decision.status).toBe("answered");
    const answers = history.filter((entry) => entry.subject === decision.decisionId);
    expect(answers.length).toBe(decision.status === "answered" && decision.how === "person" ? 1 : 0);
  }

  // Results: one that counts for each lane; risky work is repeated only where a person said so.
  const lanes = run.dispatches.flatMap((dispatch) =>
    dispatch.work.kind === "lane" && dispatch.status !== "blocked"
      ? [{ ...dispatch, laneId: dispatch.work.laneId }]
      : [],
  );
  for (const laneId of ["quick", "risky", "last"]) {
    const own = lanes.filter((dispatch) => dispatch.laneId === laneId);
    expect(own.filter((dispatch) => dispatch.status === "succeeded")).toHaveLength(1);
    expect(own.at(-1)?.status).toBe("succeeded");
  }
  const again = run.decisions.filter(
    (decision) =>
      decision.kind === "outcome_unknown" &&
      decision.status === "answered" &&
      decision.answers["risky"] === "run_again",
  );
  expect(lanes.filter((dispatch) => dispatch.laneId === "risky")).toHaveLength(1 + again.length);
}

/** What was seen, for whoever runs a long trial. */
function tell(trials: readonly TrialReport[], hits: Readonly<Record<string, number>>): void {
  const runs = trials.flatMap(({ documents }) => documents.map(({ run }) => run));
  const count = (kind: string): number => runs.filter(({ status }) => status.kind === kind).length;
  const redrives = runs.reduce((sum, run) => sum + run.redrives, 0);
  const waivers = runs.reduce((sum, run) => sum + run.waivers.length, 0);
  const begun = trials.flatMap(({ ledger }) => ledger).filter((line) => line.endsWith("begins")).length;
  const acknowledged = trials.reduce((sum, trial) => sum + trial.acknowledged.length, 0);
  process.stdout.write(
    `kills: ${JSON.stringify(hits)}; runs: ${runs.length} (${count("completed")} completed, ${count("canceled")} canceled, ` +
      `${redrives} redrives, ${waivers} waivers); workers begun: ${begun}; acknowledged: ${acknowledged}\n`,
  );
}

function hitsOf(trials: readonly TrialReport[]): Record<string, number> {
  const hits: Record<string, number> = {};
  for (const trial of trials) {
    for (const [where, count] of Object.entries(trial.hits)) hits[where] = (hits[where] ?? 0) + count;
  }
  return hits;
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
