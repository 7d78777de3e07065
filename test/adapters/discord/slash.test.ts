import { expect, test } from "vitest";
import { requestOf } from "../../../adapters/discord/slash.ts";
import { parseChat } from "../../../src/commands/chat.ts";

const RUN = "run_4k2m9x7q1b";

test.each([
  ["queue", {}, "queue"],
  ["queue", { act: "pause", tenant: "night shift" }, 'queue pause --tenant "night shift"'],
  ["queue", { act: "resume", macro: "house-check" }, "queue resume --macro house-check"],
  ["queue", { act: "raise", macro: "house-check" }, "queue raise --macro house-check"],
  ["queue", { act: "lower", tenant: "discord:1" }, "queue lower --tenant discord:1"],
  ["queue", { act: "weight", tenant: "discord:1", weight: "2.5" }, "queue weight --tenant discord:1 2.5"],
  ["queue", { act: "weight", tenant: "discord:1", weight: "default" }, "queue weight --tenant discord:1 default"],
  ["queue", { act: "drain" }, "drain"],
  ["queue", { act: "undrain" }, "drain --undo"],
  ["dead-letters", {}, "dead-letters list"],
  ["dead-letters", { action: "inspect", run: RUN }, `dead-letters inspect ${RUN}`],
  [
    "dead-letters",
    { action: "retry", run: RUN, argument: "areas=roof, cellar", argument3: "depth=2" },
    `dead-letters retry ${RUN} --arg areas="roof, cellar" --arg depth=2`,
  ],
  ["dead-letters", { action: "retry", macro: "house-check" }, "dead-letters retry --macro house-check"],
  ["dead-letters", { action: "retry", code: "lane.failed" }, "dead-letters retry --code lane.failed"],
  ["dead-letters", { action: "discard", run: RUN, reason: "not needed" }, `dead-letters discard ${RUN} not needed`],
  ["run", { goal: "mend it", macro: "house-check", deadline: "2h" }, "run mend it --macro house-check --deadline 2h"],
  ["run", { goal: "mend it", argument: "areas=roof", priority: "-1" }, "run mend it --arg areas=roof --priority -1"],
])("/cox %s with %j is “/cox” and the same in words", (subcommand, options, words) => {
  const request = requestOf(subcommand, options);
  expect(request).toEqual(parseChat(`/cox ${words}`, { inThread: true }));
  expect(request.kind).not.toBe("refused");
});

test.each([
  ["queue", { act: "pause" }],
  ["queue", { act: "pause", tenant: " " }],
  ["queue", { act: "weight", tenant: "discord:1", weight: "3 or 4" }],
  ["queue", { act: "drain", macro: "house-check" }],
  ["queue", { tenant: "discord:1" }],
  ["dead-letters", { action: "retry", run: RUN, macro: "house-check" }],
  ["dead-letters", { action: "retry", argument: "areas=roof", code: "lane.failed" }],
  ["dead-letters", { action: "retry", run: RUN, argument: "roof" }],
  ["dead-letters", { action: "discard", run: "that one", reason: "not needed" }],
  ["run", { goal: "" }],
  ["run", { goal: "mend it", deadline: "2h or so" }],
  ["run", { goal: "mend it", macro: "no macro" }],
  ["run", { goal: "mend it", argument: "roof" }],
])("/cox %s with %j is refused with a reason, and nothing is guessed", (subcommand, options) => {
  expect(requestOf(subcommand, options).kind).toBe("refused");
});

test("a goal is taken as it was typed, with its quotes and dashes", () => {
  const goal = `--macro "it's" a “test”`;
  expect(requestOf("run", { goal })).toEqual({ kind: "run", goal, args: {} });
});
