import { once } from "node:events";
import { symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { createGitWorkspace } from "../../../adapters/workspace/git-workspace.ts";
import { translatorFor } from "../../../src/i18n.ts";
import { createLog } from "../../../src/log.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";
import { repository, runLane, temporaryFolder, writeFiles } from "./lane.ts";

test.each(["dependencies", "documentation", "history", "secrets", "size"])(
  "where there is a submodule, %s counts the same files as Fetch",
  async (lane) => {
    const folder = await repository({ "README.md": "# House\n" });
    const git = (...args: string[]) => execa("git", args, { cwd: folder });
    const { stdout: revision } = await git("rev-parse", "HEAD");
    await git("update-index", "--add", "--cacheinfo", `160000,${revision},inner`);
    await git("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-qm", "Add inner");
    const root = await temporaryFolder();
    const workspace = createGitWorkspace({ root, clock: createFakeClock(), log: createLog("silent") });
    const seen = await workspace.inspect(folder, new AbortController().signal);
    const { facts } = await runLane(lane, folder);
    expect([seen.trackedFiles, facts["trackedFiles"]]).toEqual([1, 1]);
  },
);

test("in a folder without git, Fetch, the copy and every worker hold the same, and what is left out is said", async () => {
  const folder = join(await temporaryFolder(), "house");
  await writeFiles(folder, { "README.md": "# House\n", "sub/two\nlines.txt": "a\n", "node_modules/x/y.js": "" });
  await writeFile(Buffer.concat([Buffer.from(`${folder}/odd-`), Buffer.from([0xff])]), "no UTF-8 name\n");
  await symlink("sub", join(folder, "inside"));
  await symlink("nowhere", join(folder, "broken"));
  await symlink("/etc/passwd", join(folder, "absolute"));
  await symlink("../..", join(folder, "sub/up"));
  // By its words inside, in truth beside the folder.
  await symlink(".", join(folder, "here"));
  await symlink("here/../beside", join(folder, "hidden-way"));
  await writeFiles(dirname(folder), { beside: "" });
  const server = createServer().listen(join(folder, "socket\nline"));
  onTestFinished(() => void server.close());
  await once(server, "listening");

  const root = await temporaryFolder();
  const workspace = createGitWorkspace({ root, clock: createFakeClock(), log: createLog("silent") });
  const never = new AbortController().signal;
  const seen = await workspace.inspect(folder, never);
  const copy = await workspace.open("run_4k2m9x7q1b", "lane", folder, null, never);
  const counts: Record<string, unknown> = {};
  for (const lane of ["dependencies", "documentation", "history", "secrets", "size"]) {
    const { facts, unavailable } = await runLane(lane, copy.root, { revision: null });
    counts[lane] = facts["trackedFiles"];
    expect(unavailable).not.toContain("secrets.history");
  }
  expect(seen.trackedFiles).toBe(5);
  expect(counts).toEqual({ dependencies: 5, documentation: 5, history: 5, secrets: 5, size: 5 });
  const words = translatorFor("en");
  expect(seen.gaps.map((gap) => words.say(gap))).toEqual([
    "Left out, because it cannot be read: odd-\uFFFD.",
    "3 links that lead out of the folder are left out: absolute, hidden-way, sub/up.",
    'A socket, pipe or device is left out: "socket\\nline".',
  ]);
});
