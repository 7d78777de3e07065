import { expect, test } from "vitest";
import { translateClick, type Fields } from "../../../adapters/web/translate.ts";
import { encodeToken } from "../../../src/commands/token.ts";
import { LINEAR_CARD } from "../../fixtures/linear-card.ts";

const by = { surface: "web", user: "ada" };
const { runId, decisionId } = LINEAR_CARD;
const submit = encodeToken({ action: "decision.submit", runId, decisionId });
const click = (fields: Fields) => translateClick(fields, "id-1", by, () => LINEAR_CARD);

test.each<[string, Fields, Record<string, string>]>([
  [
    "all that are asked",
    { "q.first": ["yes"], "q.second": ["yes"], "q.third": ["no"] },
    { first: "yes", second: "yes", third: "no" },
  ],
  ["not what hangs on another answer", { "q.first": ["no"], "q.second": ["yes"], "q.third": ["no"] }, { first: "no" }],
  ["nothing where nothing was chosen", {}, {}],
  [
    "what the card does not have, for the core to refuse",
    { "q.first": ["no"], "q.fourth": ["x"] },
    { first: "no", fourth: "x" },
  ],
])("an answer holds %s", (_title, fields, answers) => {
  expect(click({ ...fields, token: [submit] })).toMatchObject({
    kind: "command",
    command: { kind: "decision.answer", decisionId, answers },
  });
});

test.each<[string, Record<string, unknown>]>([
  ["30", {}],
  ["31", { days: 31 }],
  ["soon", { days: "soon" }],
])("a number that was left at %s is sent as %j", (typed, args) => {
  expect(click({ token: [submit], "a.days": [typed] })).toMatchObject({ command: { args } });
});

test("an old card's answer is handed on as it is, and the core says that it is late", () => {
  const old = encodeToken({ action: "decision.submit", runId, decisionId: "dec_linear000_0" });
  const command = { decisionId: "dec_linear000_0", answers: { second: "yes" }, args: {} };
  expect(click({ token: [old], "q.second": ["yes"], "a.days": ["5"] })).toMatchObject({ command });
});

test.each([
  {},
  { token: [""] },
  { token: ["cx9.rec.linear000.1"] },
  { token: ["<script>"] },
  { token: ["x".repeat(5000)] },
])("what is no button of ours is unknown, and no exception: %j", (fields) => {
  expect(click(fields)).toEqual({ kind: "unknown" });
});
