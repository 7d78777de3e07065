import { expect, test } from "vitest";
import type { Run } from "../../src/contracts/run.ts";
import { raw, type Text } from "../../src/contracts/text.ts";
import { translatorFor } from "../../src/i18n.ts";
import { findingsOf } from "../../src/spine/lane-checks.ts";
import { workspaceGaps } from "../../src/spine/steps/review.ts";
import { unknownOutcomeDecision } from "../../src/spine/unknown-outcome.ts";
import { drive, FAILURE, workerPacket } from "../fixtures/run-events.ts";

const PLANNED = drive((run) => run.stage === "execution", [workerPacket("one", { title: raw("History of changes") })]);
const CUT_OFF: Run = {
  ...PLANNED,
  dispatches: PLANNED.dispatches.map((dispatch) =>
    dispatch.work.kind === "lane"
      ? { ...dispatch, status: "outcome_unknown", startedAt: 1, endedAt: 2, failure: FAILURE }
      : dispatch,
  ),
};

test.each<[string, () => (Text | undefined)[]]>([
  [
    "the card that asks how it shall go on",
    () => {
      const { context, questions } = unknownOutcomeDecision(CUT_OFF, ["one"], 3);
      return [...context.flatMap(({ lines }) => lines), ...questions.map(({ title }) => title)];
    },
  ],
  [
    "a check that did not pass",
    () =>
      findingsOf(PLANNED, [{ laneId: "one", stepId: "x", passed: false, weak: false, detail: "d" }], 3).map(
        ({ text }) => text,
      ),
  ],
  [
    "what could not be checked",
    () => {
      const lanes: Run["lanes"] = {
        one: { laneId: "one", revision: 0, attempts: 1, status: "accepted_unknown", endedAt: 3 },
      };
      return workspaceGaps({ ...PLANNED, lanes }).map(({ text }) => text);
    },
  ],
])("people read the title of a part, not its id, in %s", (_, textsOf) => {
  const texts = textsOf().map((text) => (text === undefined ? "" : translatorFor("en").say(text)));
  expect(texts).not.toEqual([]);
  for (const text of texts) expect(text).toContain("History of changes");
});
