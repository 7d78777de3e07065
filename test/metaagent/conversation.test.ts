import { expect, test } from "vitest";
import { parseChat } from "../../src/commands/chat.ts";
import { converse, type ChatContext, type ChatReply } from "../../src/commands/converse.ts";
import { type ControlPlane } from "../fixtures/control-plane.ts";
import { aPlane, isWaiting, until } from "../fixtures/planes.ts";
import { GOOD_RESULT } from "../fakes/fake-runtime.ts";

let messages = 0;
function say({ agent }: ControlPlane, typed: string, change: Partial<ChatContext> = {}): Promise<ChatReply> {
  const context: ChatContext = {
    said: typed,
    door: agent,
    query: agent,
    by: { surface: "web", user: "ada", displayName: "Ada" },
    commandId: `message-${(messages += 1)}`,
    surface: "web",
    channel: "work",
    bindings: [],
    workspace: "/workspace",
    language: "en",
    ...change,
  };
  return converse(parseChat(typed, { inThread: context.runId !== undefined }), context);
}

async function started(plane: ControlPlane, typed: string, change: Partial<ChatContext> = {}): Promise<string> {
  const reply = await say(plane, typed, change);
  if (reply.kind !== "started") throw new Error(reply.text);
  return reply.runId;
}

test("a whole run by words: start, why, an ambiguous answer, an answer, a second one, and where", async () => {
  const plane = await aPlane();
  const runId = await started(plane, "/cox run please check the house --macro house-check --arg areas=roof,cellar", {
    commandId: "once",
  });
  expect(await started(plane, "/cox run please check the house", { commandId: "once" })).toBe(runId);
  const view = await until(plane, runId, isWaiting);
  const thread = { runId };

  const why = (await say(plane, "why is it waiting?", thread)).text;
  expect(why).toContain(view.decision?.title);
  expect(why).toContain("Ada");
  expect((await say(plane, "为什么还在等？", { ...thread, language: "zh-CN" })).text).toContain("在等人回答");

  expect((await say(plane, "1A", thread)).text).toContain("Nothing was taken");
  expect((await say(plane, "sounds good", thread)).text).toContain("nothing was decided");
  expect((await plane.agent.run(runId))?.summary.status).toBe("waiting");

  const answer = (view.decision?.questions ?? []).map(
    ({ number, options }) => `${number}${options.find((option) => option.recommended)?.letter ?? ""}`,
  );
  expect((await say(plane, answer.join(" "), thread)).text).toContain("Your answer is in");
  const second = await say(plane, "recommended", { ...thread, by: { surface: "web", user: "olga" } });
  expect(second.text).toMatch(/Ada 已于 .* 作出决定/u);

  await until(plane, runId, ({ summary }) => summary.status === "completed");
  expect((await say(plane, "where is it now?", thread)).text).toContain("Evolution");
  expect((await say(plane, "why is it waiting?", thread)).text).toContain("completed");
});

test("what waits says behind whom and under which limit, what works says since when", async () => {
  const plane = await aPlane();
  const release = Promise.withResolvers<void>();
  for (const lane of ["roof", "cellar"]) {
    plane.runtime.script(lane, async (order) => {
      await release.promise;
      return { ...GOOD_RESULT, facts: { trackedFiles: order.brief.files.tracked } };
    });
  }
  const goal = "/cox run please check the house, just do it";
  const working: string[] = [];
  for (let at = 0; at < 2; at += 1) {
    const runId = await started(plane, goal);
    working.push(runId);
    await until(plane, runId, (view) => view.working.length === 2);
  }
  const why = (await say(plane, "why is it waiting?", { runId: working[0] ?? "" })).text;
  expect(why).toContain("has been working since");
  expect(why).toContain("roof");

  const ahead = await started(plane, goal);
  const last = await started(plane, goal);
  const reply = (await say(plane, `why is ${last} waiting?`)).text.split("\n");
  expect(reply).toEqual([
    "It waits for its turn: place 2 in the queue.",
    "All 4 places for work are taken.",
    "The share of web:ada has reached its limit of 4 at once.",
    `One run that also counts for web:ada goes first, by priority, deadline, length, risk and time of waiting: ${ahead}.`,
    "When it starts is unknown: there is no history of the work ahead of it.",
  ]);
  expect((await say(plane, "what is running?")).text).toContain(working[0]);
  expect((await say(plane, "/cox queue")).text).toContain("Running: 4. Waiting: 2.");
  expect((await say(plane, "cancel", { runId: last })).text).toContain("Canceled");
  expect((await say(plane, "cancel", { runId: last })).text).toContain("already ended");
  release.resolve();
  await until(plane, ahead, ({ summary }) => summary.status === "completed");
});
