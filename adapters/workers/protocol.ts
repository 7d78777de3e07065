import { text as readAll } from "node:stream/consumers";
import type { Evidence, Severity } from "../../src/contracts/finding.ts";
import type { Text, TextParam } from "../../src/contracts/text.ts";
import { Brief, type WorkerReport } from "../../src/contracts/worker.ts";
import { messageOf, parseAtDoor } from "../../src/errors.ts";
import type { MessageKey } from "../../src/i18n.ts";

type CodeOf<Prefix extends string> = MessageKey extends infer Key
  ? Key extends `${Prefix}.${infer Code}`
    ? Code
    : never
  : never;
/** Codes that have words in the catalogue; the compiler refuses a finding that nobody could read. */
export type FindingCode = CodeOf<"finding">;
export type UnavailableCode = CodeOf<"unavailable">;
type Params = Record<string, TextParam>;

/** How many findings of one code are reported one by one; the rest is counted. */
export const FINDINGS_PER_CODE = 50;

export interface WorkerFinding {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly params?: Params;
  readonly evidence: Evidence[];
}

/** Says what a worker does and sees, as lines of the worker protocol. */
export interface Reporter {
  progress(done: number, total?: number): void;
  /** Says no more than that it is still there. */
  heartbeat(): void;
  fact(name: string, value: number | string | boolean): void;
  finding(finding: WorkerFinding): void;
  unavailable(code: UnavailableCode, params?: Params): void;
}

export interface Job {
  readonly brief: Brief;
  readonly report: Reporter;
}

/** A text of the catalogue, without loading the catalogue into the worker. */
export function words(key: MessageKey, params?: Params): Text {
  return params === undefined ? { kind: "key", key } : { kind: "key", key, params };
}

/**
 * Runs a worker program: the brief from standard input, reports to standard output, and at last `done` with
 * the summary that `work` returns. Exit code 0 when the work was done, whatever it found; 2 for a brief that
 * is not valid, 1 when the work itself failed, with the reason on standard error.
 */
export async function runWorker(work: (job: Job) => Promise<Text>): Promise<void> {
  try {
    const brief = await readBrief();
    const { report, close } = createReporter((line) => process.stdout.write(`${JSON.stringify(line)}\n`));
    const beats =
      brief.heartbeatMs === undefined ? undefined : setInterval(() => report.heartbeat(), brief.heartbeatMs / 3);
    const summary = await work({ brief, report }).finally(() => clearInterval(beats));
    close(summary);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = error instanceof BriefError ? 2 : 1;
  }
}

class BriefError extends Error {}

async function readBrief(): Promise<Brief> {
  try {
    return parseAtDoor(Brief, JSON.parse(await readAll(process.stdin)), "The brief on standard input");
  } catch (error) {
    throw new BriefError(`A worker expects one brief as JSON on its standard input. ${messageOf(error)}`);
  }
}

/** Bounds the findings of each code; `close` says how many more there were, and ends with `done`. */
export function createReporter(emit: (report: WorkerReport) => void): {
  report: Reporter;
  close: (summary: Text) => void;
} {
  const counts = new Map<FindingCode, { count: number; example: Text }>();
  const report: Reporter = {
    progress: (done, total) => emit({ type: "progress", done, ...(total === undefined ? {} : { total }) }),
    heartbeat: () => emit({ type: "heartbeat" }),
    fact: (name, value) => emit({ type: "fact", name, value }),
    finding: ({ code, severity, file, line, params, evidence }) => {
      const text = words(`finding.${code}`, params);
      const count = (counts.get(code)?.count ?? 0) + 1;
      counts.set(code, { count, example: text });
      if (count > FINDINGS_PER_CODE) return;
      const place = { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
      emit({ type: "finding", code, severity, ...place, text, evidence });
    },
    unavailable: (code, params) => emit({ type: "unavailable", code, text: words(`unavailable.${code}`, params) }),
  };
  const close = (summary: Text): void => {
    for (const [code, { count, example }] of counts) {
      report.fact(`count.${code}`, count);
      const more = count - FINDINGS_PER_CODE;
      if (more > 0) report.unavailable("worker.more_findings", { count: more, example });
    }
    emit({ type: "done", summary });
  };
  return { report, close };
}
