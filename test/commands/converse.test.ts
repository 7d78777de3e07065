import { beforeEach, describe, expect, test } from "vitest";
import type { Command } from "../../src/contracts/command.ts";
import { parseChat } from "../../src/commands/chat.ts";
import { converse, startOffered, type ChatContext, type ChatReply } from "../../src/commands/converse.ts";
import type { QueueView } from "../../src/contracts/view.ts";
import { translatorFor } from "../../src/i18n.ts";
import { createFakeSession, EMPTY_QUEUE, type FakeSession } from "../fakes/fake-session.ts";
import { DECISION_ID, RUN_ID, viewAt, waitingView } from "../fakes/run-views.ts";

const ADA = { surface: "web", user: "ada", displayName: "Ada" };
const HOME = { surface: "web", channel: "work", role: "home" } as const;
const AT = Date.UTC(2026, 4, 1, 9, 30);

let session: FakeSession;
let queue: QueueView;
beforeEach(() => {
  session = createFakeSession();
  queue = EMPTY_QUEUE;
});

function contextOf(typed: string): ChatContext {
  return {
    said: typed,
    door: session.door,
    query: { ...session.query, queue: async () => queue },
    by: ADA,
    commandId: "web:message-1",
    surface: "web",
    channel: "work",
    bindings: [HOME],
    workspace: "/srv/repository",
    language: "en",
  };
}

function say(typed: string, change: Partial<ChatContext> = {}): Promise<ChatReply> {
  const context = { ...contextOf(typed), ...change };
  return converse(parseChat(typed, { inThread: context.runId !== undefined }), context);
}

async function textOf(reply: Promise<ChatReply>): Promise<string> {
  return (await reply).text;
}

/** What was asked of the door, beside being told what was said. */
function asked(): Command[] {
  return session.commands.filter((command) => command.kind !== "run.message");
}

const thread = { runId: RUN_ID };
const inChinese = { language: "zh-CN" };

describe("a start", () => {
  test("in a channel without a folder asks for one, and takes the one that is named", async () => {
    expect(await textOf(say("/cox run check the house", { workspace: undefined }))).toContain("--workspace");
    expect(asked()).toEqual([]);
    await say("/cox run check the house --workspace /srv/other", { workspace: undefined });
    expect(asked()).toMatchObject([{ kind: "run.start", task: { workspace: "/srv/other" } }]);
  });

  test("goes through the door with the channel's place and folder, as the person", async () => {
    const reply = await say("/cox run check the house --macro house-check --arg days=7 --priority 2");
    expect(reply).toEqual({ kind: "started", runId: RUN_ID, text: `Run ${RUN_ID} has started.` });
    expect(asked()).toMatchObject([
      {
        kind: "run.start",
        id: "web:message-1",
        by: ADA,
        task: {
          goal: "check the house",
          macro: "house-check",
          args: { days: "7" },
          priority: 2,
          workspace: "/srv/repository",
          requestedBy: ADA,
          bindings: [HOME],
          environmentLanguage: "en",
        },
      },
    ]);
  });

  test("that was delivered twice says which run it is", async () => {
    session.reply(() => ({ kind: "already", runId: RUN_ID, message: "it is the same run" }));
    expect(await say("/cox run again")).toEqual({ kind: "started", runId: RUN_ID, text: "it is the same run" });
  });

  test("that the door refuses starts nothing and says why", async () => {
    session.reply(() => ({ kind: "refused", code: "auth.not_allowed", message: "you may not" }));
    expect(await say("/cox run go")).toEqual({ kind: "text", text: "you may not" });
  });

  test.each([
    [`/cox run ${"x".repeat(4001)}`, "4001"],
    [`/cox run go --arg a=${"x".repeat(1001)}`, "1001"],
    ["/cox run go --workspace ../elsewhere", "../elsewhere"],
    ["/cox run", "Say what is to be done"],
    ['/cox run "open', "quotation mark"],
  ])("that cannot be right is refused with what came (%#)", async (typed, said) => {
    expect(await textOf(say(typed))).toContain(said);
    expect(asked()).toEqual([]);
  });

  test("of a query names the text and keeps the sentence as goal", async () => {
    await say("“TODO”在仓库哪里？", inChinese);
    expect(asked()).toMatchObject([
      { kind: "run.start", task: { goal: "“TODO”在仓库哪里？", macro: "find-text", args: { text: "TODO" } } },
    ]);
  });
});

describe("where is it now", () => {
  test("is answered from the run's own notice", async () => {
    session.show(viewAt("fetch", "active"));
    expect(await textOf(say("where is it now?", thread))).toBe("check the health of this repository\nNow: Fetch");
    expect(await textOf(say(`/cox status ${RUN_ID}`))).toContain("Fetch");
  });

  test("of a run that is not there, or not named, says so", async () => {
    expect(await textOf(say("/cox status run_nobodyknows"))).toContain("run_nobodyknows");
    expect(await textOf(say("/cox cancel"))).toContain("Say which run is meant");
  });

  test("of a run that was put aside says where it is, in the person's language", async () => {
    session.setAside({ name: "run_damaged000", folder: "/state/quarantine/it-1", reason: "" });
    const said = await textOf(say("/cox status run_damaged000", inChinese));
    expect(said).toContain("已损坏，因此被移到 /state/quarantine/it-1。原因没有保存下来。其他运行");
  });

  test("outside of a thread lists the newest runs", async () => {
    expect(await textOf(say("/cox status"))).toBe("There are no runs yet.");
    session.show(viewAt("fetch", "active"));
    expect(await textOf(say("/cox status"))).toBe(
      `${RUN_ID}: active, Fetch. check the health of this repository (in repository)`,
    );
    expect(await textOf(say("/cox status", inChinese))).toContain("Fetch");
  });
});

describe("why is it waiting", () => {
  const entry = (position: number, runId: string, heldBy: QueueView["waiting"][number]["heldBy"] = []) => ({
    position,
    dispatchId: `dsp_aaaaaaaa_${position}`,
    runId,
    flow: "web:ada",
    tenant: "web:ada",
    macroId: null,
    queuedAt: AT,
    notBefore: null,
    heldBy,
    paused: [],
    ahead: { own: { count: 0, runs: [] }, others: { count: 0, runs: [] } },
    start: { kind: "no_history" } as const,
  });

  test.each(["en", "zh-CN"])("names the open question, since when, and who can answer (%s)", async (language) => {
    session.show({ ...waitingView(), askedAt: AT });
    const text = await textOf(say("why is it waiting?", { ...thread, language }));
    expect(text).toContain("Before the work begins");
    expect(text).toContain("alice");
    expect(text).toContain(translatorFor(language).dateTime(AT));
  });

  test("names the place in the queue, who is ahead, and the limit that is reached", async () => {
    session.show(viewAt("execution", "active"));
    queue = {
      ...queue,
      waiting: [
        entry(1, "run_firstfirst"),
        entry(2, "run_secondone"),
        {
          ...entry(3, RUN_ID, [
            { limit: "slots", value: 2 },
            { limit: "tenant:web:ada", value: 4 },
          ]),
          ahead: { own: { count: 1, runs: ["run_firstfirst"] }, others: { count: 7, runs: ["run_secondone"] } },
          start: { kind: "estimated", at: AT, inMs: 180_000 },
        },
      ],
      waitingTotal: 3,
    };
    const text = await textOf(say("why is it waiting?", thread));
    expect(text.split("\n")).toEqual([
      "It waits for its turn: place 3 in the queue.",
      "All 2 places for work are taken.",
      "The share of web:ada has reached its limit of 4 at once.",
      "One run that also counts for web:ada goes first, by time of arrival: run_firstfirst.",
      "7 runs that count for others go first, by time of arrival: run_secondone, ….",
      `It should start at about ${translatorFor("en").dateTime(AT)}, judged by what the work ahead of it took before.`,
    ]);
    expect(await textOf(say("为什么还在等", { ...thread, ...inChinese }))).toContain("排在第 3 位");
  });

  test("says when the next attempt begins", async () => {
    session.show(viewAt("execution", "active"));
    queue = { ...queue, waiting: [{ ...entry(1, RUN_ID), notBefore: AT }], waitingTotal: 1 };
    expect(await textOf(say("why is it waiting?", thread))).toContain(translatorFor("en").dateTime(AT));
  });

  test("says who works, and since when, where nothing waits", async () => {
    const view = viewAt("execution", "active");
    const worker = {
      laneId: "tests",
      name: "Tests (test)",
      state: "running",
      stateLabel: "running",
      detail: "",
    } as const;
    session.show({
      ...view,
      notice: { ...view.notice, workers: [worker] },
      working: [
        { laneId: "tests", since: AT },
        { laneId: null, since: AT },
      ],
    });
    const since = translatorFor("en").dateTime(AT);
    expect((await textOf(say("why is it waiting?", thread))).split("\n")).toEqual([
      `It is not waiting: Tests (test) has been working since ${since}.`,
      `It is not waiting: Coxswain itself has been working on Execution since ${since}.`,
    ]);
  });

  test.each([
    ["completed", "completed"],
    ["dead_letter", "operator"],
    ["active", "Nobody works on it"],
  ] as const)("of a run that is %s says that", async (status, said) => {
    session.show(viewAt("evolution", status));
    expect(await textOf(say(`why is ${RUN_ID} waiting?`))).toContain(said);
  });
});

describe("an answer by text", () => {
  test.each(["1A 2B", "1a, 2b", "１Ａ　２Ｂ"])("%j is held against the card and decided by the door", async (typed) => {
    session.show(waitingView());
    expect(await textOf(say(typed, thread))).toBe("Your answer is in; the run goes on.");
    expect(asked()).toEqual([
      {
        kind: "decision.answer",
        id: "web:message-1",
        by: ADA,
        runId: RUN_ID,
        decisionId: DECISION_ID,
        answers: { scope: "full", style: "sequential" },
        args: {},
      },
    ]);
  });

  test.each(["recommended", "按推荐"])("%j takes every recommendation", async (typed) => {
    session.show(waitingView());
    await say(typed, thread);
    expect(asked()).toMatchObject([{ answers: "recommended" }]);
  });

  test.each([
    ["A", "en", "number"],
    ["1A", "en", "2"],
    ["1Z 2A", "en", "Z"],
    ["1A 1B 2A", "en", "1"],
    ["yes", "en", "nothing was decided"],
    ["1A 或者 2B", "zh-CN", "什么都没有决定"],
    ["好的", "zh-CN", "1A 2A"],
    ["A", "zh-CN", "哪个问题"],
  ])("%j is refused with a reason (%s)", async (typed, language, said) => {
    session.show(waitingView());
    expect(await textOf(say(typed, { ...thread, language }))).toContain(said);
    expect(asked()).toEqual([]);
  });

  test("to a decided card says by whom, in the door's words", async () => {
    session.show(waitingView({ resolved: { line: "decided", at: AT } }));
    session.reply(() => ({ kind: "already", runId: RUN_ID, message: "Already decided by Olga at 9:30." }));
    expect(await textOf(say("1A 2B", thread))).toBe("Already decided by Olga at 9:30.");
  });

  test("where nothing is asked says so", async () => {
    session.show(viewAt("fetch", "active"));
    expect(await textOf(say("1A", thread))).toBe("Nothing waits for an answer here.");
  });
});

describe("operators", () => {
  test.each([
    ["/cox cancel", { kind: "run.cancel" }],
    ["取消", { kind: "run.cancel" }],
    ["/cox dead-letters retry", { kind: "dead_letter.retry" }],
    ["/cox dead-letters discard because it is old", { kind: "dead_letter.discard", reason: "because it is old" }],
    ["/cox language zh", { kind: "language.set", language: "zh-CN" }],
  ])("%s becomes one command about the thread's run", async (typed, command) => {
    await say(typed, thread);
    expect(asked()).toMatchObject([{ ...command, id: "web:message-1", by: ADA, runId: RUN_ID }]);
  });

  test("a discard without a reason and a language that is not here change nothing", async () => {
    expect(await textOf(say("/cox dead-letters discard", thread))).toContain("Say why");
    expect(await textOf(say("/cox language fr", thread))).toContain("zh-CN");
    expect(await textOf(say("/cox language zh-CN"))).toContain("thread");
    expect(await textOf(say("/cox language", thread))).toContain("en, zh-CN");
    expect(asked()).toEqual([]);
  });

  test("see dead letters, the queue, and what is running", async () => {
    expect(await textOf(say("/cox dead-letters"))).toBe("No run has failed for good.");
    session.show(viewAt("execution", "dead_letter"));
    expect(await textOf(say("/cox dead-letters"))).toContain(RUN_ID);
    expect(await textOf(say("what is running?"))).toBe("Nothing is running.");
    session.show(viewAt("execution", "active"));
    expect(await textOf(say("现在在跑什么", inChinese))).toContain("Execution");
    expect(await textOf(say("/cox dead-letters inspect", thread))).toContain("has not failed for good");
    expect(await textOf(say("/cox queue"))).toBe("Running: 0. Waiting: 0.");
  });
});

describe("a plain sentence outside of a thread", () => {
  test.each(["en", "zh-CN"])("is offered as a run, and starts none (%s)", async (language) => {
    const words = translatorFor(language);
    const goal = "check the health\nof this repository";
    expect(await say(goal, { language })).toEqual({
      kind: "offer",
      goal,
      text: words.t("chat.offer"),
      label: words.t("chat.offer.start", { goal: "check the health of this repository" }),
    });
    expect(session.commands).toEqual([]);
  });

  test("has a button short enough for every platform, without control characters", async () => {
    const reply = await say(`${"x".repeat(3000)} \u001b[31mdance\u202e`);
    expect(reply).toMatchObject({ kind: "offer", label: expect.stringMatching(/^Start a run: x+…$/u) });
    expect(reply.kind === "offer" && reply.label.length).toBeLessThanOrEqual(75);
  });

  test("that is too long for a goal is refused with the numbers", async () => {
    expect(await textOf(say("x".repeat(4001)))).toContain("4001");
  });

  test("is started by its button as /cox run would start it", async () => {
    const context = { ...contextOf("go on"), commandId: "web:offer-1" };
    expect(await converse(startOffered("check --all of it"), context)).toMatchObject({ kind: "started" });
    expect(asked()).toMatchObject([{ kind: "run.start", id: "web:offer-1", task: { goal: "check --all of it" } }]);
  });
});

test("what is not understood is answered politely, without control characters, and does nothing", async () => {
  const text = await textOf(say("/cox please \u001b[31mdance\u202e", thread));
  expect(text).toContain("I do not guess");
  expect(text).not.toContain("\u001b");
  expect(text).not.toContain("\u202e");
  expect(asked()).toEqual([]);
});

test.each(["en", "zh-CN"])("the help lists every command, one a line (%s)", async (language) => {
  const lines = (await textOf(say("/cox help", { language }))).split("\n");
  for (const command of ["run", "status", "queue", "cancel", "dead-letters", "language", "help"]) {
    expect(lines.some((line) => line.startsWith(`/cox ${command}`))).toBe(true);
  }
});

test("plain words in a thread are told to the run, so that it can follow the language; commands are not", async () => {
  await say("where is it now?", thread);
  expect(session.commands).toMatchObject([{ kind: "run.message", runId: RUN_ID, text: "where is it now?" }]);
  await say("/cox status", thread);
  expect(session.commands).toHaveLength(1);
});
