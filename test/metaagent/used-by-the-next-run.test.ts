import { expect, test } from "vitest";
import type { RunDocument } from "../../src/contracts/document.ts";
import type { MetaTaskInput } from "../../src/contracts/task.ts";
import { translatorFor } from "../../src/i18n.ts";
import { GOOD_RESULT, goodResultFor } from "../fakes/fake-runtime.ts";
import { FAKE_CATALOG, type ControlPlane } from "../fixtures/control-plane.ts";
import { eventually } from "../fixtures/eventually.ts";
import { aPlane, started } from "../fixtures/planes.ts";

const DAY_MS = 24 * 3600_000;
/** Two agents offer the same for the roof; where nothing else speaks, the name decides. */
const [roofer, ...others] = FAKE_CATALOG.agents;
const CATALOG = { ...FAKE_CATALOG, agents: [...others, roofer!, { ...roofer!, id: "roof-watcher" }] };

let runs = 0;
/** Starts a run, and resolves with its document when it ended. */
async function ended(plane: ControlPlane, task: Partial<MetaTaskInput> = {}): Promise<RunDocument> {
  const runId = await started(plane, { answers: "recommended", ...task }, `next-${(runs += 1)}`);
  return eventually(async () => {
    plane.clock.advance(1000);
    const document = await plane.agent.document(runId);
    expect(["completed", "dead_letter"]).toContain(document?.run.status.kind);
    return document!;
  });
}

function cardOf({ run }: RunDocument): string[] {
  const words = translatorFor("en");
  return (run.decisions[0]?.context ?? []).flatMap(({ lines }) => lines.map((line) => words.say(line)));
}

const lastTime = (document: RunDocument): string =>
  cardOf(document).find((line) => line.startsWith("Not long ago")) ?? "";

function roofSearch({ run }: RunDocument) {
  return run.packets.contentEvidencePacket?.capabilitySearches.find(({ laneId }) => laneId === "roof");
}

test("an owner that failed is passed over by the next run, which says so, also after a restart, until it is long ago", async () => {
  const plane = await aPlane({ catalog: CATALOG });
  plane.runtime.script("roof", (order) =>
    order.agent.id === "roof-inspector" ? { ...GOOD_RESULT, exitCode: 1 } : goodResultFor(order),
  );
  const first = await ended(plane);
  expect(first.run.status.kind).toBe("dead_letter");
  expect(roofSearch(first)).toMatchObject({ selected: "roof-inspector", overlap: ["roof-inspector", "roof-watcher"] });
  const again = await plane.restart();
  const second = await ended(again);
  expect(second.run.status.kind).toBe("completed");
  expect(roofSearch(second)?.selected).toBe("roof-watcher");
  expect(roofSearch(second)?.selectionReason).toContain("roof-inspector failed at this 3 of its last 3 times");
  again.clock.advance(8 * DAY_MS, "asleep");
  expect(roofSearch(await ended(again))?.selected).toBe("roof-inspector");
});

test("a run that failed for good is told of on the next card, and in the evidence of the next run", async () => {
  const plane = await aPlane({ catalog: CATALOG });
  let tries = 0;
  plane.runtime.script("roof", (order) => ((tries += 1) <= 3 ? { ...GOOD_RESULT, exitCode: 1 } : goodResultFor(order)));
  const first = await ended(plane);
  expect(first.run.status.kind).toBe("dead_letter");
  const again = await plane.restart();
  const second = await ended(again);
  expect(lastTime(second)).toMatch(
    /^Not long ago in this folder, with “please check the house for us” on \w+ \d+, \d+ \(run run_\w+\): the run failed for good$/,
  );
  expect(lastTime(second)).toContain(first.run.runId);
  expect(second.run.packets.contentEvidencePacket?.memory).toContain("scar (dead_letter): worker.exit in execution");
});

test("the next card says on what its times rest, and what went wrong the last time", async () => {
  const plane = await aPlane({ catalog: CATALOG });
  let tries = 0;
  plane.runtime.script("roof", (order) =>
    (tries += 1) === 1 ? { ...GOOD_RESULT, exitCode: 1 } : { ...goodResultFor(order), durationMs: 600_000 },
  );
  const first = await ended(plane);
  expect(cardOf(first).join("\n")).not.toMatch(/earlier runs|Not long ago/);
  const again = await plane.restart();
  const second = await ended(again);
  const card = cardOf(second);
  expect(card).toContain("The times are what earlier runs took: 1 run or more for each part.");
  expect(lastTime(second)).toMatch(/: 1 attempt failed$/);
  // Ten minutes for the roof: what is slow is no longer what everybody is advised to do.
  expect(first.run.packets.preDecisionOptionFrame?.recommendedPath).toBe("full");
  expect(second.run.packets.preDecisionOptionFrame?.recommendedPath).not.toBe("full");
  expect(second.run.lanes).not.toHaveProperty("roof");
  again.clock.advance(8 * DAY_MS, "asleep");
  expect(cardOf(await ended(again)).join("\n")).not.toContain("Not long ago");
});

test("what went wrong in one folder is told of in that folder alone", async () => {
  const plane = await aPlane({ catalog: CATALOG });
  plane.runtime.script("roof", () => ({ ...GOOD_RESULT, exitCode: 1 }));
  await ended(plane);
  plane.runtime.script("roof", goodResultFor);
  const ada = await ended(plane, { workspace: "/elsewhere" });
  expect(lastTime(ada)).toBe("");
  expect(JSON.stringify(ada.run.packets.contentEvidencePacket?.memory)).not.toContain("scar");
  expect(lastTime(await ended(plane))).toContain("the run failed for good");
});
