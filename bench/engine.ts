import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JSONFilePreset } from "lowdb/node";
import { pino } from "pino";
import { systemClock } from "../adapters/clock/system-clock.ts";
import { readTrail } from "../adapters/engine/embedded/audit-file.ts";
import { createEmbeddedEngine } from "../adapters/engine/embedded/embedded-engine.ts";
import type { AuditHead } from "../src/contracts/audit.ts";
import { type RunDocument, summaryOf } from "../src/contracts/document.ts";
import { chained, verifyTrail, type AuditNote } from "../src/metaagent/audit.ts";
import type { Engine } from "../src/ports.ts";
import type { BenchTable } from "./table.ts";
import { createFifoQueue } from "../test/fakes/fifo-queue.ts";
import { aQueueEntry, aRunDocument } from "../test/fixtures/run-document.ts";
import { usedHeap } from "../test/fixtures/used-heap.ts";

const LIVE_RUNS = 10_000;
const AT_ONCE = 32;
const MEASURE_MS = 1500;
const ENDED_AT = Date.UTC(2026, 0, 15);

/** Measures the embedded engine in a temporary folder; takes about a minute. */
export async function benchEngine(): Promise<BenchTable[]> {
  const folder = await mkdtemp(join(tmpdir(), "coxswain-bench-"));
  try {
    const past = createPast(join(folder, "past"));
    const starts: string[][] = [];
    const transitions: string[][] = [];
    for (const count of [0, 1, 1000, 10_000, 100_000]) {
      past.growTo(count);
      const startMs = await timed(() => opened(past.root, (engine) => engine.close()));
      if (count !== 1 && count !== 1000) starts.push([inWords(count), "0", `${startMs.toFixed(0)} ms`]);
      if (count === 0 || count === 10_000) continue;
      transitions.push(await transitionsWith(count, past.root, join(folder, `big-${count}.json`)));
    }
    const lists = await opened(past.root, listTimes);
    const trails = [
      await trailWith(10, join(folder, "trail-10")),
      await trailWith(10_000, join(folder, "trail-10000")),
    ];
    const live = await liveRuns(join(folder, "live"));
    starts.push(["0", inWords(LIVE_RUNS), `${live.startMs.toFixed(0)} ms`]);
    return [
      {
        title: "Durable transitions a second",
        head: [
          "past runs",
          "engine, one at a time",
          `engine, ${AT_ONCE} runs at once`,
          "one big lowdb file (not flushed)",
          "ratio",
        ],
        rows: transitions,
      },
      {
        title: "A run with an audit trail, one durable transition after the other",
        head: [
          "entries before",
          "with an entry each, a second",
          "without, a second",
          "ratio",
          "verify the whole trail",
        ],
        rows: trails,
      },
      { title: "Start of the engine", head: ["past runs", "live runs", "time"], rows: starts },
      { title: "List of 100,000 past runs", head: ["question", "time"], rows: lists },
      { title: "Memory", head: ["what", "size"], rows: [["a live run, its document included", live.bytes]] },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A root whose past runs are what a start sees of them: links and an index. Their folders are not made. */
function createPast(root: string): { root: string; growTo(count: number): void } {
  const month = join(root, "archive", "2026-01");
  let made = 0;
  return {
    root,
    growTo(count) {
      mkdirSync(month, { recursive: true });
      mkdirSync(join(root, "runs"), { recursive: true });
      const lines: string[] = [];
      for (; made < count; made++) {
        const document = pastRun(made);
        lines.push(`${JSON.stringify(summaryOf(document))}\n`);
        symlinkSync(join("..", "archive", "2026-01", document.run.runId), join(root, "runs", document.run.runId));
      }
      writeFileSync(join(month, "index.jsonl"), lines.join(""), { flag: "a" });
    },
  };
}

async function transitionsWith(count: number, root: string, bigFile: string): Promise<string[]> {
  const [oneByOne, atOnce] = await opened(root, async (engine) => [
    await perSecond((n) => commitTo(engine, 0, n), 1),
    await perSecond((n, lane) => commitTo(engine, lane, n), AT_ONCE),
  ]);
  const runs: Record<string, RunDocument> = {};
  for (let n = 0; n < count; n++) runs[`run_${n}`] = pastRun(n);
  const db = await JSONFilePreset<{ runs: Record<string, RunDocument> }>(bigFile, { runs });
  const big = await perSecond((n) => db.update((data) => void (data.runs["run_live"] = liveRun(0, n))), 1);
  const rate = (value: number): string => (value < 10 ? value.toFixed(1) : inWords(Math.round(value)));
  return [inWords(count), rate(oneByOne), rate(atOnce), rate(big), `${rate(oneByOne / big)} ×`];
}

/** Every transition adds one entry: what it costs must not grow with those that are there. */
async function trailWith(count: number, root: string): Promise<string[]> {
  const { runId } = liveRun(0, 0).run;
  const entry = (n: number): AuditNote => ({ at: n, id: `event_${n}`, what: "run.started", version: 1, detail: {} });
  let head: AuditHead | undefined;
  const lines: string[] = [];
  for (let n = 0; n < count; n++) {
    const { tail, ...end } = chained(head, entry(n));
    head = { ...end, tail: tail.slice(-1) };
    lines.push(...head.tail.map((each) => `${JSON.stringify(each)}\n`));
  }
  mkdirSync(join(root, "runs", runId), { recursive: true });
  writeFileSync(join(root, "runs", runId, "audit.jsonl"), lines.join(""));
  writeFileSync(join(root, "runs", runId, "run.json"), JSON.stringify({ ...liveRun(0, 0), audit: head }));
  const [audited, plain] = await opened(root, async (engine) => [
    await perSecond((n) => {
      const audited = (before: RunDocument | undefined): RunDocument => ({
        ...liveRun(0, n),
        audit: chained(before?.audit, entry(count + n)),
      });
      return engine.transact(runId, (before) => ({ document: audited(before), result: undefined }));
    }, 1),
    await perSecond((n) => commitTo(engine, 1, n), 1),
  ]);
  const stored = await readTrail(root, runId);
  const startedAt = performance.now();
  const { entries, fault } = verifyTrail(stored?.lines ?? [], stored?.head);
  const verifyMs = performance.now() - startedAt;
  if (fault !== undefined || entries.length < count) throw new Error(`the trail is not whole: ${fault?.kind}`);
  const rate = (value: number): string => inWords(Math.round(value));
  const verified = `${verifyMs.toFixed(0)} ms (${inWords(entries.length)} entries)`;
  return [inWords(count), rate(audited), rate(plain), `${(audited / plain).toFixed(2)} ×`, verified];
}

async function listTimes(engine: Engine): Promise<string[][]> {
  const page = { limit: 50, offset: 0 };
  const questions = [
    ["first page, index not read yet", page],
    ["first page, again", page],
    ["search in all goals", { ...page, search: "nowhere" }],
  ] as const;
  const rows: string[][] = [];
  for (const [question, filter] of questions) {
    rows.push([question, `${(await timed(() => engine.list(filter))).toFixed(0)} ms`]);
  }
  return rows;
}

async function liveRuns(root: string): Promise<{ startMs: number; bytes: string }> {
  for (let n = 0; n < LIVE_RUNS; n++) {
    const document = liveRun(n, 0);
    mkdirSync(join(root, "runs", document.run.runId), { recursive: true });
    writeFileSync(join(root, "runs", document.run.runId, "run.json"), JSON.stringify(document));
  }
  const before = usedHeap();
  const startedAt = performance.now();
  return opened(root, async () => {
    const startMs = performance.now() - startedAt;
    const documentBytes = JSON.stringify(liveRun(0, 0)).length;
    const bytes = Math.round((usedHeap() - before) / LIVE_RUNS);
    return { startMs, bytes: `${inWords(bytes)} B (document of ${inWords(documentBytes)} B as JSON)` };
  });
}

async function opened<T>(root: string, use: (engine: Engine) => Promise<T>): Promise<T> {
  const log = pino({ level: "silent" });
  const engine = await createEmbeddedEngine({ root, queue: createFifoQueue(), clock: systemClock, log });
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}

function commitTo(engine: Engine, run: number, n: number): Promise<void> {
  const document = liveRun(run, n);
  return engine.transact(document.run.runId, () => ({ document, result: undefined }));
}

/** How often `action` resolves in a second, with so many lanes side by side; at least three times. */
async function perSecond(action: (n: number, lane: number) => Promise<unknown>, lanes: number): Promise<number> {
  await action(0, 0);
  const startedAt = performance.now();
  let done = 0;
  const lane = async (_: unknown, number: number): Promise<void> => {
    while (performance.now() - startedAt < MEASURE_MS || done < 3) {
      await action(done, number);
      done++;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (done * 1000) / (performance.now() - startedAt);
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}

function liveRun(n: number, version: number): RunDocument {
  const rest = `live${String(n).padStart(8, "0")}`;
  const entry = aQueueEntry({ runId: `run_${rest}`, dispatchId: `dsp_${rest}_1`, flow: "tenant" });
  return aRunDocument({ run: { runId: `run_${rest}`, version: version + 1 }, queue: [entry] });
}

function pastRun(n: number): RunDocument {
  const status = { kind: "completed" as const, completedAt: ENDED_AT };
  return aRunDocument({ run: { runId: `run_past${String(n).padStart(8, "0")}`, status, updatedAt: ENDED_AT + n } });
}

function inWords(count: number): string {
  return count.toLocaleString("en");
}
