import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import { SHIPPED_LANGUAGES, translatorFor } from "../../../src/i18n.ts";
import { WorkerReport, type Brief } from "../../../src/contracts/worker.ts";

const WORKERS = join(import.meta.dirname, "..", "..", "..", "adapters", "workers");
const AUTHORS = { ann: "Ann", bob: "Bob" } as const;

/** A folder that is gone when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "coxswain-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** A git repository with one commit of these files. */
export async function repository(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await temporaryFolder();
  await execa("git", ["init", "-q", "-b", "main"], { cwd: folder });
  await commit(folder, files);
  return folder;
}

export async function commit(
  folder: string,
  files: Readonly<Record<string, string | Buffer>>,
  author: keyof typeof AUTHORS = "ann",
): Promise<void> {
  await writeFiles(folder, files);
  await execa("git", ["add", "--all", "--force"], { cwd: folder });
  const identity = ["-c", `user.name=${AUTHORS[author]}`, "-c", `user.email=${author}@example.org`];
  await execa("git", [...identity, "commit", "-q", "--allow-empty", "-m", "work"], { cwd: folder });
}

export interface LaneOutcome {
  readonly exitCode: number | undefined;
  readonly output: string;
  readonly stderr: string;
  readonly artifacts: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly findings: readonly Extract<WorkerReport, { type: "finding" }>[];
  readonly unavailable: readonly string[];
  readonly done: boolean;
}

/** Runs a lane's program as a process of its own, as the bot does. Every line must be a valid report. */
export async function runLane(lane: string, cwd: string, changes: Partial<Brief> = {}): Promise<LaneOutcome> {
  const artifacts = await temporaryFolder();
  const revision = await execa("git", ["rev-parse", "HEAD"], { cwd, reject: false });
  const brief: Brief = {
    schemaVersion: 1,
    runId: "run_4k2m9x7q1b",
    dispatchId: "dsp_4k2m9x7q1b_1",
    attempt: 1,
    laneId: lane,
    role: "test",
    goal: "check the health of this repository",
    coreProblem: "Is the repository healthy?",
    task: lane,
    workspace: cwd,
    revision: revision.exitCode === 0 ? revision.stdout : null,
    files: { tracked: 1, manifests: [], testCommand: null },
    args: {},
    mayWrite: [],
    mayUseNetwork: false,
    mayRunRepositoryCode: false,
    timeLimitMs: 60_000,
    language: "en",
    constraints: [],
    revisions: [],
    ...changes,
  };
  const { exitCode, stdout, stderr } = await execa(process.execPath, [join(WORKERS, `${lane}.ts`)], {
    cwd,
    input: JSON.stringify(brief),
    reject: false,
    extendEnv: false,
    // As the bot's allow-list, with a home that holds nobody's settings.
    env: {
      PATH: process.env["PATH"],
      HOME: artifacts,
      TMPDIR: tmpdir(),
      COXSWAIN_WORKER: "1",
      COXSWAIN_ARTIFACTS: artifacts,
    },
  });
  const reports = stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => WorkerReport.parse(JSON.parse(line)));
  for (const report of reports) sayInAllLanguages(report);
  return {
    exitCode,
    output: stdout + stderr,
    stderr,
    artifacts,
    facts: Object.fromEntries(
      reports.flatMap((report) => (report.type === "fact" ? [[report.name, report.value]] : [])),
    ),
    findings: reports.filter((report) => report.type === "finding"),
    unavailable: reports.flatMap((report) => (report.type === "unavailable" ? [report.code] : [])),
    done: reports.at(-1)?.type === "done",
  };
}

/** Throws where a text is not in the catalogue, or lacks a value for one of its placeholders. */
function sayInAllLanguages(report: WorkerReport): void {
  const text = report.type === "done" ? report.summary : "text" in report ? report.text : undefined;
  if (text === undefined) return;
  for (const language of SHIPPED_LANGUAGES) {
    const said = translatorFor(language).say(text);
    if (text.kind !== "key" || said === text.key) throw new Error(`not said in ${language}: ${JSON.stringify(text)}`);
  }
}

/** `code file:line` of every finding, sorted. */
export function places(outcome: LaneOutcome): string[] {
  return outcome.findings.map(({ code, file, line }) => `${code} ${file ?? ""}:${line ?? ""}`).sort();
}

/** Findings whose line does not read as the worker claims; what Review would refuse. */
export async function wrongPlaces(folder: string, outcome: LaneOutcome): Promise<string[]> {
  const wrong: string[] = [];
  for (const { code, file, line, evidence } of outcome.findings) {
    if (file === undefined || line === undefined) continue;
    const lines = (await readFile(join(folder, file), "utf8")).split("\n").map((text) => text.replace(/\r$/, ""));
    const hash = createHash("sha256")
      .update(lines[line - 1] ?? "no such line")
      .digest("hex");
    const claimed = evidence.some((item) => item.kind === "file" && item.line === line && item.sha256 === hash);
    if (!claimed) wrong.push(`${code} ${file}:${line}`);
  }
  return wrong;
}
