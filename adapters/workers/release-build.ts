import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { exists } from "../files.ts";
import type { Evidence } from "../../src/contracts/finding.ts";
import type { Text } from "../../src/contracts/text.ts";
import type { Brief } from "../../src/contracts/worker.ts";
import { booleanArgument } from "./arguments.ts";
import { readContent } from "./file-content.ts";
import { gitRecords } from "./git.ts";
import { installCommand } from "./install.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { PackageJson, parseJson } from "./package-json.ts";
import { runWorker, words, type Reporter } from "./protocol.ts";
import { notInstalled } from "./test-output.ts";
import { runLogged, type CommandEnd } from "./test-run.ts";

/** Lane `build`: runs the manifest's own build script in the run's copy, where there is one and code may be run. */

const LOG = "build-output.log";
const TAIL_LENGTH = 1500;
/** What is left of the lane's time for reading the output and saying what came. */
const RESERVE_MS = 5000;
const NAMED = 10;

const Manifest = PackageJson.extend({ scripts: z.record(z.string(), z.unknown()).default({}) });
type Manifest = z.infer<typeof Manifest>;

async function manifest(): Promise<Manifest | undefined> {
  const content = await readContent("package.json");
  return content.kind === "text" ? parseJson(Manifest, content.text) : undefined;
}

async function buildCommand(scripts: Manifest["scripts"]): Promise<readonly string[] | undefined> {
  const script = scripts["build"];
  if (typeof script !== "string" || script.trim() === "") return undefined;
  if (await exists("pnpm-lock.yaml")) return ["pnpm", "run", "build"];
  if (await exists("yarn.lock")) return ["yarn", "run", "build"];
  return ["npm", "run", "build"];
}

/** False where the build has no chance, because what it needs could not be installed. */
async function install(log: string, timeLimitMs: number, brief: Brief, report: Reporter): Promise<boolean> {
  if (!booleanArgument(brief, "install_dependencies", false) || !brief.mayUseNetwork) return true;
  const argv = await installCommand();
  if (argv === undefined) return true;
  const end = await runLogged(argv, log, timeLimitMs, () => report.progress(0));
  report.fact("installExitCode", end.exitCode ?? "none");
  if (end.exitCode === 0) return true;
  const output = await maskSecrets(await readFile(log, "utf8"));
  const reason = end.ended === "by_itself" ? output.slice(-300).trim() : words(`worker.reason.${end.ended}`);
  report.unavailable("release_build.install_failed", { command: argv.join(" "), reason });
  return false;
}

/** True where the build itself did its work; what kept it from that is said. */
function judge(end: CommandEnd, output: string, dependencies: number, report: Reporter): boolean {
  const command = end.argv.join(" ");
  const seconds = Math.round(end.durationMs / 1000);
  const excerpt = output.slice(-TAIL_LENGTH).trim();
  const evidence: Evidence[] = [{ kind: "command", argv: [...end.argv], exitCode: end.exitCode, excerpt }];
  switch (end.ended) {
    case "not_found":
      report.unavailable("release_build.program_missing", { program: end.argv[0] ?? "" });
      return false;
    case "time_limit": {
      const params = { command, seconds };
      report.finding({ code: "release_build.time_limit", severity: "medium", params, evidence });
      return false;
    }
    case "output_limit":
      report.finding({ code: "release_build.output_limit", severity: "medium", params: { command }, evidence });
      return false;
    case "by_itself":
  }
  if (end.exitCode === 0) return true;
  const missing = notInstalled(output) ?? (dependencies > 0 ? "node_modules" : undefined);
  const params = { command, code: end.exitCode ?? "–" };
  if (missing === undefined) report.finding({ code: "release_build.failed", severity: "high", params, evidence });
  else report.unavailable("release_build.not_installed", { ...params, name: missing });
  return false;
}

/** A build that writes into files under version control makes a release that is not the commit. */
async function checkTouched(argv: readonly string[], report: Reporter): Promise<void> {
  const touched = await Array.fromAsync(gitRecords("diff", "--name-only", "-z", "HEAD", "--"));
  report.fact("filesTouched", touched.length);
  if (touched.length === 0) return;
  const evidence: Evidence[] = [
    { kind: "command", argv: [...argv], exitCode: 0 },
    ...touched.slice(0, NAMED).map((path): Evidence => ({ kind: "file", path })),
  ];
  const params = { count: touched.length, names: touched.slice(0, NAMED).join(", ") };
  report.finding({ code: "release_build.changes_files", severity: "medium", params, evidence });
}

await runWorker(async ({ brief, report }): Promise<Text> => {
  const folder = process.env["COXSWAIN_ARTIFACTS"];
  if (folder === undefined) throw new Error("COXSWAIN_ARTIFACTS must name the folder for artifacts; it is not set.");
  const log = join(folder, LOG);
  await writeFile(log, "");
  const endsAt = performance.now() + Math.max(brief.timeLimitMs * 0.9 - RESERVE_MS, brief.timeLimitMs / 2);
  const left = (): number => Math.max(1, endsAt - performance.now());
  const notRun = async (): Promise<Text> => {
    await writeFile(log, "[not run]\n", { flag: "a" });
    report.fact("buildRan", false);
    return words("worker.release_build.not_run");
  };

  const found = await manifest();
  const argv = found === undefined ? undefined : await buildCommand(found.scripts);
  if (found === undefined || argv === undefined) {
    report.unavailable("release_build.no_script");
    return notRun();
  }
  if (!brief.mayRunRepositoryCode) {
    report.unavailable("release_build.not_allowed");
    return notRun();
  }
  if (!(await install(log, left(), brief, report))) return notRun();
  const before = (await readFile(log, "utf8")).length;
  const first = await runLogged(argv, log, left(), () => report.progress(0));
  const again = booleanArgument(brief, "repeat_failed", false) && first.ended === "by_itself" && first.exitCode !== 0;
  const end = again ? await runLogged(argv, log, left(), () => report.progress(0)) : first;
  const output = await maskSecrets(await readFile(log, "utf8"));
  await writeFile(log, output);
  report.fact("buildRan", true);
  if (again && end.exitCode === 0) {
    const evidence: Evidence[] = [{ kind: "command", argv: [...argv], exitCode: first.exitCode }];
    const params = { command: argv.join(" "), code: first.exitCode ?? "–" };
    report.finding({ code: "release_build.flaky", severity: "high", params, evidence });
  }
  report.fact("buildExitCode", end.exitCode ?? "none");
  const uninstalled = (await exists("node_modules"))
    ? 0
    : Object.keys(found.dependencies).length + Object.keys(found.devDependencies).length;
  const passed = judge(end, output.slice(before), uninstalled, report);
  // A plain folder has no commit that a build could differ from.
  if (passed && brief.revision !== null) await checkTouched(argv, report);
  return words("worker.release_build.done", { command: argv.join(" "), code: end.exitCode ?? "–" });
});
