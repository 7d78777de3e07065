import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../files.ts";
import type { Evidence } from "../../src/contracts/finding.ts";
import type { Text } from "../../src/contracts/text.ts";
import type { Brief } from "../../src/contracts/worker.ts";
import { booleanArgument, integerArgument } from "./arguments.ts";
import { readContent } from "./file-content.ts";
import { installCommand } from "./install.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { PackageJson, parseJson } from "./package-json.ts";
import { runWorker, words, type Reporter } from "./protocol.ts";
import { noTestsRan, notInstalled } from "./test-output.ts";
import { runLogged, type CommandEnd } from "./test-run.ts";

/** Lane `tests`: runs the repository's own test command in the run's copy of it. */

const LOG = "tests-output.log";
const TAIL_LENGTH = 1500;
/** What is left of the lane's time for reading the output and saying what came. */
const RESERVE_MS = 5000;

interface TestRun extends CommandEnd {
  /** The end of the output, secrets masked. */
  readonly output: string;
}

async function installAndRun(argv: readonly string[], log: string, brief: Brief, report: Reporter): Promise<TestRun[]> {
  const endsAt = performance.now() + Math.max(brief.timeLimitMs * 0.9 - RESERVE_MS, brief.timeLimitMs / 2);
  const left = (): number => Math.max(1, endsAt - performance.now());
  if (booleanArgument(brief, "install_dependencies", false)) {
    if (!(await install(log, left(), brief, report))) return [];
  }
  const given = integerArgument(brief, "test_runs", 1);
  const again = booleanArgument(brief, "repeat_failed", false);
  let wanted = given;
  const runs: TestRun[] = [];
  let before = await readLog(log);
  for (let run = 0; run < wanted; run += 1) {
    const end = await runLogged(argv, log, left(), () => report.progress(run, wanted));
    const output = await maskSecrets((await readLog(log)).slice(before.length));
    before += output;
    await writeFile(log, before);
    runs.push({ ...end, output });
    if (end.ended !== "by_itself") break;
    // Whether a failure was chance is known only when it had a second chance.
    const passed = runs.some(({ exitCode }) => exitCode === 0);
    if (run + 1 === wanted && wanted === given && again && !passed) wanted += 1;
  }
  return runs;
}

/** False where the tests have no chance, because what they need could not be installed. */
async function install(log: string, timeLimitMs: number, brief: Brief, report: Reporter): Promise<boolean> {
  if ((await declaredPackages()) === 0 && (await exists("package.json"))) return true;
  const argv = await installCommand();
  if (argv === undefined) {
    report.unavailable("tests.install_unknown");
    return true;
  }
  if (!brief.mayUseNetwork) {
    report.unavailable("tests.install_not_allowed");
    return true;
  }
  const end = await runLogged(argv, log, timeLimitMs, () => report.progress(0));
  const output = await maskSecrets(await readLog(log));
  await writeFile(log, output);
  report.fact("installExitCode", end.exitCode ?? "none");
  if (end.exitCode === 0) return true;
  const reason = end.ended === "by_itself" ? lastLines(output, 300) : words(`worker.reason.${end.ended}`);
  report.unavailable("tests.install_failed", { command: argv.join(" "), reason });
  return false;
}

async function judge(runs: readonly TestRun[], report: Reporter): Promise<void> {
  const codes = new Set(runs.map((run) => run.exitCode));
  const bad = runs.find((run) => run.exitCode !== 0) ?? runs.at(-1);
  if (bad === undefined) return;
  const command = bad.argv.join(" ");
  const excerpt = lastLines(bad.output, TAIL_LENGTH);
  const evidence: Evidence[] = [{ kind: "command", argv: [...bad.argv], exitCode: bad.exitCode, excerpt }];
  const seconds = Math.round(bad.durationMs / 1000);
  switch (bad.ended) {
    case "not_found":
      return report.unavailable("tests.program_missing", { program: bad.argv[0] ?? "" });
    case "time_limit":
      return report.finding({ code: "tests.time_limit", severity: "medium", params: { command, seconds }, evidence });
    case "output_limit":
      return report.finding({ code: "tests.output_limit", severity: "medium", params: { command }, evidence });
    case "by_itself":
  }
  if (noTestsRan(bad.output)) {
    return report.finding({ code: "tests.none_ran", severity: "medium", params: { command }, evidence });
  }
  if (bad.exitCode === 0) return;
  const missing = notInstalled(bad.output);
  const uninstalled = (await declaredPackages()) > 0 && !(await exists("node_modules"));
  if (missing !== undefined || uninstalled) {
    return report.unavailable("tests.not_installed", {
      command,
      code: bad.exitCode ?? "–",
      name: missing ?? "node_modules",
    });
  }
  const params = { command, code: bad.exitCode ?? "–" };
  if (codes.size > 1) report.finding({ code: "tests.flaky", severity: "high", params, evidence });
  else report.finding({ code: "tests.failed", severity: "high", params, evidence });
}

async function declaredPackages(): Promise<number> {
  const content = await readContent("package.json");
  const manifest = content.kind === "text" ? parseJson(PackageJson, content.text) : undefined;
  if (manifest === undefined) return 0;
  return Object.keys(manifest.dependencies).length + Object.keys(manifest.devDependencies).length;
}

async function readLog(log: string): Promise<string> {
  return readFile(log, "utf8");
}

function lastLines(text: string, length: number): string {
  return text.slice(-length).trim();
}

await runWorker(async ({ brief, report }): Promise<Text> => {
  const folder = process.env["COXSWAIN_ARTIFACTS"];
  if (folder === undefined) throw new Error("COXSWAIN_ARTIFACTS must name the folder for artifacts; it is not set.");
  const log = join(folder, LOG);
  await writeFile(log, "");
  const argv = brief.files.testCommand;
  const runs = argv === null || !brief.mayRunRepositoryCode ? [] : await installAndRun(argv, log, brief, report);
  if (argv === null) report.unavailable("tests.no_command");
  else if (!brief.mayRunRepositoryCode) report.unavailable("tests.not_allowed");
  if (runs.length === 0) await writeFile(log, "[not run]\n", { flag: "a" });

  const last = runs.at(-1);
  report.fact("testsRan", runs.length > 0);
  report.fact("testRuns", runs.length);
  if (last === undefined) return words("worker.tests.not_run");
  report.fact("testExitCode", last.exitCode ?? "none");
  report.fact("testDurationMs", last.durationMs);
  await judge(runs, report);
  if (last.ended !== "by_itself") return words("worker.tests.not_ended");
  return words("worker.tests.done", { command: last.argv.join(" "), code: last.exitCode ?? "–", runs: runs.length });
});
