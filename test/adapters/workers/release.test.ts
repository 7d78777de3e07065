import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { placeForEntry } from "../../../adapters/workers/changelog-file.ts";
import { entriesIn, sameVersion } from "../../../src/versions.ts";
import { commit, places, repository, runLane, temporaryFolder, wrongPlaces, writeFiles } from "./lane.ts";

const FILES = { tracked: 1, manifests: ["package.json"], testCommand: null };
const manifest = (version: string, scripts: Record<string, string> = {}) =>
  JSON.stringify({ name: "demo", version, scripts }, null, 2);
const CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-01-01\n\n- First\n";
const tag = (folder: string, name: string) => execa("git", ["tag", name], { cwd: folder });
async function subject(folder: string, message: string): Promise<void> {
  const identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
  await execa("git", [...identity, "commit", "-q", "--allow-empty", "-m", message], { cwd: folder });
}

describe("the work tree", () => {
  test("is clean where nothing is open, and each kind of open change is a finding", async () => {
    const folder = await repository({ "package.json": manifest("1.0.0") });
    const clean = { ...FILES, uncommitted: { changed: 0, untracked: 0, paths: [] } };
    const good = await runLane("release-tree", folder, { files: clean });
    expect(good.exitCode).toBe(0);
    expect(places(good)).toEqual([]);
    const open = { ...FILES, uncommitted: { changed: 2, untracked: 1, paths: ["a\nb", "c", "d"] } };
    expect(places(await runLane("release-tree", folder, { files: open }))).toEqual([
      "release_tree.uncommitted :",
      "release_tree.untracked :",
    ]);
    expect((await runLane("release-tree", folder, { files: FILES })).unavailable).toEqual(["release_tree.no_state"]);
  });
});

describe("version, changelog and tags", () => {
  test.each([
    ["agree", "1.2.0", `# Changelog\n\n## 1.2.0\n\n- New\n`, []],
    ["have no entry", "1.2.0", CHANGELOG, ["release_version.not_in_changelog CHANGELOG.md:5"]],
    [
      "have an empty entry",
      "1.2.0",
      "# Changelog\n\n## [1.2.0]\n\n### Added\n\n## [1.1.0]\n\n- x\n",
      ["release_version.empty_entry CHANGELOG.md:3"],
    ],
    ["are no semantic version", "1.2", `## 1.2\n\n- New\n`, ["release_version.invalid package.json:3"]],
    ["are not newer than the tag", "1.0.0", `## 1.0.0\n\n- Old\n`, ["release_version.not_newer package.json:3"]],
    [
      "are below another entry",
      "1.2.0",
      "## 2.0.0\n\n- y\n\n## 1.2.0\n\n- x\n",
      ["release_version.not_newest_entry CHANGELOG.md:5"],
    ],
  ])("%s", async (_, version, changelog, expected) => {
    const folder = await repository({ "package.json": manifest(version), "CHANGELOG.md": changelog });
    await tag(folder, "v1.1.0");
    await tag(folder, "not-a-version");
    const outcome = await runLane("release-version", folder);
    expect(outcome.exitCode).toBe(0);
    expect(places(outcome)).toEqual(expected);
    expect(await wrongPlaces(folder, outcome)).toEqual([]);
  });

  test("are compared between manifests, and a missing changelog or version is said", async () => {
    const folder = await repository({
      "package.json": manifest("1.0.0"),
      "Cargo.toml": '[package]\nname = "x"\nversion = "1.0.1"\n',
    });
    expect(places(await runLane("release-version", folder))).toEqual([
      "release_version.differs Cargo.toml:3",
      "release_version.no_changelog :",
    ]);
    const bare = await repository({ "README.md": "x" });
    expect((await runLane("release-version", bare)).unavailable).toEqual(["release_version.no_version"]);
  });
});

describe("the version to release", () => {
  const ahead = "# Changelog\n\n## 1.3.0\n\n- Newer\n\n## 1.2.0\n\n- New\n";
  const set = async () => {
    const folder = await repository({ "package.json": manifest("1.2.0"), "CHANGELOG.md": ahead });
    await tag(folder, "v1.2.0");
    return folder;
  };

  test.each([
    ["manifest", "1.2.0", ["release_version.not_newest_entry CHANGELOG.md:7"]],
    ["changelog", "1.3.0", ["release_version.to_raise package.json:3"]],
    [
      "next_free",
      "1.2.1",
      ["release_version.to_raise package.json:3", "release_version.not_in_changelog CHANGELOG.md:3"],
    ],
  ])("is the one of the %s where that was chosen", async (release_version, version, expected) => {
    const folder = await set();
    const outcome = await runLane("release-version", folder, { args: { release_version } });
    expect(outcome.facts["version"]).toBe(version);
    expect(places(outcome)).toEqual(expected.toSorted());
    expect(await wrongPlaces(folder, outcome)).toEqual([]);
    const looked = await runLane("release-tag", folder, { files: FILES, args: { release_version } });
    expect(looked.facts["tag"]).toBe(`v${version}`);
  });
});

describe("the tag", () => {
  test("is free, or taken here, with the repository's own habit of naming", async () => {
    const folder = await repository({ "package.json": manifest("1.2.0") });
    await tag(folder, "1.1.0");
    const free = await runLane("release-tag", folder, { files: FILES });
    expect([free.facts["tag"], places(free), free.unavailable]).toEqual(["1.2.0", [], ["release_tag.no_remote"]]);
    await tag(folder, "1.2.0");
    expect(places(await runLane("release-tag", folder, { files: FILES }))).toEqual(["release_tag.taken :"]);
  });

  test("that is this release must stand at the commit that is checked, here and there", async () => {
    const remote = await repository({ "package.json": manifest("1.2.0") });
    await tag(remote, "v1.2.0");
    const folder = await repository({ "package.json": manifest("1.2.0"), "CHANGELOG.md": "## 1.2.0\n\n- New\n" });
    await tag(folder, "v1.2.0");
    const args = { tag_is_release: true };
    expect(places(await runLane("release-tag", folder, { files: FILES, args }))).toEqual(["release_tag.at_commit :"]);
    expect(places(await runLane("release-version", folder, { args }))).toEqual([]);
    const files = { ...FILES, remote };
    expect(places(await runLane("release-tag", folder, { files, args, mayUseNetwork: true }))).toEqual([
      "release_tag.at_commit :",
      "release_tag.elsewhere_remote :",
    ]);
    await subject(folder, "later");
    expect(places(await runLane("release-tag", folder, { files: FILES, args }))).toEqual(["release_tag.elsewhere :"]);
  });

  test("is looked for in the remote repository only where the network may be used", async () => {
    const remote = await repository({ "package.json": manifest("1.2.0") });
    await tag(remote, "v1.2.0");
    const folder = await repository({ "package.json": manifest("1.2.0") });
    const files = { ...FILES, remote };
    expect((await runLane("release-tag", folder, { files })).unavailable).toEqual(["release_tag.not_allowed"]);
    expect(places(await runLane("release-tag", folder, { files, mayUseNetwork: true }))).toEqual([
      "release_tag.taken_remote :",
    ]);
    const gone = { ...FILES, remote: join(folder, "no-such") };
    expect((await runLane("release-tag", folder, { files: gone, mayUseNetwork: true })).unavailable).toEqual([
      "release_tag.no_answer",
    ]);
  });

  test("is asked for with no program that the address names", async () => {
    const folder = await repository({ "package.json": manifest("1.2.0") });
    const trap = join(folder, "trapped");
    const files = { ...FILES, remote: `ext::touch ${trap}` };
    const outcome = await runLane("release-tag", folder, { files, mayUseNetwork: true });
    expect(outcome.unavailable).toEqual(["release_tag.no_answer"]);
    await expect(readFile(trap)).rejects.toThrow("ENOENT");
  });
});

describe("the build", () => {
  const build = (folder: string, allowed = true) => runLane("release-build", folder, { mayRunRepositoryCode: allowed });

  test("passes, fails with its output, or is not run, each said", async () => {
    const good = await build(await repository({ "package.json": manifest("1.0.0", { build: "node -e 0" }) }));
    expect([places(good), good.facts["buildExitCode"]]).toEqual([[], 0]);
    const bad = await build(
      await repository({ "package.json": manifest("1.0.0", { build: "node -e 'process.exit(3)'" }) }),
    );
    expect(places(bad)).toEqual(["release_build.failed :"]);
    const none = await build(await repository({ "package.json": manifest("1.0.0") }));
    expect([none.unavailable, none.facts["buildRan"]]).toEqual([["release_build.no_script"], false]);
    const forbidden = await build(
      await repository({ "package.json": manifest("1.0.0", { build: "node -e 0" }) }),
      false,
    );
    expect(forbidden.unavailable).toEqual(["release_build.not_allowed"]);
  });

  test("that fails once and then passes is told from one that keeps failing", async () => {
    const script = "node -e 'const f=require(`fs`);if(!f.existsSync(`m`)){f.writeFileSync(`m`,``);process.exit(3)}'";
    const folder = await repository({ "package.json": manifest("1.0.0", { build: script }) });
    const args = { repeat_failed: true };
    const outcome = await runLane("release-build", folder, { mayRunRepositoryCode: true, args });
    expect(places(outcome)).toEqual(["release_build.flaky :"]);
    const broken = await repository({ "package.json": manifest("1.0.0", { build: "node -e 'process.exit(3)'" }) });
    expect(places(await runLane("release-build", broken, { mayRunRepositoryCode: true, args }))).toEqual([
      "release_build.failed :",
    ]);
  });

  test("is tried in a plain folder too, where no commit is there to compare with", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { "package.json": manifest("1.0.0", { build: "node -e 0" }) });
    const outcome = await runLane("release-build", folder, { mayRunRepositoryCode: true, revision: null });
    expect([outcome.exitCode, places(outcome), outcome.facts["buildExitCode"]]).toEqual([0, [], 0]);
  });

  test("that writes into files under version control is a finding", async () => {
    const script = "node -e 'require(`fs`).writeFileSync(`kept.js`,`new`)'";
    const folder = await repository({ "package.json": manifest("1.0.0", { build: script }), "kept.js": "old" });
    expect(places(await build(folder))).toEqual(["release_build.changes_files :"]);
  });
});

describe("the changelog entry", () => {
  const written = (folder: string) => readFile(join(folder, "CHANGELOG.md"), "utf8");

  test("is written from the commits since the last tag, sorted, and stands where the finding says", async () => {
    const folder = await repository({ "package.json": manifest("1.2.0"), "CHANGELOG.md": CHANGELOG });
    await tag(folder, "v1.1.0");
    for (const message of ["feat(cli): add a <b>switch</b>", "fix: mend *it*", "chore: tidy", "Speed things up"])
      await subject(folder, message);
    const outcome = await runLane("release-changelog", folder);
    expect(outcome.facts).toMatchObject({ entryWritten: true, commitsListed: 3 });
    expect(await wrongPlaces(folder, outcome)).toEqual([]);
    const text = await written(folder);
    expect(text).toContain(
      "### Added\n\n- cli: add a \\<b\\>switch\\</b\\>\n\n### Changed\n\n- Speed things up\n\n### Fixed\n\n- mend \\*it\\*\n\n## [1.1.0]",
    );
    expect(text.startsWith("# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - ")).toBe(true);
    expect(text.endsWith("- First\n")).toBe(true);
  });

  test("is one list where that was chosen, in a new file where there is none", async () => {
    const folder = await repository({ "package.json": manifest("0.1.0") });
    await commit(folder, { "a.txt": "a" });
    await runLane("release-changelog", folder, { args: { changelog_entry: "plain" } });
    expect(await written(folder)).toMatch(/^# Changelog\n\n## \[0\.1\.0\] - \d{4}-\d\d-\d\d\n\n- work\n- work\n$/);
  });

  test("is not written twice, and not without commits or a version", async () => {
    const folder = await repository({ "package.json": manifest("1.1.0"), "CHANGELOG.md": CHANGELOG });
    expect((await runLane("release-changelog", folder)).unavailable).toEqual(["release_changelog.is_there"]);
    await tag(folder, "v1.1.0");
    await writeFiles(folder, { "package.json": manifest("1.2.0") });
    expect((await runLane("release-changelog", folder)).unavailable).toEqual(["release_changelog.no_commits"]);
    expect(await written(folder)).toBe(CHANGELOG);
    const bare = await repository({ "README.md": "x" });
    expect((await runLane("release-changelog", bare)).unavailable).toEqual(["release_changelog.no_version"]);
  });
});

test("entries are found in the forms that people write them in", () => {
  const lines = [
    "# Changes",
    "## [Unreleased]",
    "- x",
    "## v2.0.0-rc.1 (2026)",
    "- y",
    "1.9.0 / 2025-01-01",
    "=====",
    "- z",
    "### 1.8",
    "see 1.7.0",
  ];
  expect(entriesIn(lines).map(({ version, line, filled }) => [version, line, filled])).toEqual([
    ["2.0.0-rc.1", 4, true],
    ["1.9.0", 6, true],
    ["1.8", 9, true],
  ]);
  expect(placeForEntry(lines)).toBe(3);
  expect(sameVersion("v1.8", "1.8.0")).toBe(true);
  expect(sameVersion("1.8.0-rc.1", "1.8.0")).toBe(false);
});
