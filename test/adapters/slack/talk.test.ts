import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { FAKE_CATALOG } from "../../fixtures/control-plane.ts";
import { eventually } from "../../fixtures/eventually.ts";
import type { FakeMessage } from "../../fakes/slack/world.ts";
import { buttonsOf, cardIn, textOf } from "../../fakes/slack/shown.ts";
import { aSlack, HOME, type SlackPlane } from "../../fixtures/slack.ts";

const planes: SlackPlane[] = [];
afterEach(async () => {
  for (const plane of planes.splice(0)) {
    await plane.close();
    expect(plane.slack.problems).toEqual([]);
  }
});

async function here(): Promise<SlackPlane> {
  const plane = await aSlack();
  planes.push(plane);
  plane.slack.users.set("U0ADA", { name: "Ada" });
  plane.slack.users.set("U0LI", { name: "Li", locale: "zh-CN" });
  return plane;
}

const isOpen = (message: FakeMessage) => cardIn(message)?.kind === "decision" && buttonsOf(message).length > 0;
const at = (plane: SlackPlane) => `<@${plane.slack.bot.user}>`;
const saidBy = ({ slack }: SlackPlane) => slack.messages.filter(({ key }) => key?.startsWith("slack/reply/") === true);
const lastReply = (plane: SlackPlane) =>
  plane.until(() => {
    const shown = saidBy(plane).at(-1);
    return shown === undefined ? undefined : textOf(shown.blocks);
  });

async function asked(plane: SlackPlane): Promise<FakeMessage> {
  await plane.slack.say("U0ADA", HOME, `${at(plane)} run please check the house for us`);
  return plane.message(HOME, isOpen);
}

describe("a mention", () => {
  test("starts a run in the thread of what was said", async () => {
    const plane = await here();
    const { ts } = await plane.slack.say("U0ADA", HOME, `${at(plane)} run please check the house for us`);
    const card = await plane.message(HOME, isOpen);
    expect(card.thread).toBe(ts);
  });

  test("a plain sentence is offered as a run; the offer clicked twice is one", async () => {
    const plane = await here();
    await plane.slack.say("U0ADA", HOME, `${at(plane)} please check the house for us`);
    const offer = await plane.message(HOME, (message) =>
      buttonsOf(message).some(({ actionId }) => actionId === "cx.offer"),
    );
    await plane.slack.click("U0ADA", offer, "cx.offer");
    await plane.slack.click("U0LI", offer, "cx.offer");
    await plane.message(HOME, isOpen);
    expect((await plane.plane().agent.runs({ limit: 5, offset: 0 })).total).toBe(1);
  });

  test("is answered in the language of who asks", async () => {
    const plane = await here();
    await plane.slack.say("U0LI", HOME, `${at(plane)} 在跑什么`);
    expect(await lastReply(plane)).toMatch(/\p{Script=Han}/u);
  });
});

describe("in the thread of a run", () => {
  test("questions and answers are plain words, without a mention", async () => {
    const plane = await here();
    const card = await asked(plane);
    await plane.slack.say("U0ADA", HOME, "where is it now?", { thread_ts: card.thread });
    expect(await lastReply(plane)).toContain("Thinking");
    await plane.slack.say("U0ADA", HOME, "why is it waiting?", { thread_ts: card.thread });
    await plane.until(() => (saidBy(plane).length > 1 ? true : undefined));
    expect(await lastReply(plane)).toContain("waits for a person");
    await plane.slack.say("U0ADA", HOME, "recommended", { thread_ts: card.thread });
    await plane.message(HOME, (message) => cardIn(message)?.kind === "result");
  });

  test("what people say to each other is left alone, but nobody may believe to have answered", async () => {
    const plane = await here();
    const card = await asked(plane);
    await plane.slack.say("U0ADA", HOME, "what do you all think of this?", { thread_ts: card.thread });
    const told = await plane.message(HOME, ({ onlyFor }) => onlyFor === "U0ADA");
    expect(textOf(told.blocks)).toContain("nothing was decided");
    await plane.slack.say("U0ADA", HOME, "recommended", { thread_ts: card.thread });
    await plane.message(HOME, (message) => cardIn(message)?.kind === "result");
    // The last thing that the run itself says here.
    await plane.message(HOME, ({ file }) => file !== undefined);
    const inHome = () => plane.slack.messages.filter(({ channel }) => channel === HOME);
    const before = inHome().length;
    await plane.slack.say("U0ADA", HOME, "well done everybody", { thread_ts: card.thread });
    await plane.connection().idle();
    expect(inHome()).toHaveLength(before);
  });

  test("cancel stops it", async () => {
    const plane = await here();
    const card = await asked(plane);
    await plane.slack.say("U0ADA", HOME, "cancel", { thread_ts: card.thread });
    const result = await plane.message(HOME, (message) => cardIn(message)?.kind === "result");
    expect(textOf(result.blocks)).toContain("Canceled by Ada");
  });

  test("edits, joins and what bots say are no words to us", async () => {
    const plane = await here();
    const card = await asked(plane);
    const before = plane.slack.messages.length;
    for (const more of [{ subtype: "message_changed" }, { subtype: "channel_join" }, { bot_id: "B0OTHER" }]) {
      await plane.slack.say("U0ADA", HOME, "cancel", { thread_ts: card.thread, ...more });
    }
    await plane.connection().idle();
    expect(plane.slack.messages).toHaveLength(before);
    expect((await plane.plane().agent.run(cardIn(card)?.runId ?? ""))?.summary.status).toBe("waiting");
  });

  test("it is known after a restart", async () => {
    const plane = await here();
    const card = await asked(plane);
    await plane.restart();
    await plane.slack.say("U0ADA", HOME, "recommended", { thread_ts: card.thread });
    const result = await plane.message(HOME, (message) => cardIn(message)?.kind === "result");
    expect(result.thread).toBe(card.thread);
  });
});

describe("/cox", () => {
  test("answers to who typed it, alone", async () => {
    const plane = await here();
    const { ack } = await plane.slack.command("U0ADA", HOME, "queue");
    expect(ack?.payload).toMatchObject({ response_type: "ephemeral" });
    expect(String(ack?.payload["text"])).toContain("Running");
  });

  test("a plain sentence is offered with a button; the run then has a thread of its own", async () => {
    const plane = await here();
    const { ack } = await plane.slack.command("U0ADA", HOME, "please check the house for us");
    const blocks = z.array(z.record(z.string(), z.unknown())).parse(ack?.payload["blocks"]);
    expect(buttonsOf({ blocks }).map(({ actionId }) => actionId)).toEqual(["cx.offer"]);
    const shown: FakeMessage = {
      channel: HOME,
      ts: "9.9",
      thread: undefined,
      text: "",
      blocks,
      key: undefined,
      edits: 0,
      onlyFor: "U0ADA",
    };
    await plane.slack.click("U0ADA", shown, "cx.offer");
    expect((await plane.message(HOME, isOpen)).thread).not.toBe("9.9");
  });

  test("where the bot is not in the channel it says so, and starts nothing", async () => {
    const plane = await here();
    const { ack } = await plane.slack.command("U0ADA", "C0OUT", "run please check the house");
    expect(String(ack?.payload["text"])).toContain("/invite");
    expect((await plane.plane().agent.runs({ limit: 1, offset: 0 })).total).toBe(0);
  });

  test("run without words opens a form that shows the arguments of the kind that is picked", async () => {
    const plane = await here();
    await plane.slack.command("U0ADA", HOME, "run");
    const form = await plane.until(() => plane.slack.views[0]);
    const [macro] = FAKE_CATALOG.macros;
    const view = {
      id: form.id,
      hash: form.hash,
      ...form.view,
      state: { values: plane.slack.valuesOf(form, { goal: { value: "check the house" } }) },
    };
    await plane.slack.deliver("interactive", {
      type: "block_actions",
      user: { id: "U0ADA" },
      team: { id: plane.slack.bot.team },
      trigger_id: "t|U0ADA",
      container: { type: "view", view_id: form.id },
      view,
      actions: [
        {
          type: "static_select",
          action_id: "value",
          block_id: "macro",
          action_ts: "1",
          selected_option: { value: macro?.id },
        },
      ],
    });
    await plane.until(() => (textOf(form.view).includes("Areas") ? true : undefined));
    const picked = { selected_options: [{ value: "roof" }] };
    const { ack } = await plane.slack.submit(form, { "arg.areas": picked });
    expect(ack?.payload).toEqual({});
    await plane.message(HOME, isOpen);
    const [run] = (await plane.plane().agent.runs({ limit: 1, offset: 0 })).runs;
    const document = await plane.plane().agent.document(run?.runId ?? "");
    expect(document?.run.task).toMatchObject({
      goal: "check the house",
      macro: macro?.id,
      args: { areas: expect.anything() },
    });
  });
});

describe("shortcuts on a message", () => {
  test("“Run with Coxswain” makes a goal of it, in its thread", async () => {
    const plane = await here();
    const said: FakeMessage = {
      channel: HOME,
      ts: "1700000500.000100",
      thread: undefined,
      text: "please check &lt;the&gt; house",
      blocks: [],
      key: undefined,
      edits: 0,
    };
    await plane.slack.shortcut("U0ADA", said, "cx.run_message");
    const form = await plane.until(() => plane.slack.views[0]);
    expect(JSON.stringify(plane.slack.valuesOf(form))).toContain("please check <the> house");
    await plane.slack.submit(form);
    expect((await plane.message(HOME, isOpen)).thread).toBe(said.ts);
  });

  test("“Run status” says where the run of a thread is, and where there is none says so", async () => {
    const plane = await here();
    const card = await asked(plane);
    await plane.slack.shortcut("U0ADA", card, "cx.run_status");
    const form = await plane.until(() => plane.slack.views[0]);
    expect(textOf(form.view)).toContain("Thinking");
    await plane.slack.shortcut("U0ADA", { ...card, ts: "1.2", thread: undefined }, "cx.run_status");
    const told = await plane.message(HOME, ({ onlyFor }) => onlyFor === "U0ADA");
    expect(textOf(told.blocks)).toContain("No run is known");
  });
});

test("a card that somebody deleted holds up nothing", async () => {
  const plane = await here();
  const card = await asked(plane);
  plane.slack.messages.splice(plane.slack.messages.indexOf(card), 1);
  const runId = cardIn(card)?.runId ?? "";
  await plane.slack.say("U0ADA", HOME, "recommended", { thread_ts: card.thread });
  await plane.message(HOME, (message) => cardIn(message)?.kind === "result");
  await eventually(async () => {
    plane.plane().clock.advance(1200);
    expect((await plane.plane().agent.document(runId))?.outbox).toEqual([]);
  });
});

test("an answer from the form with another choice and an edited value is what the run does", async () => {
  const plane = await here();
  const card = await asked(plane);
  await plane.slack.click("U0ADA", card, "cx.answer");
  const form = await plane.until(() => plane.slack.views[0]);
  const scope = Object.entries(plane.slack.valuesOf(form)).find(([id]) => id === "q.scope");
  expect(scope).toBeDefined();
  const { ack } = await plane.slack.submit(form, {
    "q.scope": { selected_option: { value: "own_selection" } },
    "arg.areas": { selected_options: [{ value: "cellar" }] },
  });
  expect(ack?.payload).toEqual({});
  await plane.message(HOME, (message) => cardIn(message)?.kind === "result");
  expect(plane.plane().runtime.orders.map(({ brief }) => brief.laneId)).toEqual(["cellar"]);
});
