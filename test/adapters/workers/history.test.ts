import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { commit, places, repository, runLane, temporaryFolder, writeFiles } from "./lane.ts";

test("files that change often are hot spots, and what one person alone changes is said", async () => {
  const folder = await repository({ "a.ts": "0\n", "odd\nname.ts": "0\n" });
  for (let n = 1; n < 6; n += 1) await commit(folder, { "a.ts": `${n}\n` }, n % 2 === 0 ? "ann" : "bob");
  for (let n = 1; n < 6; n += 1) await commit(folder, { "odd\nname.ts": `${n}\n` }, "ann");

  const outcome = await runLane("history", folder);

  expect(outcome).toMatchObject({ exitCode: 0, done: true, unavailable: [] });
  expect(outcome.facts).toMatchObject({ commits: 11, authors: 2, commitsInWindow: 11, trackedFiles: 2, hotSpots: 2 });
  expect(outcome.facts["revision"]).toBe((await execa("git", ["rev-parse", "HEAD"], { cwd: folder })).stdout);
  expect(places(outcome)).toEqual([
    "history.hot_spot a.ts:",
    "history.hot_spot odd\nname.ts:",
    "history.known_to_one odd\nname.ts:",
  ]);
});

test("a workspace that is a part of a repository is judged by its own part", async () => {
  const folder = await repository({ "part/a.ts": "0\n", "b.ts": "0\n" });
  for (let n = 1; n < 6; n += 1) await commit(folder, { "part/a.ts": `${n}\n` });
  for (let n = 1; n < 6; n += 1) await commit(folder, { "b.ts": `${n}\n` }, "bob");
  const outcome = await runLane("history", join(folder, "part"));
  expect(outcome.facts).toMatchObject({ commits: 6, authors: 1, trackedFiles: 1 });
  expect(places(outcome)).toEqual(["history.hot_spot a.ts:", "history.one_author :"]);
});

test("a lock file that changes often is no hot spot", async () => {
  const folder = await repository({ "package-lock.json": "0" });
  for (let n = 1; n < 6; n += 1) await commit(folder, { "package-lock.json": String(n) });
  expect(places(await runLane("history", folder))).toEqual(["history.one_author :"]);
});

test("a shallow clone is said to be shallow", async () => {
  const folder = await repository({ a: "1" });
  await commit(folder, { a: "2" });
  const clone = await temporaryFolder();
  await execa("git", ["clone", "-q", "--depth=1", `file://${folder}`, clone]);
  const outcome = await runLane("history", clone);
  expect(outcome.unavailable).toEqual(["history.shallow"]);
  expect(outcome.facts["commits"]).toBe(1);
  // By one author, as far as can be seen: that is no finding about the whole history.
  expect(places(outcome)).toEqual([]);
});

test("a folder without commits has no history, and that is said", async () => {
  const folder = await temporaryFolder();
  await writeFiles(folder, { "a/b.txt": "x" });
  const outcome = await runLane("history", folder);
  expect(outcome).toMatchObject({ exitCode: 0, done: true, unavailable: ["history.no_repository"] });
  expect(outcome.facts).toMatchObject({ commits: 0, trackedFiles: 1 });
});

test("programs that the repository's configuration names are not run", async () => {
  const folder = await repository({ a: "1" });
  for (const key of ["core.fsmonitor", "diff.external", "log.showSignature", "gpg.program"]) {
    await execa("git", ["config", key, key === "log.showSignature" ? "true" : "touch was-run; false"], { cwd: folder });
  }
  const outcome = await runLane("history", folder);
  expect(outcome.exitCode).toBe(0);
  expect((await execa("ls", { cwd: folder })).stdout).toBe("a");
});

test("a brief that is not valid ends with 2 and says what is wrong", async () => {
  const folder = await repository({ a: "1" });
  const outcome = await runLane("history", folder, { timeLimitMs: -1 });
  expect(outcome).toMatchObject({ exitCode: 2, done: false });
  expect(outcome.stderr).toContain("timeLimitMs");
});

test("an argument of the wrong type ends with 1 and says what is wrong", async () => {
  const folder = await repository({ a: "1" });
  const outcome = await runLane("history", folder, { args: { history_days: "many" } });
  expect(outcome).toMatchObject({ exitCode: 1, done: false });
  expect(outcome.stderr).toContain("history_days");
});
