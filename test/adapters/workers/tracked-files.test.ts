import { execa } from "execa";
import { expect, test } from "vitest";
import { createGitWorkspace } from "../../../adapters/workspace/git-workspace.ts";
import { createLog } from "../../../src/log.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";
import { repository, runLane, temporaryFolder } from "./lane.ts";

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
