import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Brief } from "../../../src/contracts/worker.ts";
import { places, repository, runLane, type LaneOutcome } from "./lane.ts";

const TOKEN = ["ghp", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].join("_");

function may(program: string[] | null, changes: Partial<Brief> = {}): Partial<Brief> {
  const files = { tracked: 1, manifests: [], testCommand: program };
  return { files, mayRunRepositoryCode: true, mayWrite: ["**"], ...changes };
}

async function logOf(outcome: LaneOutcome): Promise<string> {
  return readFile(join(outcome.artifacts, "tests-output.log"), "utf8");
}

test("the output goes to a file and the exit code is a fact", async () => {
  const folder = await repository({ "t.mjs": `console.log("1 passed ${TOKEN}")` });
  const outcome = await runLane("tests", folder, may([process.execPath, "t.mjs"]));
  expect(outcome).toMatchObject({ exitCode: 0, done: true, findings: [], unavailable: [] });
  expect(outcome.facts).toMatchObject({ testsRan: true, testRuns: 1, testExitCode: 0 });
  const log = await logOf(outcome);
  expect(log).toContain("1 passed");
  expect(log).not.toContain(TOKEN);
});

test("failing tests are a finding with exit code and the end of the output", async () => {
  const folder = await repository({ "t.mjs": 'console.log("boom"); process.exit(3)' });
  const outcome = await runLane("tests", folder, may([process.execPath, "t.mjs"]));
  expect(places(outcome)).toEqual(["tests.failed :"]);
  expect(outcome.findings[0]?.evidence[0]).toMatchObject({ kind: "command", exitCode: 3 });
  expect(JSON.stringify(outcome.findings)).toContain("boom");
  expect(outcome.exitCode).toBe(0);
});

test("tests that pass once and fail once are unreliable", async () => {
  const code = 'import fs from "node:fs"; if (fs.existsSync("seen")) process.exit(1); fs.writeFileSync("seen", "")';
  const folder = await repository({ "t.mjs": code });
  const outcome = await runLane("tests", folder, may([process.execPath, "t.mjs"], { args: { test_runs: 2 } }));
  expect(places(outcome)).toEqual(["tests.flaky :"]);
  expect(outcome.facts["testRuns"]).toBe(2);
});

test("a command that runs no tests is a finding", async () => {
  const folder = await repository({ "t.mjs": 'console.log("# tests 0")' });
  expect(places(await runLane("tests", folder, may([process.execPath, "t.mjs"])))).toEqual(["tests.none_ran :"]);
});

test("tests that never end are stopped in time", async () => {
  const folder = await repository({ "t.mjs": "setInterval(() => {}, 1000)" });
  const outcome = await runLane("tests", folder, may([process.execPath, "t.mjs"], { timeLimitMs: 1500 }));
  expect(places(outcome)).toEqual(["tests.time_limit :"]);
  expect(outcome).toMatchObject({ exitCode: 0, done: true });
});

test("what is not installed is said, and not taken for broken tests", async () => {
  const folder = await repository({
    "package.json": JSON.stringify({
      scripts: { test: "no-such-runner" },
      devDependencies: { "no-such-runner": "^1.0.0" },
    }),
  });
  const outcome = await runLane("tests", folder, may(["npm", "test"]));
  expect(outcome).toMatchObject({ exitCode: 0, done: true, findings: [], unavailable: ["tests.not_installed"] });
});

test("what a person did not allow is not run, and a missing program is said", async () => {
  const folder = await repository({ "t.mjs": 'import fs from "node:fs"; fs.writeFileSync("ran", "")' });
  const refused = await runLane("tests", folder, may([process.execPath, "t.mjs"], { mayRunRepositoryCode: false }));
  expect(refused.unavailable).toEqual(["tests.not_allowed"]);
  expect(refused.facts).toMatchObject({ testsRan: false, testRuns: 0 });
  expect(await logOf(refused)).not.toBe("");
  await expect(readFile(join(folder, "ran"))).rejects.toThrow("ENOENT");
  expect((await runLane("tests", folder, may(["no-such-program"]))).unavailable).toEqual(["tests.program_missing"]);
  expect((await runLane("tests", folder, may(null))).unavailable).toEqual(["tests.no_command"]);
});

test("install scripts do not run, and where the install fails the tests are not blamed", async () => {
  const lock = {
    name: "x",
    version: "1.0.0",
    lockfileVersion: 3,
    packages: {
      "": { name: "x", version: "1.0.0", dependencies: { a: "file:a" } },
      a: { version: "1.0.0" },
      "node_modules/a": { resolved: "a", link: true },
    },
  };
  const files = {
    "package.json": JSON.stringify({
      name: "x",
      version: "1.0.0",
      scripts: { postinstall: "touch ran" },
      dependencies: { a: "file:a" },
    }),
    "package-lock.json": JSON.stringify(lock),
    "a/package.json": '{"name":"a","version":"1.0.0"}',
    "t.mjs": 'import fs from "node:fs"; process.exit(fs.existsSync("node_modules/a") && !fs.existsSync("ran") ? 0 : 1)',
  };
  const args = { install_dependencies: true };
  const good = await runLane(
    "tests",
    await repository(files),
    may([process.execPath, "t.mjs"], { args, mayUseNetwork: true }),
  );
  expect(good).toMatchObject({ findings: [], unavailable: [] });
  expect(good.facts).toMatchObject({ installExitCode: 0, testExitCode: 0 });

  const torn = await repository({ ...files, "package-lock.json": "{" });
  const bad = await runLane("tests", torn, may([process.execPath, "t.mjs"], { args, mayUseNetwork: true }));
  expect(bad).toMatchObject({ findings: [], unavailable: ["tests.install_failed"] });
});
