import { existsSync } from "node:fs";
import { chmod, readFile, readdir, rm, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createGitWorkspace } from "../../../adapters/workspace/git-workspace.ts";
import type { Workspace } from "../../../src/ports.ts";
import { describeWorkspaceContract, forThisTest } from "../../contracts/workspace-contract.ts";
import {
  emptyFolder,
  nodeRepository,
  plainRepository,
  repositoryWithoutCommit,
  type FolderFixture,
} from "../../fixtures/repositories.ts";
import { everyByte } from "./folder-hash.ts";

const log = pino({ level: "silent" });
const clock = { now: () => 1_700_000_000_000 };
const never = new AbortController().signal;
const RUN = "run_4k2m9x7q1b";

function create(root: string): Workspace {
  return createGitWorkspace({ root, clock, log });
}

async function setUp(fixture: Promise<FolderFixture>) {
  return { fixture: await forThisTest(fixture), workspace: create((await forThisTest(emptyFolder())).folder) };
}

describeWorkspaceContract("the git workspace", create);

describe("evidence of a repository", () => {
  it("says what the next release would be", async () => {
    const { fixture, workspace } = await setUp(plainRepository());
    const release = async () => (await workspace.inspect(fixture.folder, never)).release;
    expect(await release()).toEqual({ versions: [], changelog: null, tag: null, nextFree: null });
    await fixture.write("package.json", '{ "version": "1.1.0", "scripts": { "build": "true" } }');
    await fixture.write("VERSION", "1.0.0\n");
    await fixture.write("CHANGELOG.md", "# Changes\n\n## 1.2.0\n\n- x\n\n## 1.1.0\n");
    await fixture.write("docs/CHANGELOG.md", "## 9.0.0\n");
    await fixture.commit("Name a version");
    const changelog = { file: "CHANGELOG.md", newest: "1.2.0", entry: "empty" };
    const versions = [
      { file: "package.json", version: "1.1.0" },
      { file: "VERSION", version: "1.0.0" },
    ];
    const free = { versions, changelog, tag: { name: "v1.1.0", commit: null }, nextFree: "1.1.0" };
    expect(await release()).toEqual(free);
    await fixture.git("tag", "-a", "-m", "first", "v1.1.0");
    const { revision, buildCommand } = await workspace.inspect(fixture.folder, never);
    expect(await release()).toEqual({ ...free, tag: { name: "v1.1.0", commit: revision }, nextFree: "1.1.1" });
    expect(buildCommand?.argv).toEqual(["npm", "run", "build"]);
  });

  it("says what the commit holds", async () => {
    const { fixture, workspace } = await setUp(nodeRepository());
    const evidence = await workspace.inspect(fixture.folder, never);
    expect(evidence).toMatchObject({
      inspectedAt: 1_700_000_000_000,
      isRepository: true,
      revision: (await fixture.git("rev-parse", "HEAD")).trim(),
      branch: "main",
      uncommittedFiles: 0,
      trackedFiles: 8,
      languages: [{ name: "JavaScript", files: 2 }],
      manifests: [{ path: "package.json", ecosystem: "npm", dependencies: 2 }],
      lockfiles: ["package-lock.json"],
      history: {
        commits: 3,
        authors: 1,
        firstCommitAt: Date.UTC(2024, 0, 2, 3, 0),
        lastCommitAt: Date.UTC(2024, 0, 2, 3, 2),
        shallow: false,
      },
      ruleFiles: [{ path: "AGENTS.md", text: "Keep functions short.\n" }],
      testCommand: { argv: ["npm", "test"], source: "package.json scripts.test" },
      markdownFiles: 3,
      gaps: [],
    });
    expect(evidence.trackedBytes).toBeGreaterThan(500);
  });

  it("counts what is not committed, and reads the commit all the same", async () => {
    const { fixture, workspace } = await setUp(nodeRepository());
    await fixture.write("package.json", "{}");
    await fixture.write("new.txt", "");
    await fixture.write("ignored.log", "");
    await rm(join(fixture.folder, "README.md"));
    const evidence = await workspace.inspect(fixture.folder, never);
    expect(evidence).toMatchObject({ uncommittedFiles: 3, trackedFiles: 8, manifests: [{ dependencies: 2 }] });
  });

  it("reads rules and capability indexes wherever they are", async () => {
    const { fixture, workspace } = await setUp(plainRepository());
    await fixture.write("packages/a/AGENTS.md", "nested");
    await fixture.write(".cursorrules", "old rules");
    await fixture.write(".cursor/rules/style.mdc", `${"é".repeat(9000)}\n\n${"é".repeat(9000)} unless`);
    await fixture.write(".claude/capability-index/index.json", "{}");
    await fixture.write("openclaw/capability-index/a.json", "[]");
    await fixture.commit("Rules");
    const { ruleFiles, capabilityMirrors, gaps } = await workspace.inspect(fixture.folder, never);
    expect(ruleFiles.map(({ path }) => path)).toEqual([
      ".cursorrules",
      ".cursor/rules/style.mdc",
      "packages/a/AGENTS.md",
    ]);
    // Whole paragraphs: half a rule may say the contrary of the whole one.
    expect(ruleFiles[1]?.text).toBe(`${"é".repeat(9000)}\n\n`);
    expect(capabilityMirrors.map(({ path }) => path)).toEqual([
      ".claude/capability-index/index.json",
      "openclaw/capability-index/a.json",
    ]);
    expect(gaps).toMatchObject([{ key: "workspace.gap.rule_shortened" }]);
  });

  it("copes with every file name that git takes", async () => {
    const { fixture, workspace } = await setUp(plainRepository());
    for (const name of ["with space.js", "line\nend.js", 'quo"te.js', "umläut.js", "-dash.js", "tab\t.js"])
      await fixture.write(name, "1");
    const revision = await fixture.commit("Names");
    await fixture.write("new\nline and space.txt", "");
    const evidence = await workspace.inspect(fixture.folder, never);
    expect(evidence).toMatchObject({
      languages: [{ name: "JavaScript", files: 6 }, { name: "Shell" }],
      uncommittedFiles: 1,
    });
    const copy = await workspace.open(RUN, "lane", fixture.folder, revision, never);
    expect(await workspace.lines(copy, "line\nend.js")).toEqual(["1"]);
  });

  it("follows no link, and skips what others wrote", async () => {
    const { fixture, workspace } = await setUp(plainRepository());
    await symlink("/etc", join(fixture.folder, "etc"));
    await symlink("/etc/hostname", join(fixture.folder, "AGENTS.md"));
    await fixture.write("vendor/lib/package.json", "{}");
    await fixture.write("vendor/lib/a.rb", "");
    await fixture.commit("Links");
    const evidence = await workspace.inspect(fixture.folder, never);
    expect(evidence).toMatchObject({
      ruleFiles: [],
      manifests: [],
      languages: [{ name: "Shell", files: 1 }],
      trackedFiles: 7,
      gaps: [{ key: "workspace.gap.rule_link", params: { path: "AGENTS.md" } }],
    });
  });

  it("says that submodules are not part of it", async () => {
    const { fixture, workspace } = await setUp(plainRepository());
    const inner = await forThisTest(plainRepository());
    await fixture.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.folder, "inner");
    const revision = await fixture.commit("Submodule");
    const before = await workspace.inspect(fixture.folder, never);
    expect(before).toMatchObject({ uncommittedFiles: 0, trackedFiles: 4, gaps: [{ key: "workspace.gap.submodules" }] });
    await fixture.write("inner/notes.md", "changed");
    expect(await workspace.fingerprint(fixture.folder, never)).not.toBe(before.fingerprint);
    const copy = await workspace.open(RUN, "lane", fixture.folder, revision, never);
    expect(await readdir(join(copy.root, "inner"))).toEqual([]);
  });

  it("reads a shallow clone, and says so", async () => {
    const { fixture, workspace } = await setUp(emptyFolder());
    const whole = await forThisTest(nodeRepository());
    await fixture.git("clone", "--quiet", "--depth=1", `file://${whole.folder}`, ".");
    const evidence = await workspace.inspect(fixture.folder, never);
    expect(evidence).toMatchObject({
      history: { commits: 1, shallow: true },
      gaps: [{ key: "workspace.gap.shallow" }],
    });
    const copy = await workspace.open(RUN, "lane", fixture.folder, evidence.revision, never);
    expect(await workspace.lines(copy, "AGENTS.md")).toEqual(["Keep functions short."]);
  });

  it("names no branch where HEAD is detached", async () => {
    const { fixture, workspace } = await setUp(nodeRepository());
    await fixture.git("checkout", "--quiet", "HEAD~1");
    const evidence = await workspace.inspect(fixture.folder, never);
    expect(evidence).toMatchObject({ branch: null, trackedFiles: 5, history: { commits: 2 } });
  });

  it("reads the files of a repository without a commit, and copies them", async () => {
    const { fixture, workspace } = await setUp(repositoryWithoutCommit());
    await fixture.write(
      "go.mod",
      "module x\n\nrequire (\n\ta.b/c v1.0.0\n\ta.b/d v1.0.0 // indirect\n)\nrequire e.f/g v2.0.0\n",
    );
    const evidence = await workspace.inspect(fixture.folder, never);
    expect(evidence).toMatchObject({
      isRepository: true,
      revision: null,
      branch: "main",
      uncommittedFiles: 1,
      history: { commits: 0, firstCommitAt: null },
      manifests: [{ path: "go.mod", ecosystem: "go", dependencies: 3 }],
      testCommand: { argv: ["go", "test", "./..."] },
      gaps: [{ key: "workspace.gap.no_commit" }],
    });
    const copy = await workspace.open(RUN, "lane", fixture.folder, null, never);
    expect(await readdir(copy.root)).toEqual(["go.mod"]);
  });

  it("reads only the folder where that is a part of a repository", async () => {
    const { fixture, workspace } = await setUp(nodeRepository());
    await fixture.write("outside.txt", "not committed");
    const docs = join(fixture.folder, "docs");
    const evidence = await workspace.inspect(docs, never);
    expect(evidence).toMatchObject({
      root: docs,
      trackedFiles: 1,
      uncommittedFiles: 0,
      manifests: [],
      history: { commits: 1 },
      gaps: [{ key: "workspace.gap.sub_folder", params: { top: fixture.folder } }],
    });
    await fixture.write("outside.txt", "changed");
    expect(await workspace.fingerprint(docs, never)).toBe(evidence.fingerprint);
    const copy = await workspace.open(RUN, "lane", docs, evidence.revision, never);
    expect(await readdir(copy.root)).toEqual(["guide.md"]);
  });

  it("takes an ignored folder for what it is: no part of the repository", async () => {
    const { fixture, workspace } = await setUp(nodeRepository());
    await fixture.write("node_modules/dep/index.js", "");
    expect(await workspace.inspect(join(fixture.folder, "node_modules/dep"), never)).toMatchObject({
      isRepository: false,
      trackedFiles: 1,
    });
  });

  it("refuses a bare repository, and the inside of .git", async () => {
    const { fixture, workspace } = await setUp(emptyFolder());
    await fixture.git("init", "--quiet", "--bare", "bare.git");
    const refused = { name: "InputError", code: "workspace.not_a_work_tree" };
    await expect(workspace.inspect(join(fixture.folder, "bare.git"), never)).rejects.toMatchObject(refused);
    const other = await forThisTest(plainRepository());
    await expect(workspace.inspect(join(other.folder, ".git"), never)).rejects.toMatchObject(refused);
    expect(await workspace.isInsideGit(join(fixture.folder, "bare.git"))).toBe(true);
    expect(await workspace.isInsideGit(join(other.folder, ".git"))).toBe(true);
    expect(await workspace.isInsideGit(other.folder)).toBe(false);
    expect(await workspace.isInsideGit(fixture.folder)).toBe(false);
  });

  it("refuses a repository whose configuration points to another folder", async () => {
    const { fixture, workspace } = await setUp(plainRepository());
    await fixture.git("config", "core.worktree", (await forThisTest(emptyFolder())).folder);
    await expect(workspace.inspect(fixture.folder, never)).rejects.toMatchObject({ name: "InputError" });
  });
});

describe("evidence of a plain folder", () => {
  it("comes from its files", async () => {
    const { fixture, workspace } = await setUp(emptyFolder());
    await fixture.write("app.py", "");
    await fixture.write("requirements.txt", "# tools\n-r other.txt\nflask==3\nrequests\n");
    await fixture.write("node_modules/x/index.js", "");
    await fixture.write("Makefile", "all:\n\ntest: all\n\techo\n");
    const evidence = await workspace.inspect(fixture.folder, never);
    expect(evidence).toMatchObject({
      isRepository: false,
      revision: null,
      trackedFiles: 3,
      manifests: [{ ecosystem: "pypi", dependencies: 2 }],
      testCommand: { argv: ["make", "test"], source: "Makefile test" },
    });
    expect(evidence.languages.map(({ name }) => name)).toEqual(["Makefile", "Python"]);
  });

  it("an empty one is a workspace too", async () => {
    const { fixture, workspace } = await setUp(emptyFolder());
    const evidence = await workspace.inspect(fixture.folder, never);
    expect(evidence).toMatchObject({ trackedFiles: 0, languages: [], testCommand: null });
    expect(await readdir((await workspace.open(RUN, "lane", fixture.folder, null, never)).root)).toEqual([]);
  });

  it("is copied without links that lead out of it", async () => {
    const { fixture, workspace } = await setUp(emptyFolder());
    await fixture.write("sub/a.txt", "a");
    await symlink("/etc/passwd", join(fixture.folder, "absolute"));
    await symlink("../..", join(fixture.folder, "sub/up"));
    await symlink("sub/a.txt", join(fixture.folder, "inside"));
    const { root } = await workspace.open(RUN, "lane", fixture.folder, null, never);
    expect(await readdir(root, { recursive: true })).toEqual(expect.arrayContaining(["inside", "sub", "sub/a.txt"]));
    expect([existsSync(join(root, "absolute")), existsSync(join(root, "sub/up"))]).toEqual([false, false]);
  });
});

describe("the workspace itself", () => {
  it("stays as it is, byte for byte, while it is inspected, copied and closed", async () => {
    const { fixture, workspace } = await setUp(nodeRepository());
    await fixture.write("src/sum.js", "changed\n");
    await fixture.write("staged.txt", "staged\n");
    await fixture.git("add", "staged.txt");
    await fixture.write("new file.txt", "new\n");
    await fixture.write("big.bin", Buffer.alloc(8_000_000, 7));
    // Touched without a change: git would like to note that in its index.
    await utimes(join(fixture.folder, "AGENTS.md"), 1, 1);
    const before = await everyByte(fixture.folder);
    const { revision } = await workspace.inspect(fixture.folder, never);
    const copy = await workspace.open(RUN, "lane", fixture.folder, revision, never);
    expect(existsSync(join(copy.root, "staged.txt"))).toBe(false);
    await workspace.close(RUN);
    expect(await everyByte(fixture.folder)).toEqual(before);
  });

  it("starts none of the programs that its configuration names", async () => {
    const { fixture, workspace } = await setUp(plainRepository());
    const trap = join((await forThisTest(emptyFolder())).folder, "sprung");
    const program = `touch '${trap}'; cat`;
    for (const hook of ["post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"]) {
      await fixture.write(`.git/hooks/${hook}`, `#!/bin/sh\n${program}\n`);
      await chmod(join(fixture.folder, ".git/hooks", hook), 0o755);
    }
    await fixture.write(".gitattributes", "*.md filter=evil diff=evil\n*.sh filter=a=b\n");
    const revision = await fixture.commit("Traps");
    await fixture.git("config", "core.fsmonitor", join(fixture.folder, ".git/hooks/fsmonitor-watchman"));
    await fixture.git("config", "core.hooksPath", join(fixture.folder, ".git/hooks"));
    for (const name of ["evil", "a=b"]) {
      for (const verb of ["clean", "smudge", "process"]) await fixture.git("config", `filter.${name}.${verb}`, program);
    }
    for (const setting of ["diff.evil.textconv", "diff.external", "core.pager", "core.sshCommand", "gpg.program"]) {
      await fixture.git("config", setting, program);
    }
    await fixture.git("config", "log.showSignature", "true");
    await rm(trap, { force: true });
    await fixture.write("notes.md", "Nothing yet!\n");
    await fixture.write("bin/run.sh", "#!/bin/sh\necho PLAIN\n");

    const evidence = await workspace.inspect(fixture.folder, never);
    expect(evidence.uncommittedFiles).toBe(2);
    const copy = await workspace.open(RUN, "lane", fixture.folder, revision, never);
    expect(await workspace.lines(copy, "notes.md")).toEqual(["Nothing yet."]);
    expect(existsSync(trap)).toBe(false);
  });

  it("cannot be reached from its copy by a push", async () => {
    const { fixture, workspace } = await setUp(plainRepository());
    const { revision } = await workspace.inspect(fixture.folder, never);
    const { root } = await workspace.open(RUN, "lane", fixture.folder, revision, never);
    expect(await fixture.git("-C", root, "remote")).toBe("");
    expect((await fixture.git("-C", root, "status", "--porcelain")).trim()).toBe("");
    expect((await fixture.git("-C", root, "rev-parse", "HEAD")).trim()).toBe(revision);
  });

  it("is opened at the commit that was inspected, whatever was committed since", async () => {
    const { fixture, workspace } = await setUp(plainRepository());
    const { revision } = await workspace.inspect(fixture.folder, never);
    await fixture.write("README.md", "later\n");
    await fixture.git("add", "--all");
    await fixture.git("commit", "--quiet", "--amend", "--message", "Other");
    const copy = await workspace.open(RUN, "lane", fixture.folder, revision, never);
    expect((await workspace.lines(copy, "README.md"))?.[0]).toBe("# Plain");
  });

  it("says that a commit is gone", async () => {
    const { fixture, workspace } = await setUp(plainRepository());
    await expect(workspace.open(RUN, "lane", fixture.folder, "0".repeat(40), never)).rejects.toMatchObject({
      code: "workspace.revision_missing",
    });
  });

  it("is copied anew where a killed bot left half a copy", async () => {
    const { fixture } = await setUp(plainRepository());
    const root = await forThisTest(emptyFolder());
    await root.write(`${RUN}/.partial-1/README.md`, "half");
    const copy = await create(root.folder).open(RUN, "lane", fixture.folder, null, never);
    expect(await readFile(join(copy.root, "README.md"), "utf8")).toContain("# Plain");
    await create(root.folder).close(RUN);
    expect(await readdir(root.folder)).toEqual([]);
  });
});

describe("the fingerprint", () => {
  it("stays when git tidies up, as it does by itself in the background", async () => {
    const { fixture, workspace } = await setUp(nodeRepository());
    const before = await workspace.fingerprint(fixture.folder, never);
    await fixture.git("gc", "--quiet");
    expect(existsSync(join(fixture.folder, ".git/info/refs"))).toBe(true);
    expect(await workspace.fingerprint(fixture.folder, never)).toBe(before);
  });

  const changes: [string, (fixture: FolderFixture) => Promise<unknown>][] = [
    ["an edited file", (it) => it.write("src/sum.js", "export const sum = (a, b) => a - b;\n")],
    ["a file that was edited before, and again", (it) => it.write("README.md", "draft 2")],
    ["a new file", (it) => it.write("new.txt", "")],
    ["a removed file", (it) => rm(join(it.folder, "docs/guide.md"))],
    ["a staged file", (it) => it.git("add", "README.md")],
    ["a new branch", (it) => it.git("branch", "new")],
    ["a new commit", (it) => it.git("commit", "--quiet", "--allow-empty", "--message", "Empty")],
    ["another branch", (it) => it.git("checkout", "--quiet", "-b", "other")],
    ["permissions", (it) => chmod(join(it.folder, "src/sum.js"), 0o755)],
    ["an ignored file", (it) => it.write("debug.log", "")],
    ["a hook", (it) => it.write(".git/hooks/pre-commit", "#!/bin/sh\n")],
    ["the repository's configuration", (it) => it.git("config", "user.name", "Else")],
    ["a file that git was told not to compare", async (it) => it.write("AGENTS.md", "changed")],
  ];
  it("is another one after each change, and the same without one", async () => {
    const { fixture, workspace } = await setUp(nodeRepository());
    await fixture.write("README.md", "draft 1");
    await fixture.git("update-index", "--assume-unchanged", "AGENTS.md");
    const seen = new Map([[await workspace.fingerprint(fixture.folder, never), "nothing"]]);
    for (const [what, change] of changes) {
      await change(fixture);
      const fingerprint = await workspace.fingerprint(fixture.folder, never);
      // The name of the change stands in the message of a failure.
      expect({ what, sameAs: seen.get(fingerprint) }).toEqual({ what, sameAs: undefined });
      seen.set(fingerprint, what);
    }
    expect(seen.has(await workspace.fingerprint(fixture.folder, never))).toBe(true);
  });

  it("does not change with the bot's own state", async () => {
    const { fixture } = await setUp(nodeRepository());
    const own = join(fixture.folder, "state");
    const workspace = createGitWorkspace({ root: join(own, "copies"), clock, log, ownFolders: [own] });
    await fixture.write("state/a.json", "1");
    const { fingerprint, revision, uncommittedFiles } = await workspace.inspect(fixture.folder, never);
    expect(uncommittedFiles).toBe(0);
    await workspace.open(RUN, "lane", fixture.folder, revision, never);
    await fixture.write("state/b.json", "2");
    await fixture.write(".meta-kim/state/default/x.json", "3");
    expect(await workspace.fingerprint(fixture.folder, never)).toBe(fingerprint);
  });

  it("of a plain folder changes with its files", async () => {
    const { fixture, workspace } = await setUp(emptyFolder());
    await fixture.write("a/b.txt", "1");
    const before = await workspace.fingerprint(fixture.folder, never);
    await fixture.write("a/b.txt", "2");
    expect(await workspace.fingerprint(fixture.folder, never)).not.toBe(before);
    await fixture.write("a/b.txt", "1");
    expect(await workspace.fingerprint(fixture.folder, never)).toBe(before);
  });
});
