import { setTimeout as wait } from "node:timers/promises";
import type { RunSummary } from "../src/contracts/document.ts";
import { createRunningClock } from "../test/fakes/running-clock.ts";
import type { FakeMessage } from "../test/fakes/slack/world.ts";
import { buttonsOf, cardIn, textOf } from "../test/fakes/slack/shown.ts";
import { aSlack, type SlackPlane } from "../test/fixtures/slack.ts";
import { usedHeap } from "../test/fixtures/used-heap.ts";
import { callRows, endedWords, megabytes, statesWords } from "./soak-figures.ts";
import type { BenchTable } from "./table.ts";

const RUNS = 200;
const CHANNELS = Array.from({ length: 10 }, (_, at) => `C0TEAM${at}`);
const PEOPLE = Array.from({ length: 40 }, (_, at) => `U0PERSON${at}`);
/** Seconds of Slack in one second of ours. */
const SPEED = 8;
const LIMIT_MS = 20 * 60_000;
const CALLS_A_RUN = 14;

/**
 * 200 runs at once for their whole life, against the documented rate limits and a Slack with bad days: lost answers,
 * server errors, renewed and cut connections, clicks that come twice.
 */
export async function soakSlack(): Promise<{ tables: BenchTable[]; broken: string[] }> {
  const unhandled: unknown[] = [];
  process.on("unhandledRejection", (reason) => unhandled.push(reason));
  const clock = createRunningClock(SPEED);
  const here = await aSlack(
    { clock },
    { channels: CHANNELS.map((channel) => ({ surface: "slack", channel, workspace: "/workspace" })) },
  );
  const { slack } = here;
  slack.enforceRates(clock);
  // What they are measured by is the adapter's memory, not the memory of its peer.
  slack.forgetArguments();
  for (const [at, person] of PEOPLE.entries())
    slack.users.set(person, { name: `Person ${at}`, ...(at % 3 === 0 ? { locale: "zh-CN" } : {}) });
  const begun = clock.now();
  const heap = { before: usedHeap(), peak: 0 };
  try {
    for (let at = 0; at < RUNS; at += 1) {
      const channel = CHANNELS[at % CHANNELS.length] ?? "";
      const person = PEOPLE[at % PEOPLE.length] ?? "";
      if (at % 2 === 0)
        void slack.say(person, channel, `<@${slack.bot.user}> run please check the house, number ${at}`);
      else void slack.command(person, channel, `run please check the house, number ${at}`);
      await wait(1000 / SPEED);
    }
    const runs = await lived(here, (bytes) => (heap.peak = Math.max(heap.peak, bytes)));
    const minutes = (clock.now() - begun) / 60_000;
    const perRun = slack.calls.length / RUNS;
    return {
      tables: [
        {
          title: `${RUNS} runs at once in ${CHANNELS.length} channels, ${minutes.toFixed(0)} minutes of Slack at ${SPEED} times the speed`,
          head: ["what", "figure"],
          rows: [
            ["runs completed / stopped", endedWords(runs)],
            ["calls of Slack a run", perRun.toFixed(1)],
            ["calls that Slack limited (429)", limitedWords(here)],
            ["heap before / peak, MB", `${megabytes(heap.before)} / ${megabytes(heap.peak)}`],
            ["unhandled rejections", `${unhandled.length}`],
          ],
        },
        {
          title: "Calls a run, by method",
          head: ["method", "calls a run"],
          rows: callRows(
            slack.calls.map(({ method }) => method),
            RUNS,
          ),
        },
      ],
      broken: [
        ...brokenBy(here, runs),
        ...unhandled.map((reason) => `an unhandled rejection: ${String(reason)}`),
        ...(perRun > CALLS_A_RUN ? [`${perRun.toFixed(1)} calls a run`] : []),
      ],
    };
  } finally {
    await here.close();
  }
}

/** People answer, stop, and press twice, until every run has ended and is shown to have. */
async function lived(here: SlackPlane, sample: (heapBytes: number) => void): Promise<RunSummary[]> {
  const { slack } = here;
  const answered = new Set<string>();
  const deadline = Date.now() + LIMIT_MS;
  for (let turn = 0; ; turn += 1) {
    if (turn % 100 === 0) sample(usedHeap());
    for (const message of slack.messages.filter((shown) => isOpen(shown) && !answered.has(shown.ts))) {
      answered.add(message.ts);
      const number = answered.size;
      void wait((5000 + ((turn * 7919) % 60_000)) / SPEED).then(() => press(here, message, number));
    }
    misbehave(here, turn);
    const { runs } = await here.plane().agent.runs({ limit: RUNS * 2, offset: 0 });
    const isThrough =
      runs.length === RUNS && runs.every(({ status }) => status === "completed" || status === "canceled");
    if (
      isThrough &&
      slack.messages.filter(hasEnded).length === RUNS &&
      runs.every((run) => isShown(slack.messages, run))
    )
      return runs;
    if (turn % 300 === 0) process.stderr.write(`${progressOf(here, runs)}\n`);
    if (Date.now() > deadline) return runs;
    await wait(100);
  }
}

async function press(here: SlackPlane, message: FakeMessage, number: number): Promise<void> {
  const { slack } = here;
  const person = PEOPLE[number % PEOPLE.length] ?? "";
  const meaning = number % 20 === 0 ? "run.cancel" : "decision.recommended";
  const action = buttonsOf(message).find((button) => button.meaning === meaning)?.actionId;
  if (action === undefined) return;
  const how = number % 10 === 1 ? { everywhere: true } : {};
  // A click that is not acknowledged is pressed again, as people do.
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const outcome = await slack.click(person, message, action, how).catch(() => ({ ack: undefined }));
    if (outcome.ack !== undefined) break;
    await wait(500);
  }
  if (number % 10 === 2) await slack.click(PEOPLE[0] ?? "", message, action).catch(() => undefined);
}

function misbehave({ slack }: SlackPlane, turn: number): void {
  if (turn % 40 === 10) slack.trouble("chat.postMessage", { kind: "dropped" });
  if (turn % 60 === 20) slack.trouble("chat.update", { kind: "dropped" }, { kind: "status", status: 503 });
  if (turn % 90 === 30) slack.trouble("chat.postMessage", { kind: "status", status: 500 });
  if (turn % 100 === 50) slack.refresh("one");
  if (turn === 300) slack.cut();
}

const isOpen = (message: FakeMessage): boolean => cardIn(message)?.kind === "decision" && buttonsOf(message).length > 0;
const hasEnded = (message: FakeMessage): boolean =>
  cardIn(message)?.kind === "notice" && buttonsOf(message).length === 0;

/** Everything that a run has to show at its end, in its last state. */
function isShown(messages: readonly FakeMessage[], { runId, status }: RunSummary): boolean {
  const own = messages.filter((message) => cardIn(message)?.runId === runId && !message.channel.startsWith("C0OPS"));
  const thread = own[0]?.thread ?? own[0]?.ts;
  const hasReport = messages.some(({ file, thread: at }) => file !== undefined && at === thread);
  return (
    own.length === 3 && own.every((message) => buttonsOf(message).length === 0) && (status === "canceled" || hasReport)
  );
}

function brokenBy({ slack }: SlackPlane, runs: readonly RunSummary[]): string[] {
  const keys = slack.messages.flatMap(({ key }) => (key === undefined ? [] : [key]));
  const doubled = keys.filter((key, at) => keys.indexOf(key) !== at);
  const files = slack.messages.flatMap(({ file, thread }) => (file === undefined ? [] : [`${thread}/${file.name}`]));
  const doubledFiles = files.filter((name, at) => files.indexOf(name) !== at);
  const lost = runs.filter((run) => !isShown(slack.messages, run));
  const wrong = slack.messages.filter(
    (message) => hasEnded(message) && !/100%|no, it ended|否|已/.test(textOf(message.blocks)),
  );
  return [
    ...(runs.length === RUNS ? [] : [`${runs.length} runs instead of ${RUNS}`]),
    ...doubled.map((key) => `a message stands twice: ${key}`),
    ...doubledFiles.map((name) => `a file stands twice: ${name}`),
    ...lost.map(({ runId, status }) => `not everything of ${runId} (${status}) is shown`),
    ...wrong.map(({ key }) => `a notice does not say how it ended: ${key ?? ""}`),
    ...slack.problems.map((problem) => `Slack would refuse: ${problem}`),
  ];
}

function progressOf({ slack }: SlackPlane, runs: readonly RunSummary[]): string {
  const through = runs.filter((run) => isShown(slack.messages, run)).length;
  const methods = Map.groupBy(slack.calls, ({ method }) => method);
  const calls = [...methods].map(([method, of]) => `${method} ${of.length}`).join(", ");
  return `${runs.length} runs (${statesWords(runs)}), ${through} through and shown; ${megabytes(process.memoryUsage().heapUsed)} MB; ${calls}`;
}

function limitedWords({ slack }: SlackPlane): string {
  const by = [...slack.limited()].map(([method, times]) => `${method} ${times}`);
  return by.length === 0 ? "none" : by.join(", ");
}
