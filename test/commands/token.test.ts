import { describe, expect, test } from "vitest";
import { decodeToken, encodeToken, type ButtonAction } from "../../src/commands/token.ts";

const runId = `run_${"a1".repeat(20)}`;
const decisionId = `dec_${"a1".repeat(20)}_999999`;
const BUTTONS: ButtonAction[] = [
  { action: "run.cancel", runId },
  { action: "decision.recommended", runId, decisionId },
  { action: "decision.submit", runId, decisionId },
  { action: "decision.arguments", runId, decisionId },
  { action: "decision.select", runId, decisionId, question: 6 },
  { action: "decision.details", runId, decisionId, question: 1 },
  { action: "decision.choose", runId, decisionId, question: 6, option: 4 },
  { action: "dead_letter.retry", runId },
  { action: "dead_letter.inspect", runId },
  { action: "dead_letter.discard", runId },
];

describe("tokens of buttons", () => {
  test.each(BUTTONS)("$action survives the way out and back, in at most 100 characters", (button) => {
    const token = encodeToken(button);
    expect(token.length).toBeLessThanOrEqual(100);
    expect(decodeToken(token)).toEqual({ kind: "action", button });
  });

  test.each([
    "",
    "hello",
    "cx1.stop",
    "cx1.stop.short",
    "cx2.stop.4k2m9x7q1b",
    "cx1.unknown.4k2m9x7q1b",
    "cx1.stop.4k2m9x7q1b.1",
    "cx1.rec.4k2m9x7q1b",
    "cx1.rec.4k2m9x7q1b.1.2.3",
    "cx1.opt.4k2m9x7q1b.1",
    "cx1.opt.4k2m9x7q1b.1.2",
    "cx1.sel.4k2m9x7q1b.1",
    "cx1.sel.4k2m9x7q1b.1.2.3",
    "cx1.args.4k2m9x7q1b.1.2",
    "cx1.toString.4k2m9x7q1b",
    `cx1.stop.${"a".repeat(200)}`,
  ])("%j is unknown, and no exception", (token) => {
    expect(decodeToken(token)).toEqual({ kind: "unknown" });
  });
});
