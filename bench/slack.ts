import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { DiskCalls } from "../adapters/files.ts";
import { systemClock } from "../adapters/clock/system-clock.ts";
import { encodeToken } from "../src/commands/token.ts";
import type { FakeMessage } from "../test/fakes/slack/world.ts";
import { buttonsOf, cardIn } from "../test/fakes/slack/shown.ts";
import { aSlack, HOME, type SlackPlane } from "../test/fixtures/slack.ts";
import type { BenchTable } from "./table.ts";

const LIVE_RUNS = 1000;
const CLICKS = 100;
/** What each flush of a slow disk takes longer. */
const SLOW_MS = 20;
const CLOCK = { ...systemClock, advance: () => undefined };

/** From a click in Slack until it is acknowledged, which it is when it is on disk. */
export async function benchSlack(): Promise<BenchTable[]> {
  const usual = await clicksWith({ open, rename });
  const slow = await clicksWith(slowDisk());
  return [
    {
      title: `${CLICKS} clicks in Slack with ${LIVE_RUNS} live runs, until they are acknowledged`,
      head: ["disk", "p50 ms", "p99 ms", "longest ms", "of it computing, p50", "p99"],
      rows: [
        ["as it is", ...figures(usual)],
        [`each flush ${SLOW_MS} ms longer`, ...figures(slow)],
      ],
    },
  ];
}

/** How long clicks took, and how much of that the process computed: the rest is the disk, and other programs. */
interface Taken {
  readonly wallMs: number[];
  readonly computedMs: number[];
}

async function clicksWith(disk: DiskCalls): Promise<Taken> {
  const here = await aSlack({ clock: CLOCK, disk });
  try {
    here.slack.users.set("U0ADA", { name: "Ada" });
    const runIds = await withManyRuns(here);
    const taken: Taken = { wallMs: [], computedMs: [] };
    for (const runId of runIds.slice(0, CLICKS)) {
      const value = encodeToken({ action: "decision.recommended", runId, decisionId: `dec_${runId.slice(4)}_1` });
      const action_id = `cx.do.${value}`;
      const message: FakeMessage = {
        channel: HOME,
        ts: "1700000001.000100",
        thread: undefined,
        text: "",
        blocks: [{ type: "actions", elements: [{ type: "button", action_id, value }] }],
        key: undefined,
        edits: 0,
      };
      const before = process.threadCpuUsage();
      const begun = performance.now();
      const { ack } = await here.slack.click("U0ADA", message, action_id);
      if (ack === undefined) throw new Error("a click was not acknowledged");
      taken.wallMs.push(performance.now() - begun);
      const { user, system } = process.threadCpuUsage(before);
      taken.computedMs.push((user + system) / 1000);
    }
    const { total } = await here.plane().agent.runs({ status: "waiting", limit: 1, offset: 0 });
    if (total !== LIVE_RUNS - CLICKS) throw new Error(`${total} runs wait instead of ${LIVE_RUNS - CLICKS}`);
    return taken;
  } finally {
    await here.close();
  }
}

/** One run is asked for in Slack; the others are its copies, found at the restart. */
async function withManyRuns(here: SlackPlane): Promise<string[]> {
  await here.slack.say("U0ADA", HOME, `<@${here.slack.bot.user}> run please check the house`);
  const card = await here.message(HOME, (shown) => cardIn(shown)?.kind === "decision" && buttonsOf(shown).length > 0);
  const first = cardIn(card)?.runId ?? "";
  while ((await here.plane().agent.document(first))?.outbox.length !== 0) await wait(10);
  const folder = join(here.plane().root, "runs");
  const rest = first.slice("run_".length);
  const copies = Array.from({ length: LIVE_RUNS - 1 }, (_, at) => String(at).padStart(rest.length, "0"));
  for (const copy of copies) {
    cpSync(join(folder, first), join(folder, `run_${copy}`), { recursive: true });
    const file = join(folder, `run_${copy}`, "run.json");
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(rest, copy));
  }
  await here.restart();
  return copies.map((copy) => `run_${copy}`);
}

function slowDisk(): DiskCalls {
  const slowOpen = async (...args: Parameters<typeof open>): ReturnType<typeof open> => {
    const file = await open(...args);
    const sync = file.sync.bind(file);
    file.sync = async () => {
      await wait(SLOW_MS);
      await sync();
    };
    return file;
  };
  return { open: slowOpen, rename };
}

function figures({ wallMs, computedMs }: Taken): string[] {
  return [at(wallMs, 0.5), at(wallMs, 0.99), at(wallMs, 1), at(computedMs, 0.5), at(computedMs, 0.99)];
}

/** So many of a hundred took no longer: the 99th of 100, not the longest. */
function at(taken: readonly number[], share: number): string {
  const sorted = taken.toSorted((a, b) => a - b);
  return (sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0).toFixed(0);
}
