import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { systemClock } from "../adapters/clock/system-clock.ts";
import { Command } from "../src/contracts/command.ts";
import { formsIn } from "../test/fixtures/browser-less.ts";
import { aConsole, type ConsolePlane } from "../test/fixtures/console.ts";
import { aTask } from "../test/fixtures/control-plane.ts";
import { signedIn, type Client } from "./console-client.ts";
import type { BenchTable } from "./table.ts";

const LIVE_RUNS = 1000;
const PAST_RUNS = 9000;
const BROWSERS = 50;
const CLICKS = 100;
const WARM_LOOKS = 15;
const PAGES = ["/runs", "/runs?search=nowhere", "/chat/work", "/queue", "/dead-letters"];
const CLOCK = { ...systemClock, advance: () => undefined };
const MONTH = "2026-01";

/** The console over real HTTP: clicks with many live runs and open browsers, and pages with many runs. */
export async function benchConsole(): Promise<BenchTable[]> {
  const made = await template();
  const few = await withRuns(made, 1, 9, looksAt);
  const quiet = await withRuns(made, CLICKS, 0, (here) => clicksOn(here, 0));
  const { looks, busy } = await withRuns(made, LIVE_RUNS, PAST_RUNS, async (here) => ({
    looks: await looksAt(here),
    busy: await clicksOn(here, BROWSERS),
  }));
  return [
    {
      title: `${CLICKS} clicks over HTTP one after the other, while the runs that they started are at work`,
      head: [
        "from the click until",
        `${CLICKS} live runs, no other browser: p50 / p99 ms`,
        `${LIVE_RUNS} live runs, ${BROWSERS} browsers: p50 / p99 ms`,
        "ratio of p50",
      ],
      rows: (["persisted", "locked", "told"] as const).map((what) => clickRow(what, quiet, busy)),
    },
    {
      title: `Pages with ${LIVE_RUNS + PAST_RUNS} runs, ${LIVE_RUNS} of them live`,
      head: ["page", "10 runs: first / later ms", "all runs: first / later ms", "ratio of later"],
      rows: PAGES.map((path) => pageRow(path, few, looks)),
    },
  ];
}

async function withRuns<T>(
  made: Template,
  live: number,
  past: number,
  use: (here: ConsolePlane) => Promise<T>,
): Promise<T> {
  const here = await aConsole({ clock: CLOCK, root: await seeded(made, live, past) });
  try {
    return await use(here);
  } finally {
    await here.close();
  }
}

/** Milliseconds from the click. */
interface Click {
  /** The answer is on disk: the browser has been sent back to the page. */
  readonly persisted: number;
  /** The card has come back without its form. */
  readonly locked: number;
  /** The other tab has been told, and shows the same. */
  readonly told: number;
}
interface Looks {
  readonly cold: number;
  readonly warm: number;
}

async function looksAt(here: ConsolePlane): Promise<ReadonlyMap<string, Looks>> {
  const client = await signedIn(here.url);
  const looks = new Map<string, Looks>();
  for (const path of PAGES) {
    const cold = await timeOf(() => client.get(path));
    const warm: number[] = [];
    for (let n = 0; n < WARM_LOOKS; n += 1) warm.push(await timeOf(() => client.get(path)));
    looks.set(path, { cold, warm: at(warm, 0.5) });
  }
  return looks;
}

async function clicksOn(here: ConsolePlane, browsers: number): Promise<Click[]> {
  const { runs } = await here.plane().agent.runs({ status: "waiting", limit: CLICKS, offset: 0 });
  const client = await signedIn(here.url);
  const end = await openBrowsers(here.url, browsers);
  const clicks: Click[] = [];
  try {
    for (const { runId } of runs) clicks.push(await clickOn(here, client, runId));
  } finally {
    await end();
  }
  return clicks;
}

/** One click on "accept all recommended" of a run's card, with the same thread open in another tab. */
async function clickOn(here: ConsolePlane, client: Client, runId: string): Promise<Click> {
  const page = `/chat/work/${runId}`;
  const other = await signedIn(here.url);
  const told = Promise.withResolvers<number>();
  let startedAt = Number.POSITIVE_INFINITY;
  const look = async (): Promise<void> => {
    if (isLocked((await other.get(page)).html)) told.resolve(performance.now() - startedAt);
  };
  const stream = await other.listen(
    `channel:work thread:work/${runId} run:${runId}`,
    () => void look().catch(told.reject),
  );
  const form = formsIn((await client.get(page)).html).find(({ buttons }) =>
    buttons.some(({ meaning }) => meaning === "decision.recommended"),
  );
  const token = form?.buttons.find(({ meaning }) => meaning === "decision.recommended")?.token;
  if (form === undefined || token === undefined) throw new Error(`no card asks for a click on ${page}`);
  startedAt = performance.now();
  const answer = await client.post(form.action, [...form.fields, ["token", token]]);
  const persisted = performance.now() - startedAt;
  if (answer.status !== 303 || answer.location.includes("note=")) throw new Error("the click was refused");
  // A page that is not yet locked is told so, and fetched again by its script.
  if (!isLocked((await client.get(answer.location)).html)) await told.promise;
  const locked = performance.now() - startedAt;
  const toldAfter = await told.promise;
  stream.close();
  return { persisted, locked, told: toldAfter };
}

function isLocked(html: string): boolean {
  return /<article class="card decision"[^>]* data-state="closed"/.test(html);
}

async function waitingRun(here: ConsolePlane, id: string): Promise<string> {
  const bindings = [{ surface: "web", channel: "work", role: "home" }] as const;
  const task = aTask({ requestedBy: { surface: "web", user: "ada" }, bindings: [...bindings] });
  const command = Command.parse({ kind: "run.start", id, by: task.requestedBy, task });
  const reply = await here.plane().agent.handle(command);
  if (reply.kind === "refused" || reply.kind === "done") throw new Error(reply.message);
  const client = await signedIn(here.url);
  while (!(await client.get(`/chat/work/${reply.runId}`)).html.includes('class="card decision"')) continue;
  return reply.runId;
}

/** A run that waits for an answer, as the console and the engine leave it on disk. */
interface Template {
  readonly rest: string;
  readonly document: string;
  readonly summary: object;
  readonly thread: string;
}

async function template(): Promise<Template> {
  const here = await aConsole({ clock: CLOCK });
  const runId = await waitingRun(here, "template");
  const { root, agent } = here.plane();
  const summary = (await agent.run(runId))?.summary ?? {};
  const threads = join(root, "console", "threads", "work");
  const name = (await readdir(threads)).find((each) => each.includes(runId)) ?? "";
  const thread = await readFile(join(threads, name), "utf8");
  // Once nothing is left to be delivered, so that the copies are at rest.
  while ((await agent.document(runId))?.outbox.length !== 0) await setImmediate();
  const document = await readFile(join(root, "runs", runId, "run.json"), "utf8");
  await here.close();
  return { rest: runId.slice("run_".length), document, summary, thread };
}

/** A state root with so many copies of the run waiting and past ones, each with its thread. */
async function seeded(made: Template, live: number, past: number): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "coxswain-bench-"));
  const month = join(root, "archive", MONTH);
  const threads = join(root, "console", "threads", "work");
  for (const folder of [month, threads, join(root, "runs")]) mkdirSync(folder, { recursive: true });
  const lines: string[] = [];
  for (let n = 0; n < live + past; n += 1) {
    const rest = String(n).padStart(made.rest.length, "0");
    const runId = `run_${rest}`;
    const opened = Date.UTC(2026, 0, 15) + n;
    const copy = (text: string): string => text.replaceAll(made.rest, rest);
    if (n < past) {
      lines.push(`${JSON.stringify({ ...made.summary, runId, status: "completed", updatedAt: opened })}\n`);
      symlinkSync(join("..", "archive", MONTH, runId), join(root, "runs", runId));
    } else {
      mkdirSync(join(root, "runs", runId));
      writeFileSync(join(root, "runs", runId, "run.json"), copy(made.document));
    }
    const thread = copy(made.thread).replace(/"openedAt":\d+/, `"openedAt":${opened}`);
    writeFileSync(join(threads, `${opened.toString(36).padStart(9, "0")}.${runId}.json`), thread);
  }
  writeFileSync(join(month, "index.jsonl"), lines.join(""));
  return root;
}

async function openBrowsers(url: string, count: number): Promise<() => Promise<unknown>> {
  if (count === 0) return async () => undefined;
  const child = fork(new URL("console-browsers.ts", import.meta.url), [url, String(count)]);
  await once(child, "message");
  // The browsers go before the server does, so that none of them is cut off in the middle of a page.
  return () => {
    const gone = once(child, "exit");
    child.disconnect();
    return gone;
  };
}

async function timeOf(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

function clickRow(what: keyof Click, quiet: readonly Click[], busy: readonly Click[]): string[] {
  const names = { persisted: "persisted", locked: "card locked", told: "other tab told and locked" };
  const [few, many] = [quiet, busy].map((clicks) => clicks.map((click) => click[what]));
  const pair = (values: readonly number[] = []): string =>
    `${at(values, 0.5).toFixed(1)} / ${at(values, 0.99).toFixed(1)}`;
  return [names[what], pair(few), pair(many), ratio(at(many ?? [], 0.5), at(few ?? [], 0.5))];
}

function pageRow(path: string, quiet: ReadonlyMap<string, Looks>, busy: ReadonlyMap<string, Looks>): string[] {
  const [few, many] = [quiet.get(path), busy.get(path)];
  const pair = (looks: Looks | undefined): string =>
    `${(looks?.cold ?? 0).toFixed(1)} / ${(looks?.warm ?? 0).toFixed(1)}`;
  return [path, pair(few), pair(many), ratio(many?.warm ?? 0, few?.warm ?? 0)];
}

function ratio(value: number, baseline: number): string {
  return `${(value / baseline).toFixed(1)} ×`;
}
