import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createLog } from "../../../src/log.ts";
import type { RunId } from "../../../src/contracts/id.ts";
import type { FakeMessage } from "../../fakes/slack/world.ts";
import { buttonsOf, cardIn, textOf } from "../../fakes/slack/shown.ts";
import { aSlack, HOME, OPERATORS, type SlackPlane } from "../../fixtures/slack.ts";
import { eventually } from "../../fixtures/eventually.ts";

const planes: SlackPlane[] = [];
afterEach(async () => {
  await Promise.all(planes.splice(0).map((plane) => plane.close()));
});

async function here(...parts: Parameters<typeof aSlack>): Promise<SlackPlane> {
  const plane = await aSlack(...parts);
  planes.push(plane);
  plane.slack.users.set("U0ADA", { name: "Ada" });
  plane.slack.users.set("U0CLEO", { name: "Cleo" });
  return plane;
}

const GOAL = "please check the house for us";
const isCard = (kind: string) => (message: FakeMessage) => cardIn(message)?.kind === kind;
const cardsOf = ({ slack }: SlackPlane, kind: string) => slack.messages.filter(isCard(kind));
const isOpen = (message: FakeMessage) => isCard("decision")(message) && buttonsOf(message).length > 0;
const toPress = (message: FakeMessage, meaning: string): string =>
  buttonsOf(message).find((button) => button.meaning === meaning)?.actionId ?? "none";
const runIdIn = (message: FakeMessage): RunId => cardIn(message)?.runId ?? "";

async function asked(plane: SlackPlane): Promise<FakeMessage> {
  await plane.slack.say("U0ADA", HOME, `<@${plane.slack.bot.user}> run ${GOAL}`);
  return plane.message(HOME, isOpen);
}

const ended = async (plane: SlackPlane, runId: RunId, status = "completed"): Promise<void> => {
  await eventually(async () => {
    plane.plane().clock.advance(1200);
    expect((await plane.plane().agent.run(runId))?.summary.status).toBe(status);
  });
};

describe("what Slack delivers more than once acts once", () => {
  test("a mention comes as two kinds of events and again with a retry number, and is one run", async () => {
    const plane = await here();
    const text = `<@${plane.slack.bot.user}> run ${GOAL}`;
    const { ts } = await plane.slack.say("U0ADA", HOME, text);
    await plane.slack.say("U0ADA", HOME, text, { ts, type: "app_mention" });
    await plane.slack.say("U0ADA", HOME, text, { ts }, { retry: 1 });
    await plane.slack.say("U0ADA", HOME, text, { ts }, { everywhere: true });
    await plane.message(HOME, isOpen);
    expect((await plane.plane().agent.runs({ limit: 10, offset: 0 })).total).toBe(1);
    expect(cardsOf(plane, "notice")).toHaveLength(1);
  });

  test("it is one run after a restart in between, too, and is answered no second time", async () => {
    const plane = await here();
    const question = `<@${plane.slack.bot.user}> what is running?`;
    const text = `<@${plane.slack.bot.user}> run ${GOAL}`;
    const run = await plane.slack.say("U0ADA", HOME, text);
    await plane.message(HOME, isOpen);
    const asking = await plane.slack.say("U0ADA", HOME, question);
    await plane.connection().idle();
    const before = plane.slack.messages.length;
    await plane.restart();
    await plane.slack.say("U0ADA", HOME, text, { ts: run.ts }, { retry: 2 });
    await plane.slack.say("U0ADA", HOME, question, { ts: asking.ts }, { retry: 2 });
    await plane.connection().idle();
    expect((await plane.plane().agent.runs({ limit: 10, offset: 0 })).total).toBe(1);
    expect(plane.slack.messages).toHaveLength(before);
  });

  test("a click on both sockets and again later answers once, and each copy is acknowledged alike", async () => {
    const plane = await here();
    const card = await asked(plane);
    const action = toPress(card, "decision.recommended");
    const first = await plane.slack.click("U0ADA", card, action, { everywhere: true, actionTs: "1.1" });
    const again = await plane.slack.click("U0ADA", card, action, { actionTs: "1.1" });
    expect([first.ack, again.ack].every((ack) => ack !== undefined)).toBe(true);
    await ended(plane, runIdIn(card));
    const history = (await plane.plane().agent.document(runIdIn(card)))?.history ?? [];
    expect(history.filter(({ event }) => event === "decision.answered")).toHaveLength(1);
  });
});

describe("connections", () => {
  test("a refresh of one loses nothing: the other one takes what comes meanwhile", async () => {
    const plane = await here();
    plane.slack.refresh("one");
    await asked(plane);
    await eventually(() => expect(plane.slack.sockets()).toBe(2));
  });

  test("when all are cut they are made anew without anybody's doing", async () => {
    const plane = await here();
    const card = await asked(plane);
    plane.slack.cut();
    await eventually(() => {
      plane.plane().clock.advance(1000);
      expect(plane.slack.sockets()).toBe(2);
    });
    await plane.slack.click("U0ADA", card, toPress(card, "decision.recommended"));
    await ended(plane, runIdIn(card));
  });

  test("Slack that cannot be reached at the start is found later, and an event that came too early is not lost", async () => {
    const plane = await here();
    await plane.connection().stop();
    plane.slack.trouble("apps.connections.open", { kind: "status", status: 503 }, { kind: "status", status: 503 });
    plane.slack.trouble("auth.test", { kind: "status", status: 503 });
    await plane.restart();
    const text = `<@${plane.slack.bot.user}> run ${GOAL}`;
    const early = await plane.slack.say("U0ADA", HOME, text, {}, { patienceMs: 300 });
    expect(early.ack).toBeUndefined();
    plane.plane().clock.advance(60_000);
    await eventually(async () => {
      const late = await plane.slack.say("U0ADA", HOME, text, { ts: early.ts }, { retry: 1, patienceMs: 1000 });
      expect(late.ack).toBeDefined();
    });
    await plane.message(HOME, isOpen);
  });
});

describe("messages stand once", () => {
  test("the answer to a post is lost: the message is found, and not posted again", async () => {
    const plane = await here();
    plane.slack.trouble("chat.postMessage", { kind: "dropped" }, { kind: "dropped" });
    await asked(plane);
    await ended(plane, runIdIn(await plane.message(HOME, isOpen)), "waiting");
    expect(cardsOf(plane, "notice")).toHaveLength(1);
    expect(cardsOf(plane, "decision")).toHaveLength(1);
    expect(plane.slack.calls.filter(({ method }) => method === "chat.postMessage")).toHaveLength(2);
  });

  test("a server error is no answer: what did not arrive is posted after a look", async () => {
    const plane = await here();
    plane.slack.trouble("chat.postMessage", { kind: "status", status: 502 });
    await asked(plane);
    expect(cardsOf(plane, "notice")).toHaveLength(1);
    expect(plane.slack.calls.some(({ method }) => method.startsWith("conversations."))).toBe(true);
  });

  test("a channel that is limited waits, and no other one does", async () => {
    const plane = await here(
      {},
      { channels: ["C0ONE", "C0TWO"].map((channel) => ({ surface: "slack", channel, workspace: "/workspace" })) },
    );
    plane.slack.trouble("chat.postMessage", { kind: "limited", seconds: 3600, channel: "C0ONE" });
    for (const channel of ["C0ONE", "C0TWO"]) {
      await plane.slack.say("U0ADA", channel, `<@${plane.slack.bot.user}> run ${GOAL}`);
    }
    await plane.message("C0TWO", isOpen);
    expect(plane.slack.messages.filter(({ channel }) => channel === "C0ONE")).toEqual([]);
    plane.plane().clock.advance(3600_000);
    await plane.message("C0ONE", isOpen);
  });

  test("a message that Slack finds too long, and a workspace without plan blocks, get the plain notice", async () => {
    const plane = await here();
    plane.slack.trouble("chat.postMessage", { kind: "refused", error: "msg_blocks_too_long" });
    const card = await asked(plane);
    const [notice] = cardsOf(plane, "notice");
    expect(notice?.blocks.map(({ type }) => type)).not.toContain("plan");
    expect(card.thread).toBe(notice?.thread);
  });

  test("a reply that Slack does not take is acknowledged all the same, and is not tried again and again", async () => {
    const plane = await here();
    plane.slack.trouble("chat.postMessage", { kind: "refused", error: "restricted_action" });
    const { ack } = await plane.slack.say("U0ADA", HOME, `<@${plane.slack.bot.user}> what is running?`);
    expect(ack).toBeDefined();
    expect(plane.slack.messages).toEqual([]);
  });

  test("an alert about a run stands in the channel, not in the run's thread there", async () => {
    const plane = await here();
    const card = await asked(plane);
    plane.plane().clock.advance(25 * 3600_000, "asleep");
    const alert = await plane.message(OPERATORS, (message) => cardIn(message) === undefined);
    expect(alert.thread).toBeUndefined();
    expect(textOf(alert.blocks)).toContain(runIdIn(card));
  });

  test("a revoked token ends nothing but Slack: the run goes on", async () => {
    const plane = await here();
    const card = await asked(plane);
    plane.slack.revoke(true);
    await plane.plane().agent.handle({
      kind: "decision.answer",
      id: "terminal-1",
      by: { surface: "terminal", user: "grace" },
      runId: runIdIn(card),
      answers: "recommended",
      args: {},
    });
    await ended(plane, runIdIn(card));
    expect((await plane.plane().agent.run(runIdIn(card)))?.result?.headline).toBeDefined();
  });

  test("the report goes along as a file, once, even where its answer is lost", async () => {
    const plane = await here();
    plane.slack.trouble("files.completeUploadExternal", { kind: "dropped" });
    const card = await asked(plane);
    await plane.slack.click("U0ADA", card, toPress(card, "decision.recommended"));
    const report = await plane.message(HOME, ({ file }) => file !== undefined);
    await ended(plane, runIdIn(card));
    for (let turn = 0; turn < 20; turn += 1) plane.plane().clock.advance(5000);
    await plane.connection().idle();
    expect(report.file?.content).toContain("# ");
    expect(report.thread).toBe(card.thread);
    expect(plane.slack.messages.filter(({ file }) => file !== undefined)).toHaveLength(1);
  });

  test("a result whose report Slack limits again and again stands once all the while, and is not edited for it", async () => {
    const plane = await here();
    const limited = { kind: "limited", seconds: 5 } as const;
    plane.slack.trouble("files.getUploadURLExternal", limited, limited, limited, limited);
    const card = await asked(plane);
    await plane.slack.click("U0ADA", card, toPress(card, "decision.recommended"));
    await eventually(() => {
      plane.plane().clock.advance(1000);
      expect(plane.slack.messages.filter(({ file }) => file !== undefined)).toHaveLength(1);
    });
    await ended(plane, runIdIn(card));
    await plane.connection().idle();
    const results = plane.slack.messages.filter(
      (message) => message.channel === HOME && cardIn(message)?.kind === "result",
    );
    expect(results).toHaveLength(1);
    const edited = plane.slack.calls.filter(
      ({ method, args }) => method === "chat.update" && args["ts"] === results[0]?.ts,
    );
    expect(edited).toEqual([]);
  });
});

describe("a click is never accepted before it is saved", () => {
  test("where saving takes too long, the form says so and stays, and pressing again is enough", async () => {
    const plane = await here();
    const card = await asked(plane);
    const { agent, clock } = plane.plane();
    let release: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    const handle = vi.spyOn(agent, "handle").mockImplementationOnce(async (command) => {
      await slow;
      handle.mockRestore();
      return agent.handle(command);
    });
    await plane.slack.click("U0ADA", card, "cx.answer");
    const form = await plane.until(() => plane.slack.views[0]);
    const submitted = plane.slack.submit(form);
    await eventually(() => expect(handle).toHaveBeenCalled());
    clock.advance(1600);
    const { ack } = await submitted;
    expect(ack?.payload["response_action"]).toBe("errors");
    expect(JSON.stringify(ack?.payload["errors"])).toContain("Not saved yet");
    expect((await agent.run(runIdIn(card)))?.summary.status).toBe("waiting");
    release();
    const again = await plane.slack.submit(form);
    expect(again.ack?.payload["response_action"]).not.toBe("errors");
    await ended(plane, runIdIn(card));
    const history = (await agent.document(runIdIn(card)))?.history ?? [];
    expect(history.filter(({ event }) => event === "decision.answered")).toHaveLength(1);
  });

  test("a button that could not be saved in time says so to who pressed it", async () => {
    const plane = await here();
    const card = await asked(plane);
    const { agent, clock } = plane.plane();
    let release: () => void = () => undefined;
    const handle = vi.spyOn(agent, "handle").mockImplementationOnce(async (command) => {
      await new Promise<void>((resolve) => (release = resolve));
      handle.mockRestore();
      return agent.handle(command);
    });
    const clicked = plane.slack.click("U0ADA", card, toPress(card, "decision.recommended"));
    await eventually(() => expect(handle).toHaveBeenCalled());
    clock.advance(1600);
    await clicked;
    const told = await plane.message(HOME, ({ onlyFor }) => onlyFor === "U0ADA");
    expect(textOf(told.blocks)).toContain("Not saved yet");
    release();
    await ended(plane, runIdIn(card));
  });
});

test("a form that Slack does not open any more comes as a text card that can be answered", async () => {
  const plane = await here();
  const card = await asked(plane);
  plane.slack.expireTriggers(true);
  await plane.slack.click("U0ADA", card, "cx.answer");
  await plane.connection().idle();
  const told = plane.slack.messages.filter(({ onlyFor }) => onlyFor === "U0ADA").map(({ blocks }) => textOf(blocks));
  expect(told.join("\n")).toContain("This is a chat card that is answered by text");
});

test("no token reaches a log or the disk", async () => {
  const lines: string[] = [];
  const log = createLog("silent");
  const levels = ["trace", "debug", "info", "warn", "error", "fatal"];
  const catcher = (...parts: unknown[]): number => lines.push(JSON.stringify(parts));
  const catching = Object.assign(Object.create(log), Object.fromEntries(levels.map((level) => [level, catcher])));
  const plane = await here({}, { log: catching });
  plane.slack.trouble(
    "chat.postMessage",
    { kind: "status", status: 500 },
    { kind: "dropped" },
    { kind: "refused", error: "invalid_auth" },
  );
  plane.slack.cut();
  await eventually(() => {
    plane.plane().clock.advance(1000);
    expect(plane.slack.sockets()).toBe(2);
  });
  await asked(plane);
  const journal = await readFile(join(plane.plane().root, "slack", "journal.jsonl"), "utf8");
  expect(lines.length).toBeGreaterThan(2);
  for (const text of [...lines, journal]) expect(text).not.toMatch(/xoxb-|xapp-|hooks\.slack|ticket=/);
});
