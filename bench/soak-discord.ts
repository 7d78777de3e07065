import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { LIMITS } from "../adapters/discord/limits.ts";
import { readCustomId } from "../adapters/discord/custom-id.ts";
import type { ButtonAction } from "../src/commands/token.ts";
import type { RunSummary } from "../src/contracts/document.ts";
import { controlsOf, type Somebody } from "../test/fakes/discord/people.ts";
import type { StoredMessage } from "../test/fakes/discord/world.ts";
import { createRunningClock } from "../test/fakes/running-clock.ts";
import { aDiscordPlane, type DiscordPlane } from "../test/fixtures/discord.ts";
import { usedHeap } from "../test/fixtures/used-heap.ts";
import { callRows, endedWords, megabytes, statesWords } from "./soak-figures.ts";
import type { BenchTable } from "./table.ts";

const RUNS = 200;
const CHANNELS = 10;
const PEOPLE = 40;
/** Seconds of Discord in one second of ours. */
const SPEED = 2;
const LIMIT_MS = 30 * 60_000;
/**
 * Posts, thread and answers are 9, an archived thread costs 2, what fails is tried again; the rest are edits of the
 * notice, which come the less often the longer a run takes.
 */
const CALLS_A_RUN = 20;

/**
 * 200 runs at once for their whole life, against Discord's rate limits and a Discord with bad days: lost answers, server
 * errors, cut and resumed connections, clicks that come twice, threads that are put away.
 */
export async function soakDiscord(): Promise<{ tables: BenchTable[]; broken: string[] }> {
  const unhandled: unknown[] = [];
  process.on("unhandledRejection", (reason) => unhandled.push(reason));
  const clock = createRunningClock(SPEED);
  const here = await aDiscordPlane(
    { clock },
    { channels: CHANNELS + 1, editGapMs: LIMITS.editGapMs, callsPerSecond: LIMITS.callsPerSecond * SPEED },
  );
  const { discord } = here;
  discord.enforceRates(SPEED);
  // What is measured is the adapter's memory, not the memory of its peer.
  discord.forgetBodies();
  const begun = clock.now();
  const acks: number[] = [];
  const lag = monitorEventLoopDelay();
  lag.enable();
  const heap = { before: usedHeap(), peak: 0 };
  try {
    for (let at = 0; at < RUNS; at += 1) {
      const channel = here.homes[at % here.homes.length] ?? "";
      const goal = `please check the house, number ${at}`;
      const person = personAt(here, at);
      if (at % 2 === 0) void person.slash(channel, "run", { goal }).catch(() => undefined);
      else person.say(channel, `run ${goal}`);
      await wait(1000 / SPEED);
    }
    const runs = await lived(here, acks, (bytes) => (heap.peak = Math.max(heap.peak, bytes)));
    const minutes = (clock.now() - begun) / 60_000;
    const perRun = discord.calls.length / RUNS;
    return {
      tables: [
        {
          title: `${RUNS} runs at once in ${CHANNELS} channels, ${minutes.toFixed(0)} minutes of Discord at ${SPEED} times the speed`,
          head: ["what", "figure"],
          rows: [
            ["runs completed / stopped", endedWords(runs)],
            ["calls of Discord a run", perRun.toFixed(1)],
            ["calls that Discord limited (429)", `${discord.limited()}`],
            ["times identified / resumed", `${discord.gateway.counts.identified} / ${discord.gateway.counts.resumed}`],
            ["heap before / peak, MB", `${megabytes(heap.before)} / ${megabytes(heap.peak)}`],
            ["first answers, ms of ours: median / 99 of 100 / slowest", acksWords(acks)],
            [
              "event loop late, ms: 99 of 100 / most",
              `${(lag.percentile(99) / 1e6).toFixed(0)} / ${(lag.max / 1e6).toFixed(0)}`,
            ],
            ["unhandled rejections", `${unhandled.length}`],
          ],
        },
        { title: "Calls a run, by kind", head: ["kind", "calls a run"], rows: callsByKind(here) },
      ],
      broken: [
        ...(await brokenBy(here, runs)),
        ...unhandled.map((reason) => `an unhandled rejection: ${String(reason)}`),
        ...(perRun > CALLS_A_RUN ? [`${perRun.toFixed(1)} calls a run`] : []),
      ],
    };
  } finally {
    await here.close();
  }
}

/** People answer, stop, and press twice, until every run has ended and is shown to have. */
async function lived(here: DiscordPlane, acks: number[], sample: (heapBytes: number) => void): Promise<RunSummary[]> {
  const { world } = here.discord;
  const answered = new Set<string>();
  const misfortune = misfortunes(here);
  const deadline = Date.now() + LIMIT_MS;
  for (let turn = 0; ; turn += 1) {
    if (turn % 100 === 0) sample(usedHeap());
    for (const message of world.messages.values()) {
      if (answered.has(message.id) || controlOf(message, "decision.submit") === undefined) continue;
      answered.add(message.id);
      const number = answered.size;
      // Not all at once: people read before they answer.
      void wait((5000 + ((number * 7919) % 60_000)) / SPEED).then(() => press(here, acks, message, number));
    }
    misfortune(turn);
    const { runs } = await here.plane().agent.runs({ limit: RUNS * 2, offset: 0 });
    const ended = runs.filter(({ status }) => status === "completed" || status === "canceled");
    if (ended.length === RUNS && (await lost(here, ended)).length === 0) return runs;
    if (turn % 300 === 0) process.stderr.write(`${progressOf(here, runs)}\n`);
    if (Date.now() > deadline) return runs;
    await wait(100);
  }
}

/** Somebody answers, or stops the run; every tenth question is answered by two at once. */
async function press(here: DiscordPlane, acks: number[], message: StoredMessage, number: number): Promise<void> {
  const person = personAt(here, number);
  const action = number % 20 === 0 ? "run.cancel" : number % 3 === 0 ? "decision.submit" : "decision.recommended";
  const details = controlOf(message, "decision.details");
  if (number % 5 === 0 && details !== undefined) await insist(person, acks, message, details);
  const control = controlOf(message, action);
  if (control === undefined) return;
  const others = number % 10 === 2 ? [insist(personAt(here, 0), acks, message, control)] : [];
  const [told] = await Promise.all([insist(person, acks, message, control), ...others]);
  const sure = told === undefined ? undefined : controlsOf(told).find((id) => id.endsWith("~sure"));
  if (told !== undefined && sure !== undefined) await insist(person, acks, told, sure);
}

/** What nobody answers is pressed again, as people do. Resolves with the answer. */
async function insist(
  person: Somebody,
  acks: number[],
  message: StoredMessage,
  control: string,
): Promise<StoredMessage | undefined> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const pressedAt = performance.now();
    const began = await person.click(message, control).catch(() => undefined);
    acks.push(performance.now() - pressedAt);
    if (began !== undefined) return began.original;
  }
  return undefined;
}

/** Discord's bad days, turn by turn. Each thread is put away once by somebody. */
function misfortunes({ discord }: DiscordPlane): (turn: number) => void {
  const putAway = new Set<string>();
  const on =
    (method: string) =>
    (call: { method: string; path: string }): boolean =>
      call.method === method && call.path.startsWith("/channels/");
  const down = { status: 502, body: { message: "bad gateway" } };
  return (turn) => {
    if (turn % 40 === 10) discord.mishap({ when: on("POST"), reply: down, after: true, times: 1 });
    if (turn % 60 === 20) discord.mishap({ when: on("PATCH"), reply: down, times: 2 });
    if (turn % 90 === 30)
      discord.mishap({ when: ({ path }) => path.endsWith("/callback"), reply: down, after: true, times: 1 });
    if (turn % 30 === 25) {
      const threads = [...discord.world.threads.values()].filter(({ id }) => !putAway.has(id)).slice(0, RUNS / 10);
      for (const thread of threads) {
        putAway.add(thread.id);
        discord.world.changeThread(thread.id, { archived: true });
      }
    }
    if (turn % 150 === 70) discord.gateway.askToReconnect();
    if (turn === 300) discord.gateway.close(1001);
  };
}

/** Runs of which not everything stands in its last state: the notice, the question, the result, each once. */
async function lost(here: DiscordPlane, runs: readonly RunSummary[]): Promise<string[]> {
  const { world } = here.discord;
  const wrong: string[] = [];
  for (const { runId } of runs) {
    const document = await here.plane().agent.document(runId);
    // Operators are shown the result as well.
    const records = Object.values(document?.messages ?? {}).filter(({ channel }) => here.homes.includes(channel));
    const shown = records.flatMap(({ message }) => message.split("+").map((id) => world.messages.get(id)));
    const open = shown.filter((message) => message === undefined || controlsOf(message).length > 0);
    if (document?.outbox.length !== 0 || records.length !== 3 || open.length > 0) wrong.push(runId);
  }
  return wrong;
}

async function brokenBy(here: DiscordPlane, runs: readonly RunSummary[]): Promise<string[]> {
  const { world, state } = here.discord;
  const doubled = [...world.threads.keys()].flatMap((thread) => {
    const own = world.messagesIn(thread).filter(({ author }) => author.bot === true);
    // Notice, context, question and result.
    return own.length > 4 ? [`${own.length} messages of the bot in thread ${thread}`] : [];
  });
  return [
    ...(runs.length === RUNS ? [] : [`${runs.length} runs instead of ${RUNS}`]),
    ...(world.threads.size === RUNS ? [] : [`${world.threads.size} threads instead of ${RUNS}`]),
    ...(await lost(here, runs)).map((runId) => `not everything of ${runId} is shown in its last state`),
    ...runs.flatMap(({ runId, status }) =>
      status === "completed" || status === "canceled" ? [] : [`${runId} is ${status}`],
    ),
    ...doubled,
    ...state.violations.map((problem) => `Discord would refuse: ${problem}`),
    ...here.alerts().map((key) => `an alert: ${key}`),
  ];
}

function callsByKind({ discord }: DiscordPlane): string[][] {
  const kinds = discord.calls.map(
    ({ method, path }) => `${method} ${path.replaceAll(/\/(?:\d{15,}|token-\d+)/gu, "/…")}`,
  );
  return callRows(kinds, RUNS);
}

function progressOf(here: DiscordPlane, runs: readonly RunSummary[]): string {
  const calls = callsByKind(here).map(([kind, perRun]) => `${perRun} ${kind}`);
  return `${runs.length} runs (${statesWords(runs)}); calls a run: ${calls.join(", ")}`;
}

function personAt(here: DiscordPlane, at: number): Somebody {
  return here.somebody(`person ${at % PEOPLE}`, [], at % 3 === 0 ? "zh-CN" : "en-US");
}

function controlOf(message: StoredMessage, action: ButtonAction["action"]): string | undefined {
  return controlsOf(message).find((id) => {
    const control = readCustomId(id);
    return control.kind === "action" && control.button.action === action;
  });
}

function acksWords(acks: readonly number[]): string {
  const sorted = acks.toSorted((a, b) => a - b);
  return [0.5, 0.99, 1].map((part) => (sorted[Math.ceil(part * sorted.length) - 1] ?? 0).toFixed(0)).join(" / ");
}
