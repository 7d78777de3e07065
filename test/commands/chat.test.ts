import { describe, expect, test } from "vitest";
import { parseChat, type ChatRequest } from "../../src/commands/chat.ts";

const RUN = "run_4k2m9x7q1b";
const inChannel = (text: string): ChatRequest => parseChat(text, { inThread: false });
const inThread = (text: string): ChatRequest => parseChat(text, { inThread: true });

describe("commands are read alike on every platform", () => {
  test.each<[string, ChatRequest]>([
    ["/cox run check the health", { kind: "run", goal: "check the health", args: {} }],
    ["cox run check the health", { kind: "run", goal: "check the health", args: {} }],
    ["@coxswain run check the health", { kind: "run", goal: "check the health", args: {} }],
    ["  @Coxswain, run  check the health  ", { kind: "run", goal: "check the health", args: {} }],
    ["/cox run 检查仓库的健康状况", { kind: "run", goal: "检查仓库的健康状况", args: {} }],
    ['/cox run "check the health"', { kind: "run", goal: "check the health", args: {} }],
    ["/cox run “check the health”", { kind: "run", goal: "check the health", args: {} }],
    ["/cox run it's what we can't see", { kind: "run", goal: "it's what we can't see", args: {} }],
    ['/cox run where is "TODO"?', { kind: "run", goal: 'where is "TODO"?', args: {} }],
    ["/cox run first line\n- second\n- third", { kind: "run", goal: "first line\n- second\n- third", args: {} }],
    ["/cox run a -- b", { kind: "run", goal: "a -- b", args: {} }],
    [
      "/cox run check --macro repository-health --arg history_days=90 --arg note='two words' --priority -1",
      {
        kind: "run",
        goal: "check",
        macro: "repository-health",
        args: { history_days: "90", note: "two words" },
        priority: -1,
      },
    ],
    ["/cox run —macro=x “a goal”", { kind: "run", goal: "a goal", macro: "x", args: {} }],
    ['/cox run --workspace "/srv/my repo" go', { kind: "run", goal: "go", workspace: "/srv/my repo", args: {} }],
    ["/cox run --workspace C:\\code\\app go", { kind: "run", goal: "go", workspace: "C:\\code\\app", args: {} }],
    ["/cox run --arg empty= go", { kind: "run", goal: "go", args: { empty: "" } }],
    ["/cox status", { kind: "status" }],
    [`/cox status ${RUN}`, { kind: "status", runId: RUN }],
    ["/COX QUEUE", { kind: "queue" }],
    [
      "/cox queue pause --tenant web:ada",
      { kind: "queue_act", act: { kind: "queue.pause", target: { kind: "tenant", name: "web:ada" } } },
    ],
    [
      "/cox queue resume tenant=team",
      { kind: "queue_act", act: { kind: "queue.resume", target: { kind: "tenant", name: "team" } } },
    ],
    [
      "/cox queue raise —macro release-check",
      { kind: "queue_act", act: { kind: "queue.raise", target: { kind: "macro", name: "release-check" } } },
    ],
    [
      "/cox queue lower macro release-check",
      { kind: "queue_act", act: { kind: "queue.lower", target: { kind: "macro", name: "release-check" } } },
    ],
    [
      "/cox queue weight --tenant web:ada 0.5",
      { kind: "queue_act", act: { kind: "queue.weigh", tenant: "web:ada", weight: 0.5 } },
    ],
    [
      "/cox queue weight default --tenant web:ada",
      { kind: "queue_act", act: { kind: "queue.weigh", tenant: "web:ada", weight: null } },
    ],
    ["/cox drain", { kind: "queue_act", act: { kind: "queue.drain" } }],
    ["/cox drain --undo", { kind: "queue_act", act: { kind: "queue.undrain" } }],
    ["/cox queue undrain", { kind: "queue_act", act: { kind: "queue.undrain" } }],
    ["/cox run go --deadline 2h", { kind: "run", goal: "go", args: {}, deadline: { withinMs: 7_200_000 } }],
    [
      "/cox run go --deadline=2026-05-01T17:00+02:00",
      { kind: "run", goal: "go", args: {}, deadline: { deadline: Date.UTC(2026, 4, 1, 15) } },
    ],
    [`cox cancel ${RUN}`, { kind: "cancel", runId: RUN }],
    ["/cox dead-letters", { kind: "dead_letters", action: "list" }],
    ["/cox dead-letters list", { kind: "dead_letters", action: "list" }],
    [`/cox dead-letters inspect ${RUN}`, { kind: "dead_letters", action: "inspect", runId: RUN }],
    ["/cox dead-letters retry", { kind: "dead_letters", action: "retry" }],
    [
      `/cox dead-letters retry ${RUN} --arg days=7 --arg "where=the roof"`,
      { kind: "dead_letters", action: "retry", runId: RUN, args: { days: "7", where: "the roof" } },
    ],
    ["/cox dead-letters retry --macro house-check", { kind: "dead_letters", action: "retry", macro: "house-check" }],
    ["/cox dead-letters retry —code=worker.exit", { kind: "dead_letters", action: "retry", code: "worker.exit" }],
    [
      `/cox dead-letters discard ${RUN} --reason "not needed"`,
      { kind: "dead_letters", action: "discard", runId: RUN, reason: "not needed" },
    ],
    [
      `/cox dead-letters discard ${RUN} 不再需要`,
      { kind: "dead_letters", action: "discard", runId: RUN, reason: "不再需要" },
    ],
    ["/cox language zh-CN", { kind: "language", tag: "zh-CN" }],
    ["/cox help", { kind: "help" }],
    ["/cox", { kind: "help" }],
    ["@coxswain", { kind: "help" }],
  ])("%j", (typed, request) => {
    expect(inChannel(typed)).toEqual(request);
  });
});

describe("what is wrong with a command is refused with a reason, and nothing is guessed", () => {
  test.each([
    ["/cox run", "chat.no_goal"],
    ["/cox run --macro x", "chat.no_goal"],
    ['/cox run "open', "chat.open_quote"],
    ["/cox run go --force", "chat.unknown_option"],
    ["/cox run go --macro", "chat.no_value"],
    ["/cox run go --macro a --macro b", "chat.twice"],
    ["/cox run go --arg a=1 --arg a=2", "chat.twice"],
    ["/cox run go --macro ../x", "chat.bad_macro"],
    ["/cox run go --arg days", "chat.bad_argument"],
    ["/cox run go --arg __proto__=1", "chat.bad_argument"],
    ["/cox run go --priority 3", "chat.bad_priority"],
    ["/cox run go --priority high", "chat.bad_priority"],
    ["/cox status 42", "chat.bad_run_id"],
    ["/cox cancel run_x", "chat.bad_run_id"],
    ["/cox cancel everything", "chat.bad_run_id"],
    ["/cox queue now", "chat.bad_queue"],
    ["/cox queue pause", "chat.no_target"],
    ["/cox queue pause --macro ../x", "chat.no_target"],
    ["/cox queue pause --tenant a b", "chat.too_much"],
    ["/cox queue weight --tenant a", "chat.bad_weight"],
    ["/cox queue weight --tenant a -1", "chat.bad_weight"],
    ["/cox queue weight --macro a 2", "chat.no_target"],
    ["/cox drain now", "chat.too_much"],
    ["/cox run go --deadline tomorrow", "chat.bad_deadline"],
    ["/cox run go --deadline 2026-05-01T17:00", "chat.bad_deadline"],
    ["/cox dead-letters burn", "chat.bad_action"],
    ["/cox dead-letters retry everything", "chat.bad_run_id"],
    [`/cox dead-letters retry ${RUN} --macro house-check`, "chat.retry_which"],
    ["/cox dead-letters retry --code", "chat.no_value"],
    ["/cox dead-letters retry --all", "chat.no_value"],
    ["/cox dead-letters retry --all yes", "chat.unknown_option"],
    ["/cox language", "chat.bad_language"],
    ["/cox pause x", "chat.no_command"],
    ["/cox language in English please", "chat.bad_language"],
  ])("%j is %s", (typed, code) => {
    expect(inChannel(typed)).toMatchObject({ kind: "refused", code });
  });
});

test.each([
  ["/cox pause x", "queue pause"],
  ["/cox stauts", "status"],
  ["/cox deadletters", "dead-letters"],
])("%j is answered with the nearest command, %s", (typed, nearest) => {
  expect(inChannel(typed)).toMatchObject({ message: { params: { nearest } } });
});

test("a word that is like no command may be a goal, and without a slash so may every word", () => {
  expect(inChannel("/cox frobnicate it")).toEqual({ kind: "goal", goal: "frobnicate it" });
  expect(inChannel("@coxswain pause the builds")).toEqual({ kind: "goal", goal: "pause the builds" });
});

describe("plain words in a thread", () => {
  test.each<[ChatRequest["kind"], string[]]>([
    [
      "where",
      [
        "where is it now?",
        "Where is it now",
        "status?",
        "How far is it?",
        "what's the status",
        "进行到哪了",
        "现在到哪一步了？",
        "进度",
        "跑到哪了",
        "@coxswain where is it now?",
      ],
    ],
    [
      "why",
      ["why is it waiting?", "Why is it still waiting?", "what is it waiting for?", "为什么还在等", "在等什么？"],
    ],
    ["cancel", ["cancel", "Stop!", "stop it", "please cancel", "取消", "停止。", "@coxswain cancel it"]],
    ["running", ["what is running?", "What's running now?", "现在在跑什么", "现在在跑什么？"]],
    ["help", ["help", "帮助"]],
    ["answer", ["1A 2C 3B", "1a,2c,3b", "１Ａ　２Ｃ", "B", "recommended", "Recommended!", "按推荐", "全部推荐", "A B"]],
  ])("mean %s", (kind, sentences) => {
    for (const sentence of sentences) expect({ sentence, kind: inThread(sentence).kind }).toEqual({ sentence, kind });
  });

  test.each([
    "stop the tests from failing",
    "cancel the subscription of user 7",
    "where is it documented",
    "why",
    "yes",
    "ok",
    "好的",
    "the first one",
    "1A or 2B",
    "1AB",
    "不要取消",
    "别停",
    "is it waiting?",
    "",
    "   ",
  ])("%j is not guessed", (sentence) => {
    expect(inThread(sentence)).toEqual({ kind: "unknown", text: sentence });
  });

  test("about “it” are no goal outside a thread either", () => {
    for (const sentence of [
      "cancel",
      "where is it now?",
      "为什么还在等",
      "1A 2B",
      "recommended",
      "取消",
      "hello",
      "what is running?",
    ]) {
      expect(inChannel(sentence)).toEqual(inThread(sentence));
      expect(inChannel(sentence).kind).not.toBe("goal");
    }
  });

  test.each([
    `why is ${RUN} waiting?`,
    `Why is run ${RUN} still waiting?`,
    `为什么 ${RUN} 还在等`,
    `为什么运行 ${RUN} 还在等？`,
  ])("%s asks about that run, anywhere", (sentence) => {
    expect(inChannel(sentence)).toEqual({ kind: "why", runId: RUN });
  });
});

describe("any other sentence outside of a thread may be a goal", () => {
  test.each([
    ["check the health of this repository", "check the health of this repository"],
    ["  检查仓库健康状况 \n", "检查仓库健康状况"],
    ["is this ready to release?", "is this ready to release?"],
    ["@coxswain check the health", "check the health"],
    ["/cox check the health", "check the health"],
  ])("%j", (sentence, goal) => {
    expect(inChannel(sentence)).toEqual({ kind: "goal", goal });
    expect(inThread(sentence).kind).toBe("unknown");
  });

  test.each(["", "  ", "???", "👍", "/cox …"])("%j says nothing", (sentence) => {
    expect(inChannel(sentence).kind).toBe("unknown");
  });
});

describe("where a text stands in the repository", () => {
  test.each([
    ["where is TODO in the repository", "TODO"],
    ["Where is TODO in the repository?", "TODO"],
    ["where's “health check” in this repo?", "health check"],
    ['where does "run status" appear in the code base?', "run status"],
    ["where is retry.baseMs used in our project", "retry.baseMs"],
    ['find "a  b" in the repository', "a  b"],
    ["search for `x = 1` in the workspace", "x = 1"],
    ["TODO 在仓库哪里", "TODO"],
    ["“TODO”在仓库的哪里？", "TODO"],
    ["请问「健康检查」在这个仓库里的什么地方？", "健康检查"],
    ["仓库里哪里有 TODO", "TODO"],
    ["在仓库里查找“TODO”", "TODO"],
  ])("%j looks up %j", (sentence, text) => {
    expect(inChannel(sentence)).toEqual({ kind: "find_text", text, goal: sentence });
  });

  test.each([
    "find the bug in the repository",
    "where is TODO in the repository and fix it",
    "where is the station",
    "在仓库里找到并修复漏洞",
    `where is ${"x".repeat(500)} in the repository`,
    'where is "" in the repository'.replace('""', "  "),
  ])("%j asks for something else", (sentence) => {
    expect(inChannel(sentence).kind).toBe("goal");
  });
});

// Whatever reads it in more than one pass over each of its characters is not through before the test's own time is over.
test("a message of half a megabyte is read", () => {
  const long = `${"why is it waiting ".repeat(30_000)}在仓库哪里`;
  expect(inThread(long).kind).toBe("unknown");
  expect(inChannel(`/cox run ${long}`).kind).toBe("run");
});
