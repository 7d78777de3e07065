import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Answer } from "../../../adapters/discord/answer.ts";
import { createApi } from "../../../adapters/discord/api.ts";
import { createBoard, type Board } from "../../../adapters/discord/board.ts";
import { createChannels } from "../../../adapters/discord/channels.ts";
import { createRest } from "../../../adapters/discord/client.ts";
import { LIMITS } from "../../../adapters/discord/limits.ts";
import { openPoster, type Poster } from "../../../adapters/discord/poster.ts";
import { refresh } from "../../../adapters/discord/refresh.ts";
import { createStepPace } from "../../../adapters/discord/step-pace.ts";
import { createDiscordSurface } from "../../../adapters/discord/surface.ts";
import { openThreads, type Threads } from "../../../adapters/discord/threads.ts";
import { cardOf } from "../../../src/cards/cards-of.ts";
import type { Card, DecisionCard, NoticeCard } from "../../../src/contracts/card.ts";
import { BusyError } from "../../../src/errors.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { createLog } from "../../../src/log.ts";
import type { Query, Surface } from "../../../src/ports.ts";
import { aDiscord, type FakeDiscord } from "../../fakes/discord/discord.ts";
import { controlsOf, textOf } from "../../fakes/discord/people.ts";
import type { StoredMessage } from "../../fakes/discord/world.ts";
import { createFakeClock, type FakeClock } from "../../fakes/fake-clock.ts";
import { viewAt } from "../../fakes/run-views.ts";
import { RUNS } from "../../fixtures/runs.ts";

let discord: FakeDiscord;
let clock: FakeClock;
let folder: string;
let surface: Surface;
let channel: string;
let threads: Threads;
let poster: Poster;
let board: Board;
let isReadable = true;

beforeEach(async () => {
  discord = await aDiscord();
  isReadable = true;
  clock = createFakeClock();
  folder = await mkdtemp(join(tmpdir(), "coxswain-discord-"));
  [channel = ""] = discord.world.channels;
  surface = await aSurface();
});
afterEach(async () => {
  expect(discord.state.violations).toEqual([]);
  await discord.stop();
  await Promise.all([threads.flush(), poster.flush()]);
  await rm(folder, { recursive: true, force: true });
});

/** As a new process would have it: it knows only what is on disk. */
async function aSurface(operators: readonly string[] = []): Promise<Surface> {
  const log = createLog("silent");
  const rest = createRest(discord.api, "a-token", 1000);
  const api = createApi(rest, { taken: () => undefined, refused: () => undefined });
  threads = await openThreads(join(folder, "threads.jsonl"), log);
  poster = await openPoster(join(folder, "posts.jsonl"), api, clock, log);
  board = createBoard();
  return createDiscordSurface({
    api,
    poster,
    channels: createChannels({ rest, botId: () => discord.world.bot.id, clock, log }),
    board,
    threads,
    clock,
    files: { readArtifact: async () => (isReadable ? Buffer.from("# The report") : undefined) },
    operatorChannels: new Set(operators),
    editGapMs: LIMITS.editGapMs,
    steps: createStepPace(clock),
  });
}

function notice(version: number, title = `step ${version}`): NoticeCard {
  const card = cardOf(RUNS.executing, "notice", translatorFor("en"));
  if (card?.kind !== "notice") throw new Error("fixture");
  return { ...card, version, title };
}

function question(version: number): DecisionCard {
  const card = cardOf(RUNS.waiting, "decision", translatorFor("en"));
  if (card?.kind !== "decision") throw new Error("fixture");
  return { ...card, version };
}

/** Too long for one message. */
function longQuestion(version: number, first = "first"): DecisionCard {
  const card = question(version);
  const questions = card.questions.map((one, at) => ({
    ...one,
    title: `${at === 0 ? first : ""} ${"long ".repeat(300)}`,
  }));
  return { ...card, questions };
}

/** Of so many runs at once. */
function noticeOf(run: number, version: number): NoticeCard {
  return { ...notice(version), runId: `run_${run}aaaaaaaa` };
}

const noAnswer = (): Promise<never> => Promise.reject(new Error("not meant here"));
const NO_ANSWER: Answer = {
  update: noAnswer,
  tell: noAnswer,
  replace: noAnswer,
  withdraw: noAnswer,
  defer: noAnswer,
  pass: noAnswer,
  form: noAnswer,
  choices: noAnswer,
};
const NO_QUERY: Query = {
  run: noAnswer,
  runs: noAnswer,
  document: noAnswer,
  queue: noAnswer,
  setAside: noAnswer,
  watch: () => () => undefined,
};

const put = (card: Card, at: { thread?: string; message?: string } = {}) =>
  surface.put({ key: `k/${card.kind}`, channel, thread: at.thread, message: at.message, card });

const threadMessages = (): StoredMessage[] => {
  const [thread] = discord.world.threads.keys();
  return discord.world.messagesIn(thread ?? "");
};
/** What somebody wrote, from which a run's thread is opened. */
const start = (): string => discord.world.messagesIn(channel)[0]?.id ?? "";
const edits = (): number =>
  discord.calls.filter(({ method, path }) => method === "PATCH" && path.includes("/messages/")).length;
const posts = (): number =>
  discord.calls.filter(({ method, path }) => method === "POST" && path.endsWith("/messages")).length;

/** As the core does: a surface that is busy is asked again later, with the newest card. */
async function deliverNewest(newest: () => NoticeCard, at: { thread: string; message: string }): Promise<void> {
  for (;;) {
    try {
      await put(newest(), at);
      return;
    } catch (error) {
      if (!(error instanceof BusyError)) throw error;
      clock.advance(error.retryAfterMs);
    }
  }
}

describe("cards in Discord", () => {
  test("the first card opens the run's thread, and an edit changes the same message", async () => {
    const at = await put(notice(1));
    clock.advance(5000);
    expect(await put(notice(2), at)).toEqual(at);
    expect(threadMessages()).toHaveLength(1);
    expect(textOf(threadMessages()[0] as StoredMessage)).toContain("step 2");
  });

  test("16 quick changes of one notice cost at most 3 edits, and the last one is shown", async () => {
    const at = await put(notice(1));
    let version = 1;
    const waiting = Promise.allSettled(
      Array.from({ length: 16 }, async () => {
        version += 1;
        await put(notice(version), at);
      }),
    );
    await waiting;
    await deliverNewest(() => notice(version), at);
    expect(edits()).toBeLessThanOrEqual(3);
    expect(textOf(threadMessages()[0] as StoredMessage)).toContain("step 17");
  });

  test("a notice that changes each second is written ever more seldom, and its last state at once", async () => {
    const at = await put(notice(1));
    for (let version = 2; version <= 500; version += 1) {
      clock.advance(1000);
      await put(notice(version), at).catch((error: unknown) => expect(error).toBeInstanceOf(BusyError));
      if (version === 17) expect(edits()).toBeLessThanOrEqual(3);
    }
    expect(edits()).toBeLessThanOrEqual(8);
    const ended = cardOf(RUNS.completed, "notice", translatorFor("en"));
    if (ended?.kind !== "notice") throw new Error("fixture");
    const before = edits();
    await put({ ...ended, version: 4000 }, at);
    expect(edits()).toBe(before + 1);
  });

  test("progress of many runs leaves room for what somebody waits for", async () => {
    const places = await Promise.all(
      Array.from({ length: 30 }, (_, run) =>
        surface.put({ key: `k/${run}`, channel, thread: undefined, message: undefined, card: noticeOf(run, 1) }),
      ),
    );
    clock.advance(10_000);
    const before = edits();
    const outcomes = await Promise.allSettled(
      places.map((at, run) => surface.put({ key: `k/${run}`, channel, ...at, card: noticeOf(run, 2) })),
    );
    expect(edits() - before).toBe(LIMITS.stepsPerSecond);
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(BusyError);
    const [first] = places;
    const decision = cardOf(RUNS.waiting, "decision", translatorFor("en"));
    if (decision === undefined) throw new Error("fixture");
    await put(decision, { thread: first?.thread ?? "" });
  });

  test("an older card never replaces a newer one: the newest is asked for", async () => {
    const at = await put(notice(5));
    clock.advance(5000);
    await expect(put(notice(3), at)).rejects.toMatchObject({ code: "discord.newer", retryAfterMs: 0 });
    expect(edits()).toBe(0);
    expect(textOf(threadMessages()[0] as StoredMessage)).toContain("step 5");
  });

  test("where a click has drawn one message of a card in a newer state, the others follow", async () => {
    const decision = (state: "waiting" | "executing", version: number): Card => {
      const card = cardOf(RUNS[state], "decision", translatorFor("en"));
      if (card?.kind !== "decision") throw new Error("fixture");
      return { ...card, version };
    };
    const at = await put(decision("waiting", 3));
    const [context, question] = threadMessages();
    const newest = decision("executing", 7);
    if (newest.kind !== "decision" || question === undefined) throw new Error("fixture");
    const view = viewAt("execution", "active", { decision: newest });
    const query = { ...NO_QUERY, run: async () => view };
    await refresh({ board, query, clock }, { ...NO_ANSWER, update: async () => true }, question.id);
    await expect(put(decision("executing", 5), at)).rejects.toBeInstanceOf(BusyError);
    await put(newest, at);
    expect(controlsOf(context as StoredMessage)).toEqual([]);
  });

  test("a card that shows the same is not written again", async () => {
    const at = await put(notice(1, "the same"));
    clock.advance(5000);
    await put(notice(2, "the same"), at);
    expect(edits()).toBe(0);
  });

  test("a post that Discord took and answered with an error is there once", async () => {
    discord.mishap({
      when: ({ method, path, body }) => method === "POST" && path.endsWith("/messages") && body["nonce"] !== undefined,
      reply: { status: 502, body: { message: "bad gateway" } },
      after: true,
      times: 2,
    });
    await put(notice(1));
    expect(threadMessages()).toHaveLength(1);
    expect(discord.world.messagesIn(channel)).toHaveLength(1);
  });

  test("a post that is repeated by the next process is there once", async () => {
    await put(notice(1));
    surface = await aSurface();
    const [thread = ""] = discord.world.threads.keys();
    await put(notice(1), { thread });
    expect(threadMessages()).toHaveLength(1);
  });

  test.each([
    ["the same process", false],
    ["the next process", true],
  ])("a post whose answer was lost is found again by %s, long after Discord knew its nonce", async (_, isNext) => {
    discord.mishap({
      when: ({ method, path }) => method === "POST" && path.endsWith("/messages") && !path.includes(channel),
      reply: { status: 502, body: { message: "bad gateway" } },
      after: true,
      times: 4,
    });
    await expect(put(notice(1))).rejects.toMatchObject({ retryable: true });
    expect(threadMessages()).toHaveLength(1);
    discord.world.forgetsNonces = true;
    clock.advance(600_000);
    const [thread = ""] = discord.world.threads.keys();
    await threads.flush();
    if (isNext) surface = await aSurface();
    await put(notice(2), { thread });
    expect(threadMessages()).toHaveLength(1);
    // It shows what was to be shown by the first try no more.
    expect(textOf(threadMessages()[0] as StoredMessage)).toContain("step 2");
  });

  test("a post that Discord refused is not looked for when it is tried again", async () => {
    discord.mishap({
      when: ({ method, path }) => method === "POST" && path.endsWith("/messages"),
      reply: { status: 400, body: { code: 20_016, message: "This action cannot be performed due to slowmode" } },
      times: 1,
    });
    await expect(put(notice(1))).rejects.toMatchObject({ retryable: true });
    clock.advance(600_000);
    await put(notice(1));
    expect(threadMessages()).toHaveLength(1);
    expect(discord.calls.filter(({ method }) => method === "GET")).toEqual([]);
  });

  test("what was posted of a card before a later part failed stands once, as it is now", async () => {
    const long = longQuestion(1);
    let seen = 0;
    discord.mishap({
      when: ({ method, path }) =>
        method === "POST" && path.endsWith("/messages") && !path.includes(channel) && (seen += 1) > 1,
      reply: { status: 503, body: { message: "down" } },
      times: 4,
    });
    await expect(put(long)).rejects.toMatchObject({ retryable: true });
    expect(threadMessages()).toHaveLength(1);
    discord.world.forgetsNonces = true;
    clock.advance(600_000);
    await put(longQuestion(2, "reworded"));
    const shown = threadMessages().map(textOf);
    expect(shown.length).toBeGreaterThan(1);
    expect(shown.filter((text) => text.includes("reworded"))).toHaveLength(1);
    expect(new Set(shown).size).toBe(shown.length);
  });

  test("a part of a card that goes and comes again is there again", async () => {
    const at = await put(longQuestion(1));
    const count = threadMessages().length;
    const shorter = await put(question(2), at);
    expect(threadMessages().length).toBeLessThan(count);
    await put(longQuestion(3), shorter);
    expect(threadMessages()).toHaveLength(count);
  });

  test("a card that grows in a thread that was deleted is shown in a new one", async () => {
    const at = await put(question(1));
    discord.world.removeThread(at.thread);
    const moved = await put(longQuestion(2), at);
    expect(moved.thread).toBe(at.thread);
    expect(threadMessages().length).toBeGreaterThan(1);
  });

  test("where Discord limits the rate, the core is asked to come back, and no stale edit is queued", async () => {
    const at = await put(notice(1));
    discord.mishap({
      when: ({ method, path }) => method === "PATCH" && path.includes("/messages/"),
      reply: {
        status: 429,
        body: { message: "You are being rate limited.", retry_after: 2, global: false },
        headers: {
          "retry-after": "2",
          "x-ratelimit-reset-after": "2",
          "x-ratelimit-bucket": "edits",
          "x-ratelimit-limit": "5",
          "x-ratelimit-remaining": "0",
        },
      },
      times: 1,
    });
    clock.advance(5000);
    const refused = await put(notice(2), at).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BusyError);
    expect(edits()).toBe(1);
  });

  test("many edits of an old message (30046) are put off, not repeated", async () => {
    const at = await put(notice(1));
    discord.mishap({
      when: ({ method }) => method === "PATCH",
      reply: {
        status: 400,
        body: { code: 30_046, message: "Maximum number of edits to messages older than 1 hour reached" },
      },
      times: 1,
    });
    clock.advance(5000);
    expect(await put(notice(2), at).catch((error: unknown) => error)).toBeInstanceOf(BusyError);
    await put(notice(3), at);
    expect(textOf(threadMessages()[0] as StoredMessage)).toContain("step 3");
  });

  test.each([
    ["somebody has opened it", () => discord.world.openThread({ id: start(), parent: channel, name: "our own" })],
    [
      "Discord's answer was lost",
      () =>
        discord.mishap({
          when: ({ path }) => path.endsWith("/threads"),
          reply: { status: 502, body: { message: "bad gateway" } },
          after: true,
          times: 1,
        }),
    ],
  ])("a thread that the start message has already is the run's thread: %s", async (_, before) => {
    const author = discord.world.person("ada");
    discord.world.addMessage({ channel, author, nonce: undefined, body: { content: "check it" }, files: [] });
    before();
    const at = await put(notice(1), { thread: start() });
    expect(at.thread).toBe(start());
    expect([...discord.world.threads.keys()]).toEqual([start()]);
    expect(threadMessages()).toHaveLength(1);
    expect(discord.world.messagesIn(channel)).toHaveLength(1);
  });

  test("a card that needs one message less takes its last one away, and what is gone by then is no trouble", async () => {
    const long = Array.from({ length: 40 }, (_, at) => ({ label: `line ${at}`, value: "word ".repeat(30) }));
    const at = await put({ ...notice(1), lines: long });
    expect(threadMessages()).toHaveLength(2);
    const [first] = at.message.split("+");
    clock.advance(LIMITS.longestGapMs);
    const shorter = await put(notice(2), at);
    expect(shorter).toEqual({ ...at, message: first });
    expect(threadMessages().map(({ id }) => id)).toEqual([first]);
    expect(textOf(threadMessages()[0] as StoredMessage)).toContain("step 2");

    // By a process that knows them only from the core, after somebody has deleted one of them.
    surface = await aSurface();
    const again = await put({ ...notice(3), lines: long, title: "long" }, { thread: at.thread });
    const [, second = ""] = again.message.split("+");
    discord.world.messages.delete(second);
    surface = await aSurface();
    expect((await put(notice(4), again)).message).toBe(again.message.split("+")[0]);
  });

  test("a result whose report could not be read when it was posted can be edited later", async () => {
    isReadable = false;
    const result = cardOf(RUNS.completed, "result", translatorFor("en"));
    if (result?.kind !== "result") throw new Error("fixture");
    const at = await put(result);
    expect(threadMessages()[0]?.files).toEqual([]);
    await put({ ...result, title: "other" }, at);
    expect(textOf(threadMessages()[0] as StoredMessage)).toContain("other");
  });

  test("an archived thread is taken out of the archive, a locked one too", async () => {
    const at = await put(notice(1));
    const { world } = discord;
    const [thread = ""] = world.threads.keys();
    world.changeThread(thread, { archived: true });
    clock.advance(5000);
    await put(notice(2), at);
    expect(world.threads.get(thread)?.archived).toBe(false);
    world.changeThread(thread, { archived: true, locked: true });
    const result = cardOf(RUNS.completed, "result", translatorFor("en"));
    if (result === undefined) throw new Error("fixture");
    await put(result, { thread: at.thread });
    expect(threadMessages()).toHaveLength(2);
  });

  test("a message that somebody deleted is posted anew, a thread that was deleted is opened anew", async () => {
    const at = await put(notice(1));
    discord.world.messages.delete(at.message);
    clock.advance(LIMITS.longestGapMs);
    const again = await put(notice(2), at);
    expect(again.message).not.toBe(at.message);
    expect(again.thread).toBe(at.thread);
    expect(textOf(threadMessages()[0] as StoredMessage)).toContain("step 2");

    discord.world.removeThread(at.thread);
    clock.advance(LIMITS.longestGapMs);
    const moved = await put(notice(3), again);
    expect(discord.world.threads.size).toBe(1);
    expect(moved.thread).toBe(at.thread);
    const [newThread] = discord.world.threads.keys();
    expect(newThread).not.toBe(at.thread);
    clock.advance(LIMITS.longestGapMs);
    await put(notice(4), moved);
    expect(textOf(threadMessages().at(-1) as StoredMessage)).toContain("step 4");
  });

  test("a start message that was deleted before the thread was opened is replaced", async () => {
    await put(notice(1), { thread: "1250000000000000000" });
    expect(threadMessages()).toHaveLength(1);
  });

  test("a result brings its report as a file, and is posted into an operators' channel without a thread", async () => {
    surface = await aSurface([channel]);
    const result = cardOf(RUNS.completed, "result", translatorFor("en"));
    if (result?.kind !== "result") throw new Error("fixture");
    const at = await put(result);
    const [message] = discord.world.messagesIn(channel);
    expect(at.thread).toBe(channel);
    expect(message?.files).toEqual(["report.md"]);
    expect(discord.world.threads.size).toBe(0);
  });

  test("an outage is a retryable error, and nothing is lost or doubled when it is over", async () => {
    discord.mishap({ when: () => true, reply: { status: 503, body: { message: "down" } }, times: 4 });
    const refused = await put(notice(1)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "discord.not_delivered", retryable: true });
    await put(notice(1));
    expect(threadMessages()).toHaveLength(1);
    expect(posts()).toBeGreaterThan(2);
  });
});
