import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createGitWorkspace } from "../../../adapters/workspace/git-workspace.ts";
import { createLog } from "../../../src/log.ts";
import { forThisTest } from "../../contracts/workspace-contract.ts";
import {
  emptyFolder,
  nodeRepository,
  repositoryWithoutCommit,
  type FolderFixture,
} from "../../fixtures/repositories.ts";

const never = new AbortController().signal;

async function search(fixture: FolderFixture, text: string, folder = fixture.folder) {
  const root = (await forThisTest(emptyFolder())).folder;
  const workspace = createGitWorkspace({ root, clock: { now: () => 0 }, log: createLog("silent") });
  return workspace.search(folder, text, never);
}

test("a search names the command that made it, and how it ended", async () => {
  const fixture = await forThisTest(nodeRepository());
  expect((await search(fixture, "TODO")).command).toMatchObject({
    argv: expect.arrayContaining(["TODO"]),
    exitCode: 0,
  });
  expect((await search(fixture, "nowhere at all")).command?.exitCode).toBe(1);
});

test("files are searched as they lie there now, and what git does not track is left out", async () => {
  const fixture = await forThisTest(nodeRepository());
  await fixture.write("docs/guide.md", "nothing to do, but NEW\n");
  await fixture.write("untracked.md", "NEW\n");
  await fixture.write("noise.log", "NEW\n");
  expect((await search(fixture, "TODO")).total).toBe(0);
  expect((await search(fixture, "NEW")).matches.map(({ path }) => path)).toEqual(["docs/guide.md"]);
});

test("a folder inside a repository is searched alone, with paths from there", async () => {
  const fixture = await forThisTest(nodeRepository());
  const found = await search(fixture, "sum", join(fixture.folder, "src"));
  expect(found.matches.map(({ path }) => path)).toEqual(["sum.js"]);
});

test("settings of the repository change neither the search nor what runs", async () => {
  const fixture = await forThisTest(nodeRepository());
  for (const [name, value] of [
    ["grep.lineNumber", "false"],
    ["grep.column", "true"],
    ["grep.fullName", "true"],
    ["grep.patternType", "perl"],
    ["color.grep", "always"],
    ["core.pager", "touch paged"],
    ["diff.markdown.textconv", "touch converted"],
  ] as const) {
    await fixture.git("config", name, value);
  }
  await writeFile(join(fixture.folder, ".git/info/attributes"), "*.md diff=markdown\n");
  const { matches } = await search(fixture, "TODO: write it.");
  expect(matches.map(({ path, line, excerpt }) => [path, line, excerpt])).toEqual([
    ["docs/guide.md", 3, "TODO: write it."],
  ]);
  expect(await fixture.git("status", "--porcelain")).toBe("");
});

test.each([
  ["a folder without a repository", emptyFolder],
  ["a repository without a commit", repositoryWithoutCommit],
])("%s is read file by file, without links and large files", async (_title, make) => {
  const fixture = await forThisTest(make());
  await fixture.write("deep/one.txt", "first\nneedle\n");
  await fixture.write("node_modules/x/index.js", "needle\n");
  await fixture.write("large.txt", `needle${" ".repeat(5_000_001)}`);
  const found = await search(fixture, "needle");
  expect(found).toMatchObject({ command: null, total: 1, cut: true });
  expect(found.matches).toMatchObject([{ path: "deep/one.txt", line: 2, excerpt: "needle" }]);
});
